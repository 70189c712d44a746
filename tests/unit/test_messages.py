"""Whatever the API refuses, it says so in a sentence, in the caller's language."""

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError

import config_api
from config_api.app import ConfigApi, create_app
from config_api.messages import catalogue
from config_api.messages.catalogue import LANGUAGES, Language, fault_sentence, label, preferred, sentence
from config_api.models import Record
from config_api.problems import ApiError
from tests.reasons import Source, Unreadable
from tests.servers.config_api import ADMIN_TOKEN, settings_for

SOURCE = Path(config_api.__file__).parent
RUN_ALONE = {"config_api.rotate", "config_api.main"}
# Expressions that stand for several reasons, and which those are.
FORWARDED = {
    ("oauth/access.py", "error.reason"): {"access_revoked", "provider_unavailable", "provider_misconfigured"},
    ("oauth/endpoints.py", "REFUSALS.get(error, 'connecting_failed')"): {
        *("access_refused", "admin_consent_needed", "connecting_failed")
    },
    ("mailboxes/guard.py", "error.reason"): {"host_not_public"},
    ("playground/service.py", "response.json()['reason']"): {"plan_ended", "token_budget"},
    ("problems.py", "e['type']"): set[str](),  # pydantic's words, which have their own
    ("security/service.py", "error.reason"): {"audit_unavailable", "lock_unknown", "hold_unknown", "hold_exists"},
}
OF_HTTP = {
    HTTPStatus(status).name.lower()
    for status in (400, 401, 403, 404, 405, 406, 408, 409, 411, 413, 414, 415, 422, 429, 431, 500, 501, 502, 503, 504)
}
SET_IN_PROBLEMS = {"not_valid", "internal_error"}


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from every(each)


def load_everything() -> None:
    for module in pkgutil.walk_packages(config_api.__path__, "config_api."):
        if ".migrations" not in module.name and module.name not in RUN_ALONE:
            importlib.import_module(module.name)


def source(folder: Path = SOURCE) -> Source:
    tables = {f"{each.__tablename__}_unknown" for each in every(Record)}
    return Source(folder, FORWARDED | {("records.py", "f'{model.__tablename__}_unknown'"): tables})


def kinds() -> dict[str, int]:
    """Where each has its reason."""
    return {each.__name__: 0 for each in every(ApiError)}


@pytest.fixture(scope="module")
def reasons() -> set[str]:
    load_everything()
    return source().reasons(kinds() | {"Fault": 1}) | OF_HTTP | SET_IN_PROBLEMS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence(reasons: set[str], language: Language) -> None:
    assert len(reasons) > 80
    assert sorted(reason for reason in reasons if not sentence(reason, language)) == []


def test_reasons_are_found_wherever_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from config_api.problems import Conflict, Fault, Invalid\n"
        "WORD = 'from_a_constant'\n"
        "WORDS = {1: 'from_a_table'}\n"
        "def f(x):\n"
        "    local = 'from_a_variable'\n"
        "    raise Conflict('written_there' if x else WORD)\n"
        "    raise Conflict(local, [Fault(field='f', reason='from_a_fault')])\n"
        "    raise _made(Invalid, 'from_a_function')\n"
        "    raise Conflict(WORDS[x])\n"
        "def _made(kind, reason):\n"
        "    return Invalid(reason)\n"
    )
    found = Source(tmp_path, {}).reasons({"Conflict": 0, "Invalid": 0, "Fault": 1})
    words = {"constant", "table", "variable", "fault", "function"}
    assert found == {f"from_a_{word}" for word in words} | {"written_there"}
    (tmp_path / "b.py").write_text("from config_api.problems import Conflict\nraise Conflict(computed())\n")
    with pytest.raises(Unreadable, match=r"b\.py:2: computed\(\)"):
        Source(tmp_path, {}).reasons({"Conflict": 0})


def test_both_languages_say_the_same_things() -> None:
    german, english = (tomllib.loads((SOURCE / "messages" / f"{each}.toml").read_text()) for each in LANGUAGES)
    assert german.keys() == english.keys() == {"reasons", "faults", "fields"}
    for section in german:
        assert list(german[section]) == list(english[section])
    for section in ("reasons", "faults"):
        for text in (*german[section].values(), *english[section].values()):
            assert text.endswith(".")
    assert {name for name, text in german["reasons"].items() if text == english["reasons"][name]} == set()
    places = [re.findall(r"{\w+}", text) for text in german["faults"].values()]
    assert places == [re.findall(r"{\w+}", text) for text in english["faults"].values()]


