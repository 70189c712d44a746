"""Knowledge as files: out and in again without loss, in every form that people's programs write; others are refused."""

import csv
import io
import json
import random
import zipfile

import openpyxl
import pytest

from tests.knowledge_files import CSV, PARKING, entries, exported, faults, imported, many_rows, preview, send
from tests.servers.config_api import ConfigApiServer, Resource

FORMATS = ["csv", "xlsx", "json"]
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


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", FORMATS)
async def test_what_is_exported_is_read_back_without_loss(
    api: ConfigApiServer, assistant: Resource, kind: str, language: str
) -> None:
    await api.add(f"{assistant.path}/knowledge/bulk", entries=ODD)
    before = await entries(assistant)
    file = await exported(assistant, kind, language)
    again = await preview(assistant, file, remove_missing="true")
    assert (again["unchanged"], again["changes"], again["errors"]) == (len(ODD), [], [])
    berta = Resource(
        api, assistant.organisation, (await api.add(f"{assistant.organisation}/assistants", name="Berta"))["id"]
    )
    assert (await imported(berta, file))["added"] == len(ODD)
    assert await entries(berta) == before
    for entry in (await api.http.get(f"{assistant.path}/knowledge")).json()["items"]:
        await api.http.delete(f"{assistant.path}/knowledge/{entry['id']}")
    await imported(assistant, file)
    assert await entries(assistant) == before


async def test_no_cell_is_a_formula(api: ConfigApiServer, assistant: Resource) -> None:
    await api.add(f"{assistant.path}/knowledge/bulk", entries=ODD)
    text = (await exported(assistant, "csv")).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell.lstrip(" ")[:1] in tuple("=+-@\t\r\n")] == []
    sheet = openpyxl.load_workbook(io.BytesIO(await exported(assistant, "xlsx"))).worksheets[0]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s"}
    assert max(len(str(cell.value)) for row in sheet.iter_rows() for cell in row) <= 32_767


async def test_german_excel_opens_the_csv(api: ConfigApiServer, assistant: Resource) -> None:
    await assistant.entry(PARKING, "Ja; vier.")
    file = await exported(assistant, "csv")
    assert file.startswith(b"\xef\xbb\xbfID;Frage;Antwort;Beispiele;Sprache;Schlagw\xc3\xb6rter;G\xc3\xbcltig ab;")
    assert b'Gibt es Parkpl\xc3\xa4tze?;"Ja; vier.";' in file


async def test_nothing_to_export_is_a_file_too(assistant: Resource) -> None:
    assert (await exported(assistant, "csv")).count(b"\n") == 1
    assert json.loads(await exported(assistant, "json")) == {"entries": []}
    assert (await preview(assistant, await exported(assistant, "xlsx")))["errors"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
async def test_encoding_and_separator_are_found_out(assistant: Resource, encoding: str, separator: str) -> None:
    rows = list(csv.reader(io.StringIO(CSV, newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    await imported(assistant, text.getvalue().encode(encoding))
    (entry,) = await entries(assistant)
    assert (entry["question"], entry["answer"]) == ("Gibt es Frühstück für 5 €?", "Ja, ab 7 Uhr.")
    assert (entry["language"], entry["valid_until"]) == ("de", "2026-12-24")


@pytest.mark.parametrize(
    "headings",
    ["Question;ANSWER;Example questions;Tags;Valid to", "  frage *;antwort:;Beispielfragen;Stichwörter;gültig_bis"],
)
async def test_headings_in_german_and_english_and_others_are_named(assistant: Resource, headings: str) -> None:
    data = f'{headings};Preis\n{PARKING};Ja;"Wo parken?\nUnd wo genau?";"Anreise, Auto";2026-12-24;12\n'.encode()
    assert (await preview(assistant, data))["ignored_columns"] == ["Preis"]
    await imported(assistant, data)
    (entry,) = await entries(assistant)
    assert entry["examples"] == ["Wo parken?", "Und wo genau?"]
    assert (entry["tags"], entry["valid_until"]) == (["Anreise", "Auto"], "2026-12-24")


async def test_excel_may_name_its_separator(assistant: Resource) -> None:
    await imported(assistant, b"sep=,\r\nfrage,antwort\r\na;b,c\r\n")
    assert [(entry["question"], entry["answer"]) for entry in await entries(assistant)] == [("a;b", "c")]


async def test_a_workbook_as_people_make_it(assistant: Resource) -> None:
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
    await imported(assistant, file.getvalue())
    assert [(entry["answer"], entry["valid_from"]) for entry in await entries(assistant)] == [
        ("42", None),
        ("=A1", None),
        ("1.5", "2025-12-09"),
    ]


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
async def test_a_file_that_is_no_use_says_why(assistant: Resource, data: bytes, reason: str) -> None:
    ((_, _, said),) = await faults(assistant, data)
    assert said == reason


async def test_entities_in_a_workbook_are_not_expanded(assistant: Resource) -> None:
    """A "billion laughs" in any of its parts."""
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    with zipfile.ZipFile(io.BytesIO(an_empty_workbook())) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        ((_, _, said),) = await faults(assistant, a_workbook_of(**parts | {name: laughs}))
        assert said == "workbook_not_valid"


async def test_random_bytes_are_refused_and_never_an_error(assistant: Resource) -> None:
    dice = random.Random(7)
    good = [await exported(assistant, "xlsx"), CSV.encode(), b'[{"answer": "a", "question": 5, "tags": {"a": [null]}}]']
    for _ in range(60):
        data = bytearray(dice.choice(good))
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        assert (await send(assistant, bytes(data))).status_code == 200


async def test_what_is_too_large_or_no_form_is_refused(assistant: Resource) -> None:
    path = f"{assistant.path}/knowledge/import/preview"
    response = await send(assistant, b"x" * 10_000_001)
    assert (response.status_code, response.json()["reason"]) == (413, "import_too_large")
    long = b'{"entries": [{"answer": "' + b"x" * 10_100_000
    response = await assistant.api.http.post(path, content=long, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["reason"]) == (413, "import_too_large")
    for content, kind, status, reason in (
        (b"a", "text/plain", 415, "content_type_not_supported"),
        (b"a", "multipart/form-data", 400, "form_not_valid"),
        (b"a", "multipart/form-data; boundary=b", 400, "form_not_valid"),
        (b"--b--", "multipart/form-data; boundary=b", 422, "not_valid"),
        (b"{", "application/json", 422, "not_valid"),
        (b'{"entries": [1]}', "application/json", 422, "not_valid"),
    ):
        response = await assistant.api.http.post(path, content=content, headers={"Content-Type": kind})
        assert (response.status_code, response.json()["reason"]) == (status, reason), kind
    response = await assistant.api.http.post(path, files={"other": b"x"})
    (error,) = response.json()["errors"]
    assert (error["field"], error["reason"]) == ("body.file", "missing")
    response = await assistant.api.http.post(path, files={"file": b"x"}, data={"remove_missing": "perhaps"})
    assert response.json()["errors"][0]["field"] == "body.remove_missing"
