"""Opening a mailbox, whoever its provider is. What a provider needs is loaded with its first mailbox."""

from uuid import UUID

from shared.config import GmailAccount, GraphAccount, ImapAccount, Mailbox
from shared.mailbox.imap import open_draft_store, open_watch
from shared.mailbox.protocol import DraftStore, Watch
from shared.mailbox.push import Push
from shared.mailbox.tokens import AccessTokens, Ask, HeldTokens
from shared.settings import ServiceSettings


class Opener:
    """`ask` is for the access tokens of mailboxes that are opened by OAuth."""

    def __init__(self, settings: ServiceSettings, ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._tokens: dict[UUID, tuple[int, HeldTokens]] = {}

    async def watch(
        self, mailbox: Mailbox, push: Push, *, poll_seconds: float, gmail_topic: str = "", push_url: str = ""
    ) -> Watch:
        """See `shared.mailbox.protocol.Watch` for what it raises, and `ingest.pushes` for the rest."""
        match mailbox.account:
            case ImapAccount() as account:
                return await open_watch(account, mailbox.folder, private_hosts=self._settings.private_hosts)
            case GmailAccount() as account:
                from shared.mailbox import gmail

                return await gmail.open_watch(
                    account,
                    mailbox.folder,
                    tokens=self._tokens_of(mailbox),
                    url=self._settings.google_api_url,
                    push=push,
                    poll_seconds=poll_seconds,
                    topic=gmail_topic,
                )
            case GraphAccount() as account:
                from shared.mailbox import graph

                return await graph.open_watch(
                    account,
                    mailbox.folder,
                    tokens=self._tokens_of(mailbox),
                    url=self._settings.graph_url,
                    push=push,
                    poll_seconds=poll_seconds,
                    subscription=push.subscription(mailbox.id, push_url, self._settings.service_token),
                )

    async def drafts(self, mailbox: Mailbox) -> DraftStore:
        """See `shared.mailbox.protocol.DraftStore` for what it raises."""
        match mailbox.account:
            case ImapAccount() as account:
                private_hosts = self._settings.private_hosts
                return await open_draft_store(account, mailbox.drafts_folder, private_hosts=private_hosts)
            case GmailAccount() as account:
                from shared.mailbox import gmail

                tokens, url = self._tokens_of(mailbox), self._settings.google_api_url
                return await gmail.open_draft_store(account, tokens=tokens, url=url)
            case GraphAccount() as account:
                from shared.mailbox import graph

                tokens, url = self._tokens_of(mailbox), self._settings.graph_url
                return await graph.open_draft_store(account, tokens=tokens, url=url)

    def _tokens_of(self, mailbox: Mailbox) -> AccessTokens:
        """The same for all of a mailbox's connections; new ones once it was connected anew."""
        revision, tokens = self._tokens.get(mailbox.id, (-1, None))
        if tokens is None or revision != mailbox.revision:
            tokens = HeldTokens(mailbox.id, self._ask)
            self._tokens[mailbox.id] = mailbox.revision, tokens
        return tokens
