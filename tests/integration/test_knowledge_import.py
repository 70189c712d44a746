"""Knowledge as files: out and in again without loss, and in no other way than a preview has shown."""

import asyncio
import csv
import io
import json
import random
import zipfile
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx2
import openpyxl
import pytest

from tests.servers.config_api import ConfigApiServer, Resource, running_config_api
from tests.servers.postgres import Postgres

FORMATS = ["csv", "xlsx", "json"]
PARKING = "Gibt es Parkplätze?"
ODD = [
    {"question": '=HYPERLINK("http://evil.example")', "answer": "+49 30 123456", "tags": ["@Anreise", "-5 %", "'=1"]},
    {"question": "'=1+1", "answer": "''=1+1", "examples": ["=A1", "-", "'", "'ne Frage"]},
    {"question": 'Semikolon; Komma, "Anführung"\nzweite Zeile', "answer": " Leerraum außen \t\n"},
    {"question": "", "answer": "Ohne Frage", "tags": ['Haus, "Garten"', "Hof; Tor", "a b"]},
    {"question": "Größe €?", "answer": "_x0041_ 😀 \u00a0Ω", "language": "en"},
    {"question": "Wann?", "answer": "1", "valid_from": "2026-05-01", "valid_until": "2026-09-30"},
    {"question": "Viele", "answer": "x" * 20_000, "examples": [f"{n:03} {'y' * 490}" for n in range(200)]},
    {"question": "gleiche Frage", "answer": "im Sommer"},
    {"question": "gleiche Frage", "answer": "im Winter"},
]


