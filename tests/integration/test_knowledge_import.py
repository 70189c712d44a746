"""Knowledge from files comes in no other way than a preview has shown."""

import asyncio
from uuid import uuid4

import pytest

from tests.knowledge_files import CSV, PARKING, entries, exported, faults, imported, many_rows, preview, send
from tests.servers.config_api import ConfigApiServer, Resource


async def test_rows_mean_entries_by_id_else_by_question_and_language(assistant: Resource) -> None:
    one, two = await assistant.entry(PARKING, "Ja."), await assistant.entry("Gibt es Hunde?", "Nein.")
    await assistant.api.change(f"{assistant.path}/knowledge/{two['id']}", tags=["Tiere"])
    rows = [
        ["id", "question", "answer", "language"],
        [one["id"], "Wo parke ich?", "Ja.", "de"],
        ["", "  gibt es  HUNDE? ", "Doch.", ""],
        ["", "Gibt es Hunde?", "No.", "en"],
        [str(uuid4()), "Neu?", "Ja.", "de"],
        ["mein Eintrag 5", "Auch neu?", "Ja.", "de"],
    ]
    data = "\n".join(";".join(row) for row in rows).encode()
    seen = await preview(assistant, data)
    assert [(each["action"], each["row"], each["entry_id"], each["fields"]) for each in seen["changes"][:2]] == [
        ("change", 2, one["id"], ["question"]),
        ("change", 3, two["id"], ["question", "answer"]),
    ]
    assert [(each["action"], each["row"], each["entry_id"]) for each in seen["changes"][2:]] == [
        ("add", 4, None),
        ("add", 5, None),
        ("add", 6, None),
    ]
    await imported(assistant, data)
    now = await entries(assistant)
    assert [entry["question"] for entry in now][2:] == ["Gibt es Hunde?", "Neu?", "Auch neu?"]
    assert now[1]["tags"] == ["Tiere"], "a column that is not there changes nothing"
    assert (await preview(assistant, data))["unchanged"] == 3 + 2


async def test_what_is_missing_is_removed_only_on_request(assistant: Resource) -> None:
    await assistant.entry(PARKING, "Ja.")
    await assistant.entry("Gibt es Hunde?", "Nein.")
    data = f"frage;antwort\n{PARKING};Ja.\n".encode()
    assert (await preview(assistant, data))["removed"] == 0
    seen = await preview(assistant, data, remove_missing="true")
    assert [(each["action"], each["before"]["question"]) for each in seen["changes"]] == [("remove", "Gibt es Hunde?")]
    await imported(assistant, data, remove_missing="true")
    assert [entry["question"] for entry in await entries(assistant)] == [PARKING]


async def test_an_import_is_undone_as_a_whole(assistant: Resource) -> None:
    await assistant.entry(PARKING, "Ja.")
    await assistant.entry("Gibt es Hunde?", "Nein.")
    before = await entries(assistant)
    done = await imported(assistant, f"frage;antwort\n{PARKING};Nein.\nNeu?;Ja.\n".encode(), remove_missing="true")
    assert (done["added"], done["changed"], done["removed"]) == (1, 1, 1)
    after = await entries(assistant)
    undo = f"{assistant.path}/knowledge/changes/{{}}/undo"
    response = await assistant.api.http.post(undo.format(done["change_set"]))
    assert response.status_code == 201
    assert await entries(assistant) == before
    assert (await assistant.api.http.post(undo.format(response.json()["id"]))).status_code == 201
    assert await entries(assistant) == after


async def test_faults_are_named_by_row_and_column_and_nothing_is_done(assistant: Resource) -> None:
    entry = await assistant.entry(PARKING, "Ja.")
    rows = [
        "id;frage;antwort;sprache;gültig ab;beispiele;schlagwörter",
        "\n;Ohne Antwort;;;;;",
        f";{'x' * 20_001};a;;;;",
        ";Sprache;a;Klingonisch;;;",
        ";Datum;a;;31.02.2026;;",
        f";Beispiel;a;;;{'x' * 501};",
        ";Schlagwörter;a;;;;" + ",".join(f"t{n}" for n in range(51)),
        ";doppelt;a;;;;",
        ";doppelt;a;;;;",
        f"{entry['id']};x;a;;;;",
        f"{entry['id']};y;a;;;;",
    ]
    data = "\n".join(rows).encode()
    assert await faults(assistant, data) == [
        (3, "answer", "required"),
        (4, "question", "too_long"),
        (5, "language", "language_not_valid"),
        (6, "valid_from", "date_not_valid"),
        (7, "examples", "too_long"),
        (8, "tags", "too_many"),
        (10, "question", "row_repeated"),
        (12, "id", "id_repeated"),
    ]
    response = await send(assistant, data, "", digest="0" * 64)
    assert (response.status_code, response.json()["reason"]) == (409, "import_outdated")
    assert len(await entries(assistant)) == 1
    path = f"{assistant.path}/knowledge/import/preview"
    for language, word in (("de-DE,de;q=0.9", "Zeile 9"), ("en-GB,en;q=0.9", "row 9")):
        response = await assistant.api.http.post(path, files={"file": data}, headers={"Accept-Language": language})
        assert word in response.json()["errors"][6]["detail"]


