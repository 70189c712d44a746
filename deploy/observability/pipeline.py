"""From a mail's arrival to its draft."""

from deploy.observability.panels import a_dashboard, number, panel, percentiles, quantile, rate

LATE = (
    '1 - sum(increase(kinamik_arrival_to_draft_seconds_bucket{le="60.0"}[$__range]))'
    " / sum(increase(kinamik_arrival_to_draft_seconds_count[$__range]))"
)
STAGE = "{{group}} {{topic}}"
HANDLERS = 'topic=~"message-received.v1|draft-proposed.v1|message-settled.v1"'

PIPELINE = a_dashboard(
    "pipeline",
    "From arrival to draft",
    "Whether every mail gets its end, and how soon.",
    [
        (
            "Objectives",
            [
                number(
                    "Drafts later than 60 s",
                    "percentunit",
                    "Share of the drafts that came later than a minute after their mail; 1 % is allowed.",
                    LATE,
                ),
                number(
                    "Messages late",
                    "short",
                    "Messages that have no end a quarter of an hour after they arrived; none should be.",
                    "sum(kinamik_messages_overdue)",
                ),
                number(
                    "Messages in work",
                    "short",
                    "Messages that are known and have no end yet.",
                    "sum(kinamik_messages_pending)",
                ),
            ],
        ),
        (
            "Outcomes",
            [
                panel(
                    "Messages settled",
                    "ops",
                    "How messages ended, per second.",
                    (rate("kinamik_messages_settled_total", "outcome"), "{{outcome}}"),
                ),
                panel(
                    "Why there is no draft",
                    "ops",
                    "Reasons of messages that were skipped or failed, per second.",
                    (
                        rate("kinamik_messages_settled_total", "outcome", "reason", where='outcome!="drafted"'),
                        "{{outcome}}: {{reason}}",
                    ),
                ),
                panel(
                    "What the gate says",
                    "ops",
                    "Messages that were read, by the reason for which they need no answer, or wanted.",
                    (rate("kinamik_messages_judged_total", "verdict"), "{{verdict}}"),
                ),
            ],
        ),
        (
            "Time",
            [
                panel(
                    "Arrival to draft",
                    "s",
                    "From the moment the mail server received a mail to the saved draft.",
                    *percentiles("kinamik_arrival_to_draft_seconds"),
                ),
                panel(
                    "Arrival to hand-on",
                    "s",
                    "From arrival to the event on the bus: what the mailbox, its provider and ingest take.",
                    *percentiles("kinamik_arrival_to_handed_on_seconds"),
                ),
                panel(
                    "Arrival to the end",
                    "s",
                    "From arrival to the message's end, 95 of 100, by what the end was.",
                    (quantile(0.95, "kinamik_arrival_to_settled_seconds", "outcome"), "{{outcome}}"),
                ),
            ],
        ),
        (
            "Stages",
            [
                panel(
                    "Waiting on the bus",
                    "s",
                    "From an event's making to the beginning of its handler, 95 of 100, by stage.",
                    (
                        quantile(0.95, "kinamik_event_wait_seconds", "group", "topic", where=HANDLERS),
                        STAGE,
                    ),
                ),
                panel(
                    "In the handler",
                    "s",
                    "How long a stage works on an event with all its retries, 95 of 100.",
                    (quantile(0.95, "kinamik_event_seconds", "group", "topic", where=HANDLERS), STAGE),
                ),
                panel(
                    "In work now",
                    "short",
                    "Events that are in a handler, by stage.",
                    (f"sum by (group, topic) (kinamik_events_in_flight{{{HANDLERS}}})", STAGE),
                ),
            ],
        ),
        (
            "Drafts",
            [
                panel(
                    "Drafts saved",
                    "ops",
                    "Drafts written, and drafts that were there already when their event came again.",
                    (rate("kinamik_drafts_saved_total", "existed"), "existed: {{existed}}"),
                ),
                panel(
                    "Proposals",
                    "ops",
                    "Drafts by who wrote them, and whether a person has to add something.",
                    (
                        rate("kinamik_proposals_total", "source", "needs_human"),
                        "{{source}}, person: {{needs_human}}",
                    ),
                ),
                panel(
                    "Ledger forgotten",
                    "ops",
                    "Settled messages that the ledger has forgotten by their age.",
                    (rate("kinamik_ledger_forgotten_total"), "forgotten"),
                ),
            ],
        ),
    ],
)
