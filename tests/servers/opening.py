"""The mailbox adapters as they run in one's own house: tests' servers are on loopback."""

from functools import partial

from shared.mailbox import imap

open_watch = partial(imap.open_watch, private_hosts=True)
open_draft_store = partial(imap.open_draft_store, private_hosts=True)
