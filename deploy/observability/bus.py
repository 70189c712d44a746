"""Kafka: lag, dead letters, and what is driven once more."""

from deploy.observability.panels import a_dashboard, number, panel, quantile, rate

STAGE = "{{group}} {{topic}}"

BUS = a_dashboard(
    "bus",
    "Kafka: lag, dead letters, redrives",
    "Whether events are worked on as fast as they come, and which never are.",
    [
        (
            "Now",
            [
                number("Lag", "short", "Events on the bus that are not handled.", "sum(kinamik_consumer_lag_events)"),
                number(
                    "Dead letters in the time shown",
                    "short",
                    "Events that could not be worked on in the time shown.",
                    "sum(increase(kinamik_dead_letters_total[$__range]))",
                ),
            ],
        ),
        (
            "Flow",
            [
                panel(
                    "Lag",
                    "short",
                    "Events that a group has not handled, by topic; a line that climbs is one that falls behind.",
                    ("sum by (group, topic) (kinamik_consumer_lag_events)", STAGE),
                ),
                panel(
                    "Events handled",
                    "ops",
                    "Events per second that were worked on, by group and topic.",
                    (rate("kinamik_events_handled_total", "group", "topic"), STAGE),
                ),
                panel(
                    "Waiting",
                    "s",
                    "From an event's making to the beginning of its handler, 95 of 100.",
                    (quantile(0.95, "kinamik_event_wait_seconds", "group", "topic"), STAGE),
                ),
            ],
        ),
        (
            "What goes wrong",
            [
                panel(
                    "Dead letters",
                    "ops",
                    "Events per second that could not be worked on; the log has a line for each (dead_letter).",
                    (rate("kinamik_dead_letters_total", "group", "topic"), STAGE),
                ),
                panel(
                    "Ends other than well",
                    "ops",
                    "Deliveries per second by their result; gave_up means that the ledger brings the message back.",
                    (rate("kinamik_events_handled_total", "group", "result"), "{{group}} {{result}}"),
                ),
                panel(
                    "Redrives",
                    "ops",
                    "Mailboxes per second that were read again for messages that did not settle, by result.",
                    (rate("kinamik_redrives_total", "result"), "{{result}}"),
                ),
                panel(
                    "Messages handed on again",
                    "ops",
                    "Messages per second that were read from their mailbox once more because they did not settle.",
                    (rate("kinamik_messages_handed_on_total", where='time="again"'), "again"),
                ),
            ],
        ),
    ],
)
