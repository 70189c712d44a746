"""People: their accounts, and what proves that it is them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class Account(Base, table=True):
    """A person who may log in. `password_hash` is Argon2id's own format, `totp_secret` is sealed (see crypto).

    Without `email` it only keeps its user name taken: the address belonged to another account already, which nobody
    may learn from the answer. Such an account goes like every other that is not confirmed.
    """

    __table_args__ = (
        Index("account_email", text("lower(email)"), unique=True),
        Index("account_user_name", text("lower(user_name)"), unique=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    updated_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    email: str | None
    user_name: str
    password_hash: str
    first_name: str = ""
    last_name: str = ""
    language: str = "de"
    terms_version: str
    terms_accepted_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    confirmed_at: datetime | None = Field(default=None, sa_type=Timestamp)
    operator: bool = False
    active: bool = True
    restricted_at: datetime | None = Field(default=None, sa_type=Timestamp)
    newsletter_since: datetime | None = Field(default=None, sa_type=Timestamp)
    totp_secret: str | None = None
    totp_confirmed_at: datetime | None = Field(default=None, sa_type=Timestamp)
    totp_last_step: int | None = None
    lock_told_at: datetime | None = Field(default=None, sa_type=Timestamp)

    @property
    def newsletter(self) -> bool:
        return self.newsletter_since is not None

    @property
    def second_factor(self) -> bool:
        return self.totp_confirmed_at is not None


def _of_account() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE")


class LoginSession(Base, table=True):
    """A browser that has logged in; gone when it is revoked."""

    __table_args__ = (_of_account(), Index("login_session_account", "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID
    token_digest: bytes = Field(unique=True)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    last_used_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
    user_agent: str = ""


class RecoveryCode(Base, table=True):
    """Stands in once for the second factor."""

    __table_args__ = (_of_account(),)

    account_id: UUID = Field(primary_key=True)
    code_digest: bytes = Field(primary_key=True)


class Ticket(Base, table=True):
    """A link in a mail: what it is for, and until when. `email` is the new address where that is to be confirmed."""

    __table_args__ = (_of_account(), Index("ticket_account", "account_id"))

    token_digest: bytes = Field(primary_key=True)
    account_id: UUID
    purpose: str
    email: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
