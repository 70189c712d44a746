"""What an image holds: one service that runs, with what it needs, and nothing else."""

import json
import re
import subprocess
from hashlib import file_digest
from pathlib import Path

import psutil
import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from embedded.processes import MODULES
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.images import ROOT, InstalledStack, copied, install, installed, run, stages
from tests.servers.kafka import KafkaServer
from tests.servers.owner import first_draft
from tests.servers.postgres import Postgres
from tests.servers.stack import running

OURS = {service: module.removesuffix(".main") for service, module in MODULES.items()}
BUILDS = {
    "pip",
    "setuptools",
    "wheel",
    "uv",
    "uv_build",
    "hatchling",
    "cython",
    "cffi_build",
    "cc",
    "gcc",
    "ld",
    "make",
}
SERVICES = sorted(OURS)
INGEST_BYTES = 120 * 1024 * 1024
DISTRIBUTIONS = """
import importlib.metadata, json
print(json.dumps({each.metadata["Name"]: each.version for each in importlib.metadata.distributions()}))
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return installed(tmp_path_factory.mktemp("images"))


def normal(name: str) -> str:
    """As PyPI compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def packages(folder: Path) -> dict[str, str]:
    """Their versions."""
    return {normal(name): version for name, version in json.loads(run(folder, DISTRIBUTIONS)).items()}


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_knows_its_own_service_and_no_other(folders: dict[str, Path], service: str) -> None:
    code = f"import importlib.util\nprint(*(m for m in {sorted(OURS.values())} if importlib.util.find_spec(m)))"
    assert run(folders[service], code) == OURS[service]
    assert not any("embedded" in name for name in packages(folders[service]))


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_builds_is_in_it(folders: dict[str, Path], service: str) -> None:
    commands = {file.name for file in (folders[service] / "bin").iterdir()}
    assert (commands | packages(folders[service]).keys()) & BUILDS == set()


@pytest.mark.parametrize("service", SERVICES)
def test_it_has_the_versions_of_the_lock_and_an_inventory_of_them(folders: dict[str, Path], service: str) -> None:
    there = packages(folders[service])
    lock = (ROOT / "requirements.lock").read_text()
    # Some are there twice, for older and newer versions of Python.
    locked = {(normal(name), version) for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", lock)}
    assert {item for item in there.items() if not item[0].startswith("kinamik-")} <= locked
    inventory = json.loads((folders[service] / "sbom.json").read_text())
    assert inventory["bomFormat"] == "CycloneDX"
    assert {normal(each["name"]): each["version"] for each in inventory["components"]} == there


def test_an_inventory_is_as_its_format_wants_it(folders: dict[str, Path]) -> None:
    inventory = (folders["audit"] / "sbom.json").read_text()
    version = SchemaVersion.from_version(json.loads(inventory)["specVersion"])
    assert JsonStrictValidator(version).validate_str(inventory) is None


def test_a_package_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    context = copied("audit", tmp_path / "context")
    lock = (context / "requirements.lock").read_text()
    forged = re.sub(r"(?ms)^structlog==.*?(?=^\w)", lambda it: re.sub(r"\b[0-9a-f]{64}\b", "0" * 64, it[0]), lock)
    (context / "requirements.lock").write_text(forged)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        install("audit", context, tmp_path / "image")
    assert "Hash mismatch for `structlog" in refused.value.stderr


def contents(folder: Path) -> dict[str, str]:
    """Every file's hash."""
    hashes: dict[str, str] = {}
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                hashes[str(file.relative_to(folder))] = file_digest(opened, "sha256").hexdigest()
    return hashes


async def test_a_mail_becomes_a_draft_with_every_service_from_its_image_which_stays_as_it_is(
    postgres: Postgres, database: str, kafka: KafkaServer, folders: dict[str, Path], tmp_path: Path
) -> None:
    require_dovecot()
    before = {service: contents(folder) for service, folder in folders.items()}
    place = InstalledStack(folders, postgres, database, kafka.bootstrap, tmp_path)
    with Dovecot() as dovecot:
        async with running(place) as stack:
            await first_draft(stack, dovecot)
            assert psutil.Process(stack.processes["ingest"].pid).memory_info().rss <= INGEST_BYTES
    assert {service: contents(folder) for service, folder in folders.items()} == before


@pytest.mark.parametrize("service", SERVICES)
def test_each_target_holds_what_the_script_installed_and_starts_it(service: str) -> None:
    target, installing = stages()[service], stages()[f"{service}-installed"]
    assert target[0] == f"FROM python AS {service}"
    assert f"COPY --from={service}-installed /opt/kinamik /opt/kinamik" in target
    assert target[-1] == f'CMD ["python", "-m", "{MODULES[service]}"]'
    assert not any(line.startswith(("RUN", "USER", "ADD")) for line in target)
    ran = re.findall(r"install\.sh (\w+) (\S+) (\S+)", "\n".join(installing))
    assert ran == [(step, service, "/opt/kinamik") for step in ("packages", "own", "inventory")]


def test_images_rest_on_digests_and_belong_to_nobody() -> None:
    found = stages()
    values = yaml.safe_load((ROOT / "deploy/helm/kinamik/values.yaml").read_text())
    user = values["security"]["runAsUser"]
    assert f"USER {user}:{user}" in found["python"]
    for stage, (first, *_) in found.items():
        base = first.split()[1]
        assert stage == "" or base in found or re.fullmatch(r"\$\{MIRROR\}\S+@\$\{(PYTHON|NODE)_DIGEST\}", base)
