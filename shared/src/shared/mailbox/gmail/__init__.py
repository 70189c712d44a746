"""A mailbox over Gmail's REST API (https://developers.google.com/gmail/api/reference/rest): watching it, and saving
drafts to it.

Read in this order: `watch` and `drafts` say what is done, `looking` what is read for somebody who waits, `history`,
`listing` and `bodies` how mail is found and read, `subject` what Gmail wants of a reply, `api` and `errors` how Google
is spoken to. `pubsub` hears of changes where the operator has a Pub/Sub subscription.
"""

from shared.mailbox.gmail.drafts import GmailDraftStore, open_draft_store
from shared.mailbox.gmail.watch import GmailWatch, open_watch

__all__ = ["GmailDraftStore", "GmailWatch", "open_draft_store", "open_watch"]
