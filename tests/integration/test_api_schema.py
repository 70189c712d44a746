"""Schemathesis over the whole OpenAPI document, all of its checks, as two people of two organisations."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.test_api_isolation import what_she_has
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import Person, a_person

pytestmark = pytest.mark.slow

PATIENCE = 240
# These end the session or lock what the others need, stream without an end, or go out into the network; each has
# tests of its own.
LEFT_OUT = "|".join(
    (
        "/auth/",
        "/account$",
        "/account/sessions",
        "/account/password",
        "/account/restriction",
        "{organisation_id}/restriction",
        "/activity/feed",
        "/try$",
        "/mailboxes/discover",
        "/mailboxes/test",
        "/last-unanswered",
    )
)
# A request may be as the document says and still break a rule that no schema can tell: a link that is over, a key
# that was used for something else, a date in the past.
RULES = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 413, 422, 429]
"""


async def fuzzed(person: Person, ids: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Schemathesis' exit code and what it printed. It runs aside, since the server runs in this process."""
    known = "\n".join(f'"path.{name}" = "{value}"' for name, value in ids.items() if name != "account_id")
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
        *("--continue-on-failure", "--request-timeout", "15", "--no-color"),
        *("--exclude-path-regex", LEFT_OUT, "--exclude-name", "DELETE /api/v1/organisations/{organisation_id}"),
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_what_she_has_herself(api: ConfigApiServer, tmp_path: Path) -> None:
    anna = await a_person(api, "anna")
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
