"""Runs Helm, and reads what it renders."""

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "kinamik"
SETS = sorted((CHART / "ci").glob("*.yaml"))
BINARY = ROOT / ".venv" / "bin" / "helm"
UNITTEST = ROOT / ".venv" / "bin" / "helm-unittest"
NAMESPACE = "kinamik"
SERVICES = ("ingest", "drafter", "writer", "config-api", "audit")

Object = dict[str, Any]
Objects = list[Object]


def missing() -> str | None:
    """None where the tools are, otherwise which are not."""
    tools = [tool.name for tool in (BINARY, UNITTEST) if not tool.exists()]
    return f"{' and '.join(tools)}: missing (`make helm`)" if tools else None


def require_helm() -> None:
    """Skips the test by name where Helm is missing; fails instead where KINAMIK_REQUIRE_ALL=1."""
    if missing() and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail(f"Helm: {missing()}", pytrace=False)
    if missing():
        pytest.skip(f"Helm: {missing()}")


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=False, timeout=120)


@cache
def template(chart: Path, values: Path, *more: str) -> str:
    """Raises AssertionError with Helm's own words where the chart or the values are wrong."""
    done = helm(
        *("template", "kinamik", str(chart), "--namespace", NAMESPACE, "--kube-version", "1.37.0"),
        *("--values", str(values), *more),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(chart: Path, values: Path, *more: str) -> Objects:
    documents = yaml.load_all(template(chart, values, *more), Loader=yaml.CSafeLoader)
    return [each for each in documents if each]


def of_kind(objects: Objects, kind: str) -> dict[str, Object]:
    """By name."""
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def pod_of(workload: Object) -> Object:
    """The pod's template of a Deployment or a Job."""
    return workload["spec"]["template"]


def workloads(objects: Objects) -> Objects:
    return [each for each in objects if each["kind"] in ("Deployment", "Job")]
