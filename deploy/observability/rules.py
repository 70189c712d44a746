"""How a rule is written down, and the objective that 99 of 100 drafts come within a minute."""

from typing import Any

Rule = dict[str, Any]

# Where the pages are. Whoever has them under an address of their own puts that in front.
RUNBOOKS = "docs/runbooks"
ALLOWED_LATE = 0.01
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
# One late draft of five is no reason to wake anybody.
AT_LEAST_LATE = 3

DRAFTS = "kinamik_arrival_to_draft_seconds_count"
IN_TIME = 'kinamik_arrival_to_draft_seconds_bucket{le="60.0"}'


def alert(
    name: str,
    severity: str,
    summary: str,
    expression: str,
    *,
    lasts: str = "0m",
) -> Rule:
    """`severity`: `critical` wakes somebody, `warning` waits for the morning. `lasts`: for how long it must be so."""
    return {
        "alert": name,
        "expr": expression,
        "for": lasts,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "runbook_url": f"{RUNBOOKS}/{name}.md"},
    }


def late_shares() -> list[Rule]:
    """The share of late drafts in each window, recorded, since several alerts and people ask for it."""
    return [
        {
            "record": f"kinamik:late_drafts:share_{window}",
            "expr": f"1 - sum(rate({IN_TIME}[{window}])) / sum(rate({DRAFTS}[{window}]))",
        }
        for window in WINDOWS
    ]


def burning(factor: float, long: str, short: str) -> str:
    """The allowance is used up `factor` times too fast, over a long time and still now.

    Google's Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts".
    """
    limit = f"{factor * ALLOWED_LATE:g}"
    late = f"sum(increase({DRAFTS}[{long}])) - sum(increase({IN_TIME}[{long}]))"
    shares = " and ".join(f"kinamik:late_drafts:share_{window} > {limit}" for window in (long, short))
    return f"({shares} and ({late}) >= {AT_LEAST_LATE})"