@pytest.mark.parametrize("since", ["another entry", "the same entry", "another file", "another choice", "nothing"])
async def test_only_what_was_shown_is_done(assistant: Resource, since: str) -> None:
    entry = await assistant.entry(PARKING, "Ja.")
    data = f"frage;antwort\n{PARKING};Nein.\n".encode()
    seen = await preview(assistant, data)
    form = {"digest": seen["digest"]}
    if since == "another entry":
        await assistant.entry("Gibt es Hunde?", "Nein.")
    elif since == "the same entry":
        await assistant.api.change(f"{assistant.path}/knowledge/{entry['id']}", answer="Vielleicht.")
    elif since == "another file":
        data = data.replace(b"Nein", b"Doch")
    elif since == "another choice":
        await assistant.entry("Gibt es Hunde?", "Nein.")
        form = {"digest": (await preview(assistant, data))["digest"], "remove_missing": "true"}
    before = await entries(assistant)
    response = await send(assistant, data, "", **form)
    if since == "nothing":
        assert response.status_code == 200
        again = await send(assistant, data, "", **form)
        assert again.json()["reason"] == "import_outdated"
        return
    assert (response.status_code, response.json()["reason"]) == (409, "import_outdated")
    assert await entries(assistant) == before


async def test_of_two_at_the_same_time_one_is_outdated(assistant: Resource) -> None:
    data = many_rows(300)
    digest = (await preview(assistant, data))["digest"]
    answers = await asyncio.gather(*(send(assistant, data, "", digest=digest) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await entries(assistant)) == 300


async def test_an_import_that_changes_nothing_leaves_no_trace(assistant: Resource) -> None:
    await assistant.entry(PARKING, "Ja.")
    revision = (await assistant.api.internal("/config"))["revision"]
    done = await imported(assistant, f"frage;antwort\n{PARKING};Ja.\n".encode())
    assert (done["change_set"], done["unchanged"]) == (None, 1)
    assert (await assistant.api.internal("/config"))["revision"] == revision


async def test_entries_come_as_json_too(assistant: Resource) -> None:
    path = f"{assistant.path}/knowledge/import"
    body = {"entries": [{"question": PARKING, "answer": "Ja.", "tags": "Auto, Anreise"}, {"answer": 5}]}
    seen = (await assistant.api.http.post(f"{path}/preview", json=body)).json()
    assert [(error["row"], error["column"]) for error in seen["errors"]] == [(2, "answer")]
    body["entries"].pop()
    digest = (await assistant.api.http.post(f"{path}/preview", json=body)).json()["digest"]
    assert (await assistant.api.http.post(path, json=body | {"digest": digest})).json()["added"] == 1
    assert (await entries(assistant))[0]["tags"] == ["Auto", "Anreise"]


async def test_ten_thousand_rows_are_one_change(assistant: Resource) -> None:
    await imported(assistant, many_rows(10_000))
    file = await exported(assistant, "xlsx")
    again = await preview(assistant, file)
    assert (again["unchanged"], again["errors"]) == (10_000, [])
    done = await imported(assistant, many_rows(10_000).replace(b";A", b";B"))
    assert done["changed"] == 10_000
    undo = f"{assistant.path}/knowledge/changes/{done['change_set']}/undo"
    response = await assistant.api.http.post(undo, timeout=60)
    assert response.json()["changed"] == 10_000
    assert (await entries(assistant))[9_999]["answer"] == "A9999"


async def test_a_stranger_neither_imports_nor_exports(api: ConfigApiServer, assistant: Resource) -> None:
    other = await api.an_assistant("Pension Bergblick")
    wrong = Resource(api, other.organisation, assistant.id)
    assert (await send(wrong, CSV.encode())).status_code == 404
    assert (await api.http.get(f"{wrong.path}/knowledge/export")).status_code == 404
    nobody = {"Authorization": "Bearer nobody"}
    response = await api.http.post(f"{assistant.path}/knowledge/import", content=b"x", headers=nobody)
    assert response.status_code == 401
