from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from config_api.messages.catalogue import Language

LegalName = Literal["imprint", "privacy", "terms"]


class LegalTexts(BaseModel):
    """In which languages the operator has set a text; none where it is not set."""

    text: LegalName
    languages: list[Language]


class LegalText(BaseModel):
    """`html` begins with headings of the second level, holds nothing that runs or loads, and may be shown as it is.

    `language` is the one it is in, which may be another than was asked for. Where the operator has set no text,
    `set_by_operator` is false and the text says so.
    """

    text: LegalName
    language: Language
    title: str
    html: str
    set_by_operator: bool


class DemoImap(BaseModel):
    host: str
    port: int
    security: Literal["none"] = "none"
    username: str


class DemoMailboxPublic(BaseModel):
    """A mailbox on this machine to try things on; its password is no secret."""

    address: str
    password: str
    imap: DemoImap
    smtp_host: str
    smtp_port: int


class Site(BaseModel):
    """What is known before anybody logs in. Prices are in EUR: a month, for each assistant, without VAT.

    `confirmation_by_mail`: whoever registers has to open a link that is mailed. `notices_by_mail`: whether any mail
    leaves here; without it nobody can reset a password.
    """

    product: str
    edition: Literal["hosted", "house"]
    registration: bool
    confirmation_by_mail: bool
    notices_by_mail: bool
    price_per_assistant: Decimal
    vat_percent: Decimal
    trial_days: int
    terms_version: str
    legal: list[LegalTexts]
    demo_mailbox: DemoMailboxPublic | None
