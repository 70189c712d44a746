"""What the model is asked, what that takes and costs."""

from deploy.observability.panels import a_dashboard, number, panel, percentiles, rate

EXTRACTIVE = 'source="extractive"'

MODEL = a_dashboard(
    "model",
    "Model: calls, tokens, cost",
    "Whether the model answers, how fast, and what it costs.",
    [
        (
            "Calls",
            [
                panel(
                    "Calls",
                    "ops",
                    "Calls of the model by what came of them; a retry is a call of its own.",
                    (rate("kinamik_model_calls_total", "result"), "{{result}}"),
                ),
                panel(
                    "Time of a call",
                    "s",
                    "How long one call takes, however it ends.",
                    *percentiles("kinamik_model_call_seconds"),
                ),
                panel(
                    "Time of a draft",
                    "s",
                    "How long the drafter works on a mail with all calls and retries.",
                    *percentiles("kinamik_event_seconds", where='group="drafter"'),
                ),
            ],
        ),
        (
            "Tokens and cost",
            [
                panel(
                    "Tokens",
                    "short",
                    "Tokens per second that the model read (in) and wrote (out), the playground's among them.",
                    (rate("kinamik_tokens_total", "direction"), "{{direction}}"),
                ),
                panel(
                    "Cost per hour",
                    "currencyEUR",
                    "What models cost for messages that have settled, by the prices in config-api's settings.",
                    ("sum by (model) (rate(kinamik_model_cost_euros_total[$__rate_interval])) * 3600", "{{model}}"),
                ),
                number(
                    "Cost in the time shown",
                    "currencyEUR",
                    "What models have cost in the time shown.",
                    "sum(increase(kinamik_model_cost_euros_total[$__range]))",
                ),
                panel(
                    "Tokens without a price",
                    "short",
                    "Tokens per second of models that config-api's settings name no price for.",
                    (rate("kinamik_unpriced_tokens_total"), "without a price"),
                ),
            ],
        ),
        (
            "Answers",
            [
                panel(
                    "Taken out by the guard",
                    "ops",
                    "Facts per second that the model wrote and nobody gave, by kind.",
                    (rate("kinamik_guard_removed_total", "kind"), "{{kind}}"),
                ),
                panel(
                    "Written without the model",
                    "percentunit",
                    "Share of the drafts that came from the knowledge alone: all of them where no model is set.",
                    (
                        f"{rate('kinamik_proposals_total', where=EXTRACTIVE)} / {rate('kinamik_proposals_total')}",
                        "without the model",
                    ),
                ),
            ],
        ),
    ],
)
