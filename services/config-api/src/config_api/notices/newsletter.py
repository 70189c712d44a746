"""The newsletter: for who asked for it, and with one click not any more (RFC 8058)."""

from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.crypto import MasterKeys
from config_api.notices.schemas import NewsletterCreate
from config_api.notices.service import notify
from config_api.problems import Invalid

ACCOUNT = "account_id"


def unsubscribe_token(account_id: str, master_keys: MasterKeys) -> str:
    """Fit for a URL. Whoever has it may unsubscribe that person, and nothing else."""
    return f"{account_id}.{master_keys.sign(_message(account_id))}"


async def unsubscribe(session: AsyncSession, token: str, master_keys: MasterKeys) -> None:
    """Also where nobody is subscribed any more. Raises Invalid (`link_not_valid`) for a token that is none of ours."""
    account_id, _, signature = token.partition(".")
    if not master_keys.signed(_message(account_id), signature):
        raise Invalid("link_not_valid")
    await session.exec(update(Account).where(col(Account.id) == UUID(account_id)).values(newsletter_since=None))


async def publish(session: AsyncSession, data: NewsletterCreate, master_keys: MasterKeys) -> int:
    """To everybody who wants it, in their language; how many those are."""
    wanted = col(Account.newsletter_since).is_not(None), col(Account.confirmed_at).is_not(None), col(Account.active)
    query = select(Account.id, Account.email, Account.language).where(*wanted, col(Account.restricted_at).is_(None))
    readers = (await session.exec(query)).all()
    for account_id, email, language in readers:
        letter = data.en if language == "en" else data.de
        values = {"subject": letter.subject, "text": letter.text, ACCOUNT: str(account_id)}
        await notify(session, master_keys, "newsletter", email or "", language=language, values=values)
    return len(readers)


def _message(account_id: str) -> str:
    return f"newsletter/{account_id}"
