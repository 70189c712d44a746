from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from config_api.accounts.schemas import Code, Language, NewPassword, Password, PersonName, Token, UserName
from config_api.fields import NO_CONTROLS, Flag, MailAddress


class Terms(BaseModel):
    """The version of the terms that a registration has to accept."""

    version: str


class Registration(BaseModel):
    """`invitation` is the token of an invitation that was mailed to this very address."""

    email: MailAddress
    user_name: UserName
    password: NewPassword
    first_name: PersonName = ""
    last_name: PersonName = ""
    language: Language = "de"
    terms_version: Annotated[str, StringConstraints(max_length=40, pattern=NO_CONTROLS)]
    newsletter: Flag = False
    invitation: Token | None = None


class AddressOnly(BaseModel):
    email: MailAddress


class TokenOnly(BaseModel):
    token: Token


class Login(BaseModel):
    """`login` is an address or a user name; `code` one of the second factor, or a recovery code."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=320, pattern=NO_CONTROLS)]
    password: Password
    code: Code | None = None


class PasswordReset(BaseModel):
    token: Token
    password: NewPassword


class Accepted(BaseModel):
    """The same for everybody: whether the address is known is told to the address alone."""

    status: Literal["accepted"] = "accepted"
