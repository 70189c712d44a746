"""Every object of every set of values, as Kubernetes itself would judge it."""

import subprocess
from pathlib import Path

import kubernetes_validate
import pytest

from tests.chart.helm import CHART, SERVICES, SETS, UNITTEST, Objects, helm, of_kind, pod_of, workloads
from tests.chart.standard import broken_rules

VERSIONS = ("1.35", "1.36", "1.37")
# Their schemas are their operators' own. What has to be in them is in the chart's unit tests.
OPERATORS = {
    "gateway.networking.k8s.io",
    "kafka.strimzi.io",
    "keda.sh",
    "monitoring.coreos.com",
    "postgresql.cnpg.io",
}


def test_there_are_at_least_four_sets_of_values() -> None:
    assert {"smallest", "production", "operators", "air-gapped"} <= {path.stem for path in SETS}


def test_lint_has_nothing_to_say(values: Path) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", str(values))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chart_s_unit_tests_pass() -> None:
    done = subprocess.run([UNITTEST, CHART], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(objects: Objects, version: str) -> None:
    validated = 0
    for each in objects:
        if each["apiVersion"].partition("/")[0] not in OPERATORS:
            kubernetes_validate.validate(each, version, strict=True)
            validated += 1
    assert validated > 20


def test_no_pod_breaks_the_restricted_standard(objects: Objects) -> None:
    pods = {each["metadata"]["name"]: pod_of(each) for each in workloads(objects)}
    assert {f"kinamik-{service}" for service in SERVICES} <= pods.keys()
    assert {name: broken for name, pod in pods.items() if (broken := broken_rules(pod))} == {}


def test_no_pod_has_a_token_of_the_cluster(objects: Objects) -> None:
    for each in workloads(objects):
        assert pod_of(each)["spec"]["automountServiceAccountToken"] is False
    accounts = of_kind(objects, "ServiceAccount")
    assert {each["automountServiceAccountToken"] for each in accounts.values()} == {False}
    assert {pod_of(each)["spec"]["serviceAccountName"] for each in workloads(objects)} <= accounts.keys()


def test_no_name_is_used_twice(objects: Objects) -> None:
    names = [(each["apiVersion"], each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))
