"""A mailbox's settings, found from the address alone. Read `search`, then `lookups`, `autoconfig` and `providers`."""

from config_api.mailboxes.discovery.search import Discovery, Found, ImapSettings

__all__ = ["Discovery", "Found", "ImapSettings"]
