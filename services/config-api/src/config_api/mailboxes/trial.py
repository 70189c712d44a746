"""Trying out a mailbox's settings, and saying what is wrong with them."""

from typing import Any
from uuid import UUID

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.mailboxes.advice import advice, note
from config_api.mailboxes.discovery import providers
from config_api.mailboxes.discovery.providers import Provider
from config_api.mailboxes.schemas import NewMailboxTest, Note, StoredMailboxTest, TestResult, TestStep
from config_api.mailboxes.service import imap_account
from config_api.messages.catalogue import Language
from config_api.models import Mailbox
from config_api.records import find
from shared.config import ImapAccount
from shared.mailbox.imap.check import Checked

INSTEAD_OF_A_PASSWORD = {"app_password": "app_password_required", "oauth2": "oauth_required"}

Settings = tuple[ImapAccount, str, str]
"""The account, the folder to be watched, and the owner's choice of a drafts folder."""


async def settings_of(
    data: NewMailboxTest | StoredMailboxTest, database: Database, organisation_id: UUID, master_keys: MasterKeys
) -> Settings:
    """Raises NotFound (`mailbox_unknown`), Invalid (`password_required`)."""
    if isinstance(data, NewMailboxTest):
        return ImapAccount.model_validate(data.imap.model_dump()), data.folder, data.drafts_folder
    async with database.tenant(organisation_id) as session:
        mailbox = await find(session, Mailbox, data.mailbox_id)
    sent: dict[str, Any] = data.model_dump(exclude_unset=True)
    account = imap_account(mailbox, sent.get("imap", {}), master_keys)
    return account, sent.get("folder", mailbox.folder), sent.get("drafts_folder", mailbox.drafts_folder)


def result_of(checked: Checked, account: ImapAccount, language: Language) -> TestResult:
    provider = providers.of_host(account.host)
    reason, ok = checked.reason, not checked.reason
    if reason == "credentials_refused" and provider is not None:
        reason = INSTEAD_OF_A_PASSWORD.get(provider.authentication, reason)
    works = "works" if checked.drafts_folder else "works_without_drafts_folder"
    words = advice(reason or works, language, checked.detail)
    return TestResult(
        ok=ok,
        steps=[TestStep(step=step, ok=ok or step != checked.at) for step in checked.steps],
        reason=reason,
        detail=checked.detail,
        notes=notes_of(provider, language) if not ok else [],
        messages=checked.messages,
        drafts_folder=checked.drafts_folder,
        **words.model_dump(),
    )


def notes_of(provider: Provider | None, language: Language) -> list[Note]:
    codes = provider.notes if provider else ()
    return [Note(code=code, text=note(code, language)) for code in codes]
