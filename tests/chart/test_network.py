"""Who reaches whom, in every set of values."""

from pathlib import Path

import pytest

from tests.chart.helm import CHART, SERVICES, Objects, of_kind, pod_of
from tests.chart.network import Place, may_connect, pod

STRANGER = pod({"app": "something-else"}, "elsewhere")
NEIGHBOUR = pod({"app": "something-else"})
INGRESS = pod({"app": "nginx"}, "ingress-nginx")
PROMETHEUS = pod({"app": "prometheus"}, "monitoring")
NAME_SERVER = pod({"k8s-app": "kube-dns"}, "kube-system")
METADATA_SERVICE = Place("169.254.169.254")
# Where each set of values has its mail servers, and its model.
MAIL = {"air-gapped": Place("10.20.0.5")}
SOMEWHERE = Place("198.51.100.7")
MODEL = {
    "production": (Place("203.0.113.5"), 443),
    "operators": (Place("192.0.2.9"), 8443),
    "air-gapped": (pod({"app": "vllm"}, "models"), 8000),
}
WITH_MAIL = {"ingest", "writer", "config-api"}
WITH_DATABASE = {"ingest", "config-api", "audit"}


@pytest.fixture
def policies(objects: Objects) -> Objects:
    return list(of_kind(objects, "NetworkPolicy").values())


@pytest.fixture
def pods(objects: Objects) -> dict[str, Place]:
    """The five services', and the migrations'."""
    deployments = {
        name: pod(pod_of(each)["metadata"]["labels"]) for name, each in of_kind(objects, "Deployment").items()
    }
    found = {name.removeprefix("kinamik-"): place for name, place in deployments.items()}
    jobs = of_kind(objects, "Job")
    return found | {"migrate": pod(pod_of(jobs["kinamik-migrate-audit"])["metadata"]["labels"])}


def of_sets(*names: str) -> pytest.MarkDecorator:
    """Only these sets of values make this promise."""
    paths = [CHART / "ci" / f"{name}.yaml" for name in names]
    return pytest.mark.parametrize("values", paths, indirect=True, ids=names)


def reached_by(policies: Objects, pods: dict[str, Place], target: Place, port: int) -> set[str]:
    """Which of our pods may connect to `target`."""
    return {name for name, place in pods.items() if may_connect(policies, place, target, port)}


def test_every_pod_has_a_policy_for_both_directions(policies: Objects, pods: dict[str, Place]) -> None:
    for name, place in pods.items():
        labels = place.labels.items()
        own = [each["spec"] for each in policies if each["spec"]["podSelector"]["matchLabels"].items() <= labels]
        assert [each["policyTypes"] for each in own] == [["Ingress", "Egress"]], name


@pytest.mark.parametrize("outside", [STRANGER, NEIGHBOUR, INGRESS, Place("198.51.100.7")])
def test_nobody_but_config_api_is_reached_from_outside(
    policies: Objects, pods: dict[str, Place], outside: Place
) -> None:
    reached = {name for name, place in pods.items() if may_connect(policies, outside, place, 8080)}
    assert reached <= {"config-api"}


def test_config_api_is_reached_by_the_ingress_controller(policies: Objects, pods: dict[str, Place]) -> None:
    assert may_connect(policies, INGRESS, pods["config-api"], 8080)


def test_where_the_entrance_is_named_nobody_else_comes_in(
    values: Path, policies: Objects, pods: dict[str, Place]
) -> None:
    open_to_all = values.stem != "production"
    assert may_connect(policies, STRANGER, pods["config-api"], 8080) is open_to_all


def test_services_reach_each_other_as_they_have_to_and_no_further(policies: Objects, pods: dict[str, Place]) -> None:
    for name in SERVICES:
        others = {other: place for other, place in pods.items() if other != name}
        asking = {other for other, place in others.items() if may_connect(policies, place, pods[name], 8080)}
        assert asking == (set(SERVICES) - {name} if name == "config-api" else {"config-api"}), name


def test_prometheus_reaches_all_five(policies: Objects, pods: dict[str, Place]) -> None:
    reached = {name for name, place in pods.items() if may_connect(policies, PROMETHEUS, place, 8080)}
    assert reached == set(SERVICES)


@of_sets(*MODEL)
def test_drafter_alone_reaches_the_model(values: Path, policies: Objects, pods: dict[str, Place]) -> None:
    model, port = MODEL[values.stem]
    assert reached_by(policies, pods, model, port) == {"drafter"}


@of_sets("smallest")
def test_without_a_model_drafter_reaches_nothing_outside(policies: Objects, pods: dict[str, Place]) -> None:
    assert not any(may_connect(policies, pods["drafter"], SOMEWHERE, port) for port in (80, 443, 993, 8443))


def test_only_who_has_to_reaches_mail_servers(values: Path, policies: Objects, pods: dict[str, Place]) -> None:
    assert reached_by(policies, pods, MAIL.get(values.stem, SOMEWHERE), 993) == WITH_MAIL


@of_sets("smallest", "production", "operators")
def test_strangers_mail_servers_do_not_lead_into_our_network(policies: Objects, pods: dict[str, Place]) -> None:
    for inside in ("10.0.0.1", "172.16.5.5", "192.168.1.1", "100.64.0.1"):
        assert reached_by(policies, pods, Place(inside), 993) == set()


@of_sets("air-gapped")
def test_nothing_leaves_the_house(policies: Objects, pods: dict[str, Place]) -> None:
    for port in (25, 80, 443, 993, 8000):
        assert reached_by(policies, pods, SOMEWHERE, port) == set()


def test_nobody_reaches_the_cloud_s_metadata_service(policies: Objects, pods: dict[str, Place]) -> None:
    assert reached_by(policies, pods, METADATA_SERVICE, 80) == set()
    assert reached_by(policies, pods, METADATA_SERVICE, 443) == set()


def test_names_are_asked_for_in_the_cluster_only(policies: Objects, pods: dict[str, Place]) -> None:
    for place in pods.values():
        assert may_connect(policies, place, NAME_SERVER, 53, "UDP")
        assert not may_connect(policies, place, SOMEWHERE, 53, "UDP")


def test_only_services_with_a_schema_reach_postgresql(values: Path, policies: Objects, pods: dict[str, Place]) -> None:
    own = pod({"cnpg.io/cluster": "kinamik-postgres"})
    database = own if values.stem in ("operators", "air-gapped") else Place("10.1.1.4")
    assert reached_by(policies, pods, database, 5432) == WITH_DATABASE | {"migrate"}


def test_all_but_migrations_reach_kafka(values: Path, policies: Objects, pods: dict[str, Place]) -> None:
    own = pod({"strimzi.io/cluster": "kinamik-kafka", "strimzi.io/kind": "Kafka"})
    broker, port = (own, 9093) if values.stem in ("operators", "air-gapped") else (Place("10.1.0.4"), 9092)
    assert reached_by(policies, pods, broker, port) == set(SERVICES)