@pytest.fixture
async def api(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    async with running_config_api(postgres, database) as server:
        server.http.timeout = httpx2.Timeout(60)
        yield server


@pytest.fixture
async def anna(api: ConfigApiServer) -> Resource:
    return await api.an_assistant()


async def entries(anna: Resource) -> list[dict[str, Any]]:
    """All of an assistant's entries, without what a copy has of its own."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 500}
    while "cursor" not in query or query["cursor"]:
        page = (await anna.api.http.get(f"{anna.path}/knowledge", params=query)).json()
        found += page["items"]
        query["cursor"] = page["next_cursor"]
    own = {"id", "assistant_id", "created_at", "updated_at"}
    return [{name: value for name, value in entry.items() if name not in own} for entry in found]


async def exported(anna: Resource, kind: str, language: str = "de") -> bytes:
    query = {"format": kind, "language": language}
    response = await anna.api.http.get(f"{anna.path}/knowledge/export", params=query)
    assert response.status_code == 200, response.text
    assert response.headers["content-disposition"] == f'attachment; filename="kinamik-wissen.{kind}"'
    return response.content


async def send(anna: Resource, data: bytes, step: str = "/preview", **form: str) -> httpx2.Response:
    path = f"{anna.path}/knowledge/import{step}"
    return await anna.api.http.post(path, files={"file": ("datei", data)}, data=form)


async def preview(anna: Resource, data: bytes, **form: str) -> Any:
    response = await send(anna, data, **form)
    assert response.status_code == 200, response.text
    return response.json()


async def imported(anna: Resource, data: bytes, **form: str) -> Any:
    seen = await preview(anna, data, **form)
    assert seen["errors"] == []
    response = await send(anna, data, "", **form, digest=seen["digest"])
    assert response.status_code == 200, response.text
    done = response.json()
    assert {name: seen[name] for name in ("added", "changed", "unchanged", "removed")} == {
        name: done[name] for name in ("added", "changed", "unchanged", "removed")
    }
    return done


async def faults(anna: Resource, data: bytes) -> list[tuple[int, str, str]]:
    seen = await preview(anna, data)
    assert seen["digest"] is None
    assert seen["faults"] == len(seen["errors"])
    assert all(len(error["detail"]) > 10 for error in seen["errors"])
    return [(error["row"], error["column"], error["reason"]) for error in seen["errors"]]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", FORMATS)
async def test_what_is_exported_is_read_back_without_loss(
    api: ConfigApiServer, anna: Resource, kind: str, language: str
) -> None:
    await api.add(f"{anna.path}/knowledge/bulk", entries=ODD)
    before = await entries(anna)
    file = await exported(anna, kind, language)
    again = await preview(anna, file, remove_missing="true")
    assert (again["unchanged"], again["changes"], again["errors"]) == (len(ODD), [], [])
    berta = Resource(api, anna.organisation, (await api.add(f"{anna.organisation}/assistants", name="Berta"))["id"])
    assert (await imported(berta, file))["added"] == len(ODD)
    assert await entries(berta) == before
    for entry in (await api.http.get(f"{anna.path}/knowledge")).json()["items"]:
        await api.http.delete(f"{anna.path}/knowledge/{entry['id']}")
    await imported(anna, file)
    assert await entries(anna) == before


async def test_no_cell_is_a_formula(api: ConfigApiServer, anna: Resource) -> None:
    await api.add(f"{anna.path}/knowledge/bulk", entries=ODD)
    text = (await exported(anna, "csv")).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell.lstrip(" ")[:1] in tuple("=+-@\t\r\n")] == []
    sheet = openpyxl.load_workbook(io.BytesIO(await exported(anna, "xlsx"))).worksheets[0]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s"}
    assert max(len(str(cell.value)) for row in sheet.iter_rows() for cell in row) <= 32_767


async def test_german_excel_opens_the_csv(api: ConfigApiServer, anna: Resource) -> None:
    await anna.entry(PARKING, "Ja; vier.")
    file = await exported(anna, "csv")
    assert file.startswith(b"\xef\xbb\xbfID;Frage;Antwort;Beispiele;Sprache;Schlagw\xc3\xb6rter;G\xc3\xbcltig ab;")
    assert b'Gibt es Parkpl\xc3\xa4tze?;"Ja; vier.";' in file


async def test_nothing_to_export_is_a_file_too(anna: Resource) -> None:
    assert (await exported(anna, "csv")).count(b"\n") == 1
    assert json.loads(await exported(anna, "json")) == {"entries": []}
    assert (await preview(anna, await exported(anna, "xlsx")))["errors"] == []


CSV = "Frage;Antwort;Sprache;Gültig bis\r\nGibt es Frühstück für 5 €?;Ja, ab 7 Uhr.;DE;24.12.2026\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
async def test_encoding_and_separator_are_found_out(anna: Resource, encoding: str, separator: str) -> None:
    rows = list(csv.reader(io.StringIO(CSV, newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    await imported(anna, text.getvalue().encode(encoding))
    (entry,) = await entries(anna)
    assert (entry["question"], entry["answer"]) == ("Gibt es Frühstück für 5 €?", "Ja, ab 7 Uhr.")
    assert (entry["language"], entry["valid_until"]) == ("de", "2026-12-24")


@pytest.mark.parametrize(
    "headings",
    ["Question;ANSWER;Example questions;Tags;Valid to", "  frage *;antwort:;Beispielfragen;Stichwörter;gültig_bis"],
)
async def test_headings_in_german_and_english_and_others_are_named(anna: Resource, headings: str) -> None:
    data = f'{headings};Preis\n{PARKING};Ja;"Wo parken?\nUnd wo genau?";"Anreise, Auto";2026-12-24;12\n'.encode()
    assert (await preview(anna, data))["ignored_columns"] == ["Preis"]
    await imported(anna, data)
    (entry,) = await entries(anna)
    assert entry["examples"] == ["Wo parken?", "Und wo genau?"]
    assert (entry["tags"], entry["valid_until"]) == (["Anreise", "Auto"], "2026-12-24")


async def test_excel_may_name_its_separator(anna: Resource) -> None:
    await imported(anna, b"sep=,\r\nfrage,antwort\r\na;b,c\r\n")
    assert [(entry["question"], entry["answer"]) for entry in await entries(anna)] == [("a;b", "c")]


async def test_a_workbook_as_people_make_it(anna: Resource) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([])
    sheet.append(["Frage", "Antwort", "gültig ab"])
    sheet.append(["Wie viele Zimmer?", 42, None])
    sheet.append([None, None, None])
    sheet.append(["Ab wann?", "=A1", None])
    sheet["B5"].data_type = "s"
    sheet.append(["Seit wann?", 1.5, None])
    sheet["C6"].number_format = "dd.mm.yyyy"
    sheet["C6"].value = openpyxl.utils.datetime.from_excel(46000)
    file = io.BytesIO()
    book.save(file)
    await imported(anna, file.getvalue())
    assert [(entry["answer"], entry["valid_from"]) for entry in await entries(anna)] == [
        ("42", None),
        ("=A1", None),
        ("1.5", "2025-12-09"),
    ]


async def test_rows_mean_entries_by_id_else_by_question_and_language(anna: Resource) -> None:
    one, two = await anna.entry(PARKING, "Ja."), await anna.entry("Gibt es Hunde?", "Nein.")
    await anna.api.change(f"{anna.path}/knowledge/{two['id']}", tags=["Tiere"])
    rows = [
        ["id", "question", "answer", "language"],
        [one["id"], "Wo parke ich?", "Ja.", "de"],
        ["", "  gibt es  HUNDE? ", "Doch.", ""],
        ["", "Gibt es Hunde?", "No.", "en"],
        [str(uuid4()), "Neu?", "Ja.", "de"],
        ["mein Eintrag 5", "Auch neu?", "Ja.", "de"],
    ]
    data = "\n".join(";".join(row) for row in rows).encode()
    seen = await preview(anna, data)
    assert [(each["action"], each["row"], each["entry_id"], each["fields"]) for each in seen["changes"][:2]] == [
        ("change", 2, one["id"], ["question"]),
        ("change", 3, two["id"], ["question", "answer"]),
    ]
    assert [(each["action"], each["row"], each["entry_id"]) for each in seen["changes"][2:]] == [
        ("add", 4, None),
        ("add", 5, None),
        ("add", 6, None),
    ]
    await imported(anna, data)
    now = await entries(anna)
    assert [entry["question"] for entry in now][2:] == ["Gibt es Hunde?", "Neu?", "Auch neu?"]
    assert now[1]["tags"] == ["Tiere"], "a column that is not there changes nothing"
    assert (await preview(anna, data))["unchanged"] == 3 + 2


async def test_what_is_missing_is_removed_only_on_request(anna: Resource) -> None:
    await anna.entry(PARKING, "Ja.")
    await anna.entry("Gibt es Hunde?", "Nein.")
    data = f"frage;antwort\n{PARKING};Ja.\n".encode()
    assert (await preview(anna, data))["removed"] == 0
    seen = await preview(anna, data, remove_missing="true")
    assert [(each["action"], each["before"]["question"]) for each in seen["changes"]] == [("remove", "Gibt es Hunde?")]
    await imported(anna, data, remove_missing="true")
    assert [entry["question"] for entry in await entries(anna)] == [PARKING]


async def test_an_import_is_undone_as_a_whole(anna: Resource) -> None:
    await anna.entry(PARKING, "Ja.")
    await anna.entry("Gibt es Hunde?", "Nein.")
    before = await entries(anna)
    done = await imported(anna, f"frage;antwort\n{PARKING};Nein.\nNeu?;Ja.\n".encode(), remove_missing="true")
    assert (done["added"], done["changed"], done["removed"]) == (1, 1, 1)
    after = await entries(anna)
    undo = f"{anna.path}/knowledge/changes/{{}}/undo"
    response = await anna.api.http.post(undo.format(done["change_set"]))
    assert response.status_code == 201
    assert await entries(anna) == before
    assert (await anna.api.http.post(undo.format(response.json()["id"]))).status_code == 201
    assert await entries(anna) == after


async def test_faults_are_named_by_row_and_column_and_nothing_is_done(anna: Resource) -> None:
    entry = await anna.entry(PARKING, "Ja.")
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
    assert await faults(anna, data) == [
        (3, "answer", "required"),
        (4, "question", "too_long"),
        (5, "language", "language_not_valid"),
        (6, "valid_from", "date_not_valid"),
        (7, "examples", "too_long"),
        (8, "tags", "too_many"),
        (10, "question", "row_repeated"),
        (12, "id", "id_repeated"),
    ]
    response = await send(anna, data, "", digest="0" * 64)
    assert (response.status_code, response.json()["reason"]) == (409, "import_outdated")
    assert len(await entries(anna)) == 1
    path = f"{anna.path}/knowledge/import/preview"
    for language, word in (("de-DE,de;q=0.9", "Zeile 9"), ("en-GB,en;q=0.9", "row 9")):
        response = await anna.api.http.post(path, files={"file": data}, headers={"Accept-Language": language})
        assert word in response.json()["errors"][6]["detail"]


def a_workbook_of(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def an_empty_workbook() -> bytes:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    return file.getvalue()


def many_rows(count: int) -> bytes:
    return ("frage;antwort\n" + "".join(f"F{n};A{n}\n" for n in range(count))).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file_empty"),
        (b" \r\n;;\r\n", "file_empty"),
        (an_empty_workbook(), "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"\x81\x8d\x8f\xff", "encoding_unknown"),
        (b"\xff\xfea\x00b", "encoding_unknown"),
        (b"[1, 2", "json_not_valid"),
        (b"[1, 2]", "json_not_valid"),
        (b'{"entries": 5}', "json_not_valid"),
        (b"[" * 200_000, "json_not_valid"),
        (b'frage;antwort\n"a;b' + b"x" * 200_000, "csv_not_valid"),
        (b"frage;preis\na;b\n", "heading_missing"),
        (many_rows(10_001), "too_many_rows"),
        (b"PK\x03\x04 and nothing else", "workbook_not_valid"),
        (an_empty_workbook()[:-200], "workbook_not_valid"),
        (a_workbook_of(readme=b"no workbook"), "workbook_not_valid"),
        (a_workbook_of(bomb=b"\x00" * 50_000_000), "workbook_too_large"),
        (a_workbook_of(**{f"part{n}": b"x" for n in range(300)}), "workbook_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
async def test_a_file_that_is_no_use_says_why(anna: Resource, data: bytes, reason: str) -> None:
    ((_, _, said),) = await faults(anna, data)
    assert said == reason


async def test_entities_in_a_workbook_are_not_expanded(anna: Resource) -> None:
    """A "billion laughs" in any of its parts."""
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    with zipfile.ZipFile(io.BytesIO(an_empty_workbook())) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        ((_, _, said),) = await faults(anna, a_workbook_of(**parts | {name: laughs}))
        assert said == "workbook_not_valid"


async def test_random_bytes_are_refused_and_never_an_error(anna: Resource) -> None:
    dice = random.Random(7)
    good = [await exported(anna, "xlsx"), CSV.encode(), b'[{"answer": "a", "question": 5, "tags": {"a": [null]}}]']
    for _ in range(60):
        data = bytearray(dice.choice(good))
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        assert (await send(anna, bytes(data))).status_code == 200


@pytest.mark.parametrize("since", ["another entry", "the same entry", "another file", "another choice", "nothing"])
async def test_only_what_was_shown_is_done(anna: Resource, since: str) -> None:
    entry = await anna.entry(PARKING, "Ja.")
    data = f"frage;antwort\n{PARKING};Nein.\n".encode()
    seen = await preview(anna, data)
    form = {"digest": seen["digest"]}
    if since == "another entry":
        await anna.entry("Gibt es Hunde?", "Nein.")
    elif since == "the same entry":
        await anna.api.change(f"{anna.path}/knowledge/{entry['id']}", answer="Vielleicht.")
    elif since == "another file":
        data = data.replace(b"Nein", b"Doch")
    elif since == "another choice":
        await anna.entry("Gibt es Hunde?", "Nein.")
        form = {"digest": (await preview(anna, data))["digest"], "remove_missing": "true"}
    before = await entries(anna)
    response = await send(anna, data, "", **form)
    if since == "nothing":
        assert response.status_code == 200
        again = await send(anna, data, "", **form)
        assert again.json()["reason"] == "import_outdated"
        return
    assert (response.status_code, response.json()["reason"]) == (409, "import_outdated")
    assert await entries(anna) == before


async def test_of_two_at_the_same_time_one_is_outdated(anna: Resource) -> None:
    data = many_rows(300)
    digest = (await preview(anna, data))["digest"]
    answers = await asyncio.gather(*(send(anna, data, "", digest=digest) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await entries(anna)) == 300


async def test_an_import_that_changes_nothing_leaves_no_trace(anna: Resource) -> None:
    await anna.entry(PARKING, "Ja.")
    revision = (await anna.api.internal("/config"))["revision"]
    done = await imported(anna, f"frage;antwort\n{PARKING};Ja.\n".encode())
    assert (done["change_set"], done["unchanged"]) == (None, 1)
    assert (await anna.api.internal("/config"))["revision"] == revision


async def test_entries_come_as_json_too(anna: Resource) -> None:
    path = f"{anna.path}/knowledge/import"
    body = {"entries": [{"question": PARKING, "answer": "Ja.", "tags": "Auto, Anreise"}, {"answer": 5}]}
    seen = (await anna.api.http.post(f"{path}/preview", json=body)).json()
    assert [(error["row"], error["column"]) for error in seen["errors"]] == [(2, "answer")]
    body["entries"].pop()
    digest = (await anna.api.http.post(f"{path}/preview", json=body)).json()["digest"]
    assert (await anna.api.http.post(path, json=body | {"digest": digest})).json()["added"] == 1
    assert (await entries(anna))[0]["tags"] == ["Auto", "Anreise"]


async def test_ten_thousand_rows_are_one_change(anna: Resource) -> None:
    await imported(anna, many_rows(10_000))
    file = await exported(anna, "xlsx")
    again = await preview(anna, file)
    assert (again["unchanged"], again["errors"]) == (10_000, [])
    done = await imported(anna, many_rows(10_000).replace(b";A", b";B"))
    assert done["changed"] == 10_000
    response = await anna.api.http.post(f"{anna.path}/knowledge/changes/{done['change_set']}/undo")
    assert response.json()["changed"] == 10_000
    assert (await entries(anna))[9_999]["answer"] == "A9999"


async def test_what_is_too_large_or_no_form_is_refused(anna: Resource) -> None:
    path = f"{anna.path}/knowledge/import/preview"
    response = await send(anna, b"x" * 10_000_001)
    assert (response.status_code, response.json()["reason"]) == (413, "import_too_large")
    long = b'{"entries": [{"answer": "' + b"x" * 10_100_000
    response = await anna.api.http.post(path, content=long, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["reason"]) == (413, "import_too_large")
    for content, kind, status, reason in (
        (b"a", "text/plain", 415, "content_type_not_supported"),
        (b"a", "multipart/form-data", 400, "form_not_valid"),
        (b"a", "multipart/form-data; boundary=b", 400, "form_not_valid"),
        (b"--b--", "multipart/form-data; boundary=b", 422, "not_valid"),
        (b"{", "application/json", 422, "not_valid"),
        (b'{"entries": [1]}', "application/json", 422, "not_valid"),
    ):
        response = await anna.api.http.post(path, content=content, headers={"Content-Type": kind})
        assert (response.status_code, response.json()["reason"]) == (status, reason), kind
    response = await anna.api.http.post(path, files={"other": b"x"})
    (error,) = response.json()["errors"]
    assert (error["field"], error["reason"]) == ("body.file", "missing")
    response = await anna.api.http.post(path, files={"file": b"x"}, data={"remove_missing": "perhaps"})
    assert response.json()["errors"][0]["field"] == "body.remove_missing"


async def test_a_stranger_neither_imports_nor_exports(api: ConfigApiServer, anna: Resource) -> None:
    other = await api.an_assistant("Pension Bergblick")
    wrong = Resource(api, other.organisation, anna.id)
    assert (await send(wrong, CSV.encode())).status_code == 404
    assert (await api.http.get(f"{wrong.path}/knowledge/export")).status_code == 404
    nobody = {"Authorization": "Bearer nobody"}
    response = await api.http.post(f"{anna.path}/knowledge/import", content=b"x", headers=nobody)
    assert response.status_code == 401
