"""The web UI's API client is made from the API as it is, and not from what it was once."""

import json
import subprocess
from pathlib import Path

import pytest

from config_api.openapi import document

WEB = Path(__file__).parents[2] / "services/config-api/web"
GENERATOR = WEB / "node_modules/.bin/openapi-typescript"
HINT = "the API has changed: make web-api"


def test_the_document_of_the_client_is_that_of_the_api() -> None:
    assert json.loads((WEB / "openapi.json").read_text()) == json.loads(json.dumps(document())), HINT


def test_the_client_is_made_from_the_document(tmp_path: Path) -> None:
    if not GENERATOR.exists():
        pytest.skip("openapi-typescript: not installed")
    made = tmp_path / "schema.d.ts"
    subprocess.run(
        [GENERATOR, "openapi.json", "--output", made, "--alphabetize"], cwd=WEB, check=True, capture_output=True
    )
    assert made.read_text() == (WEB / "src/api/schema.d.ts").read_text(), HINT
