"""Schemathesis over the whole OpenAPI document, all of its checks, as two people of two organisations."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_api_isolation import what_she_has
from tests.servers.config_api import ConfigApiServer, running_config_api
from tests.servers.drafter import running_drafter
from tests.servers.person import UNLIMITED, Person, a_person
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.slow

PATIENCE = 900
# These end the session, lock what the others need, or go out into the network: last, and by themselves.
LAST = "|".join(
    (
        "/auth/",
        "/account$",
        "/account/sessions",
        "/account/password",
        "/account/restriction",
        "{organisation_id}/restriction",
        "/mailboxes/discover",
        "/mailboxes/test",
        "/last-unanswered",
    )
)
BEFORE_FAILURES = re.compile(r"\A.*?^=+ (?=ERRORS|FAILURES)", re.DOTALL | re.MULTILINE)
# A request may be as the document says and still break a rule that no schema can tell: a link that is over, a key
# that was used for something else, a date in the past.
RULES = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 413, 422, 429]
"""


DELETION = "DELETE /api/v1/organisations/{organisation_id}"
ALL_BUT_LAST = ("--exclude-path-regex", LAST, "--exclude-name", DELETION)


async def fuzzed(
    person: Person, ids: Mapping[str, str], folder: Path, which: Sequence[str] = ALL_BUT_LAST
) -> tuple[int, str]:
    """Schemathesis' exit code and the failures it printed. It runs aside, since the server runs in this process."""
    # A feed is one only as long as it is asked to be.
    known = '"query.seconds" = 1\n' + "\n".join(
        f'"path.{name}" = "{value}"' for name, value in ids.items() if name != "account_id"
    )
    (folder / "schemathesis.toml").write_text(f"[parameters]\n{known}\n{RULES}")
    document = (await person.http.get(f"{person.api.url}/openapi.json")).text
    # It names the cookie as it is called over TLS.
    (folder / "openapi.json").write_text(document.replace("__Host-authData", "authData"))
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml", "run"),
        *("openapi.json", "--url", person.api.url),
        *("--header", f"Cookie: authData={person.http.cookies['authData']}"),
        *("--generation-with-security-parameters", "false", "--generation-deterministic"),
        *("--phases", "coverage,fuzzing", "--max-examples", "4", "--workers", "2"),
        *("--continue-on-failure", "--request-timeout", "60", "--no-color"),
        *which,
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, BEFORE_FAILURES.sub("", output.decode())


async def test_what_she_has_herself(api: ConfigApiServer, tmp_path: Path) -> None:
    anna = await a_person(api, "anna")
    async with running_drafter(api):
        code, output = await fuzzed(anna, await what_she_has(anna), tmp_path)
    assert code == 0, output
    assert (await anna.http.get("/account")).status_code == 200


async def test_what_another_has(api: ConfigApiServer, tmp_path: Path) -> None:
    anna, berta = await a_person(api, "anna"), await a_person(api, "berta")
    hers = await what_she_has(anna)
    path = f"/organisations/{hers['organisation_id']}"
    before = [(await anna.http.get(f"{path}{part}")).json() for part in ("", "/assistants", "/mailboxes", "/members")]
    code, output = await fuzzed(berta, hers, tmp_path)
    assert code == 0, output
    after = [(await anna.http.get(f"{path}{part}")).json() for part in ("", "/assistants", "/mailboxes", "/members")]
    assert after == before


async def test_what_ends_a_session_or_goes_out_into_the_network(
    postgres: Postgres, database: str, tmp_path: Path
) -> None:
    """Whoever asks all of that is soon locked out, refused, or gone, and is told so."""
    rations: dict[str, Any] = {"discoveries_per_hour": 3, "connection_tests_per_hour": 3}
    async with running_config_api(postgres, database, **UNLIMITED | rations) as api:
        carla = await a_person(api, "carla")
        code, output = await fuzzed(carla, await what_she_has(carla), tmp_path, ("--include-path-regex", LAST))
    assert code == 0, output
