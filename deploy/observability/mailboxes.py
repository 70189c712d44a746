"""Mailboxes and the providers they are at."""

from deploy.observability.panels import a_dashboard, number, panel, rate

MAILBOXES = a_dashboard(
    "mailboxes",
    "Mailboxes and providers",
    "Whether all mailboxes are watched, and what providers refuse.",
    [
        (
            "Now",
            [
                number("Mailboxes", "short", "Mailboxes that are switched on.", "sum(kinamik_mailboxes)"),
                number(
                    "Silent",
                    "short",
                    "Mailboxes without proof of mail for a quarter of an hour, but those that stopped.",
                    "sum(kinamik_mailboxes_silent)",
                ),
                number(
                    "Stopped",
                    "short",
                    "Mailboxes whose provider refuses us; their owners have been told.",
                    'sum(kinamik_mailboxes{status="stopped"})',
                ),
            ],
        ),
        (
            "By provider",
            [
                panel(
                    "Mailboxes by how they are",
                    "short",
                    "Watched, tried again, stopped, or not tried yet, by provider.",
                    ("sum by (provider, status) (kinamik_mailboxes)", "{{provider}} {{status}}"),
                ),
                panel(
                    "Silent mailboxes",
                    "short",
                    "Mailboxes without proof of mail for a quarter of an hour, by provider.",
                    ("sum by (provider) (kinamik_mailboxes_silent)", "{{provider}}"),
                ),
                panel(
                    "Failures",
                    "ops",
                    "Mailboxes per second that had to be left alone: refused, by a passing fault, or for good.",
                    (rate("kinamik_mailbox_failures_total", "provider", "kind"), "{{provider}} {{kind}}"),
                ),
            ],
        ),
        (
            "Work",
            [
                panel(
                    "Connections by process",
                    "short",
                    "Mailboxes with a connection, in each ingest process: replicas should have about the same.",
                    ("sum by (instance) (kinamik_mailboxes_watched)", "{{instance}}"),
                ),
                panel(
                    "Messages handed on",
                    "ops",
                    "Messages that were read, for the first time or once more because they did not settle.",
                    (rate("kinamik_messages_handed_on_total", "time"), "{{time}}"),
                ),
            ],
        ),
    ],
)