def test_no_sentence_is_left_over(reasons: set[str]) -> None:
    """What nothing raises any more has no words any more. What HTTP names is called otherwise in newer Pythons."""
    newer = {"content_too_large", "uri_too_long", "unprocessable_content"}
    older = {"request_entity_too_large", "request_uri_too_long", "unprocessable_entity"}
    german = tomllib.loads((SOURCE / "messages" / "de.toml").read_text())
    assert set(german["reasons"]) - reasons - newer - older == {"other"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("en;q=0.3, de;q=0.7", "de"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
        ("fr", "de"),
        ("EN", "en"),
        ("en;q=0", "de"),
        ("en;q=viel", "de"),
        (",;=,\xff" * 500, "de"),
    ],
)
def test_the_language_is_what_the_caller_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language


class Example(BaseModel):
    name: str = Field(min_length=3, max_length=5)
    port: int = Field(ge=1, le=10)
    email: str = Field(default="a@b", pattern="@")
    code: str = Field(default="1", min_length=1)
    tags: list[str] = Field(default_factory=list, max_length=1)
    password: SecretStr = SecretStr("")


@pytest.mark.parametrize(
    ("values", "german", "english"),
    [
        ({"name": "ab", "port": 1}, "Name: Bitte mindestens 3 Zeichen.", "Name: the minimum length is 3."),
        ({"name": "abcdef", "port": 1}, "Name: Bitte höchstens 5 Zeichen.", "Name: the maximum length is 5."),
        ({"port": 1}, "Name: Diese Angabe fehlt.", "Name: this is missing."),
        ({"name": "abc", "port": 1, "code": ""}, "Code: Diese Angabe fehlt.", "Code: this is missing."),
        ({"name": "abc", "port": 11}, "Port: Bitte höchstens 10.", "Port: this has to be at most 10."),
        (
            {"name": "abc", "port": 1, "email": "x"},
            "E-Mail-Adresse: Diese Angabe hat nicht die richtige Form.",
            "E-mail address: this does not have the right form.",
        ),
        (
            {"name": "abc", "port": 1, "tags": ["a", "b"]},
            "Schlagwörter: Bitte höchstens 1 Angaben.",
            "Tags: the maximum number is 1.",
        ),
        (
            {"name": "abc", "port": 1, "password": ["geheim"]},
            "Passwort: Hier gehört ein Text hin.",
            "Password: this has to be a text.",
        ),
    ],
    ids=str,
)
def test_a_fault_names_its_field(values: dict[str, Any], german: str, english: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Example.model_validate(values)
    (error,) = raised.value.errors()
    field = ".".join(str(part) for part in ("body", *error["loc"]))
    said = [fault_sentence(field, error["type"], language, error.get("ctx")) for language in LANGUAGES]
    assert said == [german, english]


def test_every_kind_of_fault_can_be_said() -> None:
    """Also where the limits that its sentence names are not known."""
    for language in LANGUAGES:
        for reason in (
            *tomllib.loads((SOURCE / "messages" / f"{language}.toml").read_text())["faults"],
            "something_new",
        ):
            text = fault_sentence("body.name", reason, language)
            assert "{" not in text
            assert reason == "json_invalid" or text.startswith("Name: ")


def test_fields_in_lists_are_numbered_and_unknown_ones_quoted() -> None:
    assert label("body.entries.30.answer", "de") == "Antwort (Nr. 31)"
    assert label("body.entries.30.answer", "en") == "Answer (No. 31)"
    assert label("query.neu", "de") == "„neu“"
    assert label("entries.7b1e4a0e-0000-4000-8000-000000000000", "en") == "Entries"


async def test_a_problem_is_told_in_the_callers_language() -> None:
    app = create_app(ConfigApi.of(settings_for("postgresql+psycopg://nobody@127.0.0.1:9/none")))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://kinamik.example") as http:
        for header, language in (("de-DE", "de"), ("en-US,en;q=0.9", "en")):
            answer = await http.get("/api/v1/organisations", headers={"Accept-Language": header})
            assert answer.status_code == 401
            assert answer.headers["content-language"] == language
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"] == catalogue.sentence("login_required", preferred(header))
        nothing = await http.get("/api/v1/nichts")
        assert (nothing.json()["reason"], nothing.json()["detail"]) == ("not_found", "Hier gibt es nichts.")
        operator = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        wrong = await http.get("/api/v1/organisations", params={"limit": 0}, headers=operator)
        assert wrong.json()["errors"] == [
            {"field": "query.limit", "reason": "greater_than_equal", "detail": "Anzahl: Bitte mindestens 1."}
        ]
