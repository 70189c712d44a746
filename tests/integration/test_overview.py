"""The overview: what it counts, of whom, and from when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from config_api.activity.recorder import ActivityRecorder
from config_api.models import now
from config_api.usage.statements import HOME
from shared.bus.delivery import settled as settle
from shared.events import Draft, DraftProposed, MessageSettled, Outcome, Usage
from shared.mail import Mail
from tests.servers.config_api import ConfigApiServer, Resource

PRICES = {"klein": {"tokens_in": "1", "tokens_out": "2"}}


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return {"model_prices": PRICES}


@pytest.fixture
async def anna(api: ConfigApiServer) -> Resource:
    return await api.an_assistant()


@pytest.fixture
async def mailbox(anna: Resource) -> str:
    return (await anna.mailbox())["id"]


async def record(anna: Resource, mailbox: str, *, seconds: float = 1, **values: Any) -> None:
    """A message that settles now, unless `occurred_at` says otherwise, so many seconds after it arrived."""
    at = values.pop("occurred_at", now())
    event = MessageSettled.model_validate(
        {
            "organisation_id": anna.organisation_id,
            "assistant_id": anna.id,
            "mailbox_id": mailbox,
            "message_id": uuid4(),
            "outcome": Outcome.DRAFTED,
            "received_at": at - timedelta(seconds=seconds),
            "occurred_at": at,
        }
        | values
    )
    database = anna.api.service.database
    await ActivityRecorder(database, anna.api.service.master_keys).on_message_settled(event)


async def overview(anna: Resource, **query: Any) -> Any:
    response = await anna.api.http.get(f"{anna.organisation}/overview", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def test_where_nothing_happened_every_day_is_there(anna: Resource) -> None:
    empty = await overview(anna, days=7)
    today = now().astimezone(HOME).date()
    assert [day["day"] for day in empty["days"]] == [str(today - timedelta(days=n)) for n in range(6, -1, -1)]
    assert (empty["first"], empty["last"]) == (str(today - timedelta(days=6)), str(today))
    assert empty["reasons"] == []
    assert empty["seconds_to_draft"] == {"count": 0, "p50": None, "p95": None}
    assert empty["knowledge"] == {
        **dict.fromkeys(("entries", "unused", "expiring", "expired"), 0),
        **{name: [] for name in ("most_used", "never_used", "ends_soon")},
    }
    assert len((await overview(anna))["days"]) == 30


async def test_what_became_of_mail_and_why(anna: Resource, mailbox: str) -> None:
    usage = Usage(model="klein", tokens_in=1000, tokens_out=500, duration_ms=700)
    entry = (await anna.entry("Wann gibt es Frühstück?"))["id"]
    await record(anna, mailbox, usage=usage, knowledge_ids=[entry])
    await record(anna, mailbox, usage=usage, open_points=2, needs_human=True, knowledge_ids=[entry])
    await record(anna, mailbox, open_points=1)
    for reason in ("newsletter", "newsletter", "bounce"):
        await record(anna, mailbox, outcome=Outcome.SKIPPED, reason=reason)
    await record(anna, mailbox, outcome=Outcome.FAILED, reason="gave_up")
    seen = await overview(anna)
    today = seen["days"][-1]
    counts = ("drafted", "skipped", "failed", "tokens_in", "tokens_out", "with_open_points", "open_points")
    assert [today[name] for name in counts] == [3, 3, 1, 2000, 1000, 2, 3]
    assert float(today["cost"]) == 0.004
    assert (seen["total"]["drafted"], seen["total"]["duration_ms"]) == (3, 1400)
    sums = ("with_open_points", "open_points", "without_knowledge", "needs_human")
    assert [seen[name] for name in sums] == [2, 3, 1, 1]
    assert seen["reasons"] == [
        {"outcome": "skipped", "reason": "newsletter", "count": 2},
        {"outcome": "skipped", "reason": "bounce", "count": 1},
        {"outcome": "failed", "reason": "gave_up", "count": 1},
    ]


async def test_the_time_to_a_draft_is_that_of_mail_that_came_since(anna: Resource, mailbox: str) -> None:
    later = now() + timedelta(hours=1)
    for n in range(1, 101):
        await record(anna, mailbox, seconds=n, occurred_at=later)
    await record(anna, mailbox, seconds=5 * 24 * 3600, occurred_at=later)  # older than the mailbox is here
    await record(anna, mailbox, seconds=500, occurred_at=later, outcome=Outcome.SKIPPED, reason="newsletter")
    measured = (await overview(anna))["seconds_to_draft"]
    assert measured["count"] == 100
    assert measured["p50"] == pytest.approx(50.5, abs=0.1)
    assert measured["p95"] == pytest.approx(95.05, abs=0.1)


async def test_days_are_those_at_home_and_old_ones_are_left_out(anna: Resource, mailbox: str) -> None:
    midnight = now().astimezone(HOME).replace(hour=0, minute=0, second=0, microsecond=0)
    before, after = midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)
    await record(anna, mailbox, occurred_at=before.astimezone(UTC), open_points=1)
    await record(anna, mailbox, occurred_at=after.astimezone(UTC), open_points=1)
    two = await overview(anna, days=2)
    assert [(day["drafted"], day["open_points"]) for day in two["days"]] == [(1, 1), (1, 1)]
    one = await overview(anna, days=1)
    assert [(day["drafted"], day["open_points"]) for day in one["days"]] == [(1, 1)]
    assert one["open_points"] == 1


async def test_which_knowledge_is_used_and_which_ends(anna: Resource, mailbox: str) -> None:
    today = now().astimezone(HOME).date()
    days = {"Nie": None, "Oft": None, "Endet": today + timedelta(days=30), "Vorbei": today - timedelta(days=1)}
    made: dict[str, str] = {}
    for question, until in days.items():
        body = {"question": question, "answer": "Ja.", "valid_until": str(until) if until else None}
        made[question] = (await anna.api.add(f"{anna.path}/knowledge", **body))["id"]
    gone = (await anna.entry("Gelöscht"))["id"]
    for _ in range(2):
        await record(anna, mailbox, knowledge_ids=[made["Oft"], gone])
    await record(anna, mailbox, knowledge_ids=[made["Oft"]], outcome=Outcome.FAILED, reason="gave_up")
    await record(anna, mailbox, knowledge_ids=[made["Endet"]])
    long_ago = now() - timedelta(days=40)
    await record(anna, mailbox, knowledge_ids=[made["Nie"]], occurred_at=long_ago)
    assert (await anna.api.http.delete(f"{anna.path}/knowledge/{gone}")).status_code == 204
    knowledge = (await overview(anna))["knowledge"]
    assert [knowledge[name] for name in ("entries", "unused", "expiring", "expired")] == [4, 1, 1, 1]
    assert [(use["question"], use["uses"]) for use in knowledge["most_used"]] == [("Oft", 2), ("Endet", 1)]
    assert [use["question"] for use in knowledge["never_used"]] == ["Nie"]
    assert [use["question"] for use in knowledge["ends_soon"]] == ["Endet"]
    assert knowledge["most_used"][0]["last_used_at"] is not None


async def test_lists_are_short_and_counts_are_not(anna: Resource) -> None:
    questions = [{"question": f"Frage {n:02}", "answer": "Ja."} for n in range(25)]
    await anna.api.add(f"{anna.path}/knowledge/bulk", entries=questions)
    knowledge = (await overview(anna))["knowledge"]
    assert (knowledge["entries"], knowledge["unused"], len(knowledge["never_used"])) == (25, 25, 10)
    assert [use["question"] for use in knowledge["never_used"]][:2] == ["Frage 00", "Frage 01"]


async def test_one_assistants_and_nobody_elses(api: ConfigApiServer, anna: Resource, mailbox: str) -> None:
    berta = Resource(api, anna.organisation, (await api.add(f"{anna.organisation}/assistants", name="Berta"))["id"])
    stranger = await api.an_assistant("Pension Bergblick")
    await record(anna, mailbox)
    await record(berta, mailbox, outcome=Outcome.SKIPPED, reason="newsletter")
    await record(stranger, str(uuid4()), outcome=Outcome.SKIPPED, reason="spam")
    await berta.entry("Nur bei Berta")
    await stranger.entry("Woanders")
    mine = await overview(anna, assistant_id=anna.id)
    assert (mine["total"]["drafted"], mine["total"]["skipped"], mine["reasons"]) == (1, 0, [])
    assert mine["knowledge"]["entries"] == 0
    all_of = await overview(anna)
    assert [each["reason"] for each in all_of["reasons"]] == ["newsletter"]
    assert [use["question"] for use in all_of["knowledge"]["never_used"]] == ["Nur bei Berta"]
    for assistant in (stranger.id, uuid4()):
        response = await api.http.get(f"{anna.organisation}/overview", params={"assistant_id": str(assistant)})
        assert (response.status_code, response.json()["reason"]) == (404, "assistant_unknown")


@pytest.mark.parametrize("days", [0, 367, "x"])
async def test_the_time_is_bounded(anna: Resource, days: Any) -> None:
    response = await anna.api.http.get(f"{anna.organisation}/overview", params={"days": days})
    assert response.status_code == 422


def test_open_points_are_counted_and_their_words_are_not_told() -> None:
    proposed = DraftProposed(
        **dict.fromkeys(("organisation_id", "mailbox_id", "assistant_id", "message_id"), UUID(int=1)),
        received_at=datetime(2026, 3, 3, tzinfo=UTC),
        mail=Mail(),
        draft=Draft(body="Guten Tag", open_questions=("Haben Sie Drehgenehmigungen?", "Was kostet das?")),
    )
    event = settle(proposed, Outcome.DRAFTED)
    assert event.open_points == 2
    assert "Drehgenehmigungen" not in event.model_dump_json()
