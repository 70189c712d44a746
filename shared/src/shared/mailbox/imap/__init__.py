"""A mailbox over IMAP (RFC 3501): watching it, and saving drafts to it.

Read in this order: `watch` and `drafts` say what is done, `reader`, `bodies` and `folders` how mail and folders are
read, `connection` and `login` how a server is spoken to, `wire`, `framing` and `responses` what the bytes mean,
`transport` what lies below.
"""

from shared.mailbox.imap.drafts import ImapDraftStore, open_draft_store
from shared.mailbox.imap.watch import ImapWatch, open_watch

__all__ = ["ImapDraftStore", "ImapWatch", "open_draft_store", "open_watch"]
