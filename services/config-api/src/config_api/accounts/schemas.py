from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from config_api.fields import NO_CONTROLS, Flag, MailAddress, unset

# No @, so that no user name is somebody's address.
UserName = Annotated[str, StringConstraints(min_length=3, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=NO_CONTROLS)]
Language = Literal["de", "en"]
Password = Annotated[SecretStr, Field(max_length=256)]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=256)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AccountPublic(BaseModel):
    """`email` is None nowhere but in the operator's list: see Account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: datetime
    email: str | None
    user_name: str
    first_name: str
    last_name: str
    language: Language
    terms_version: str
    terms_accepted_at: datetime
    newsletter: bool
    second_factor: bool
    operator: bool


class AccountUpdate(BaseModel):
    """What is left out stays as it is."""

    user_name: UserName = Field(default_factory=unset)
    first_name: PersonName = Field(default_factory=unset)
    last_name: PersonName = Field(default_factory=unset)
    language: Language = Field(default_factory=unset)
    newsletter: Flag = Field(default_factory=unset)


class PasswordChange(BaseModel):
    password: Password
    new_password: NewPassword


class PasswordOnly(BaseModel):
    password: Password


class EmailChange(BaseModel):
    email: MailAddress
    password: Password


class SessionPublic(BaseModel):
    """`current` is the one that asks."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str
    current: Flag = False


class SecondFactorOffer(BaseModel):
    """For an authenticator app: `uri` (otpauth) as a QR code, `secret` in base32 to be typed in."""

    secret: str
    uri: str


class CodeOnly(BaseModel):
    code: Code


class PasswordAndCode(BaseModel):
    password: Password
    code: Code


class RecoveryCodes(BaseModel):
    """Each stands in once for a code of the app. They are shown this once."""

    codes: list[str]
