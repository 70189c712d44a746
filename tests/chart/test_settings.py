"""The settings that the chart gives its pods are the settings that the services read."""

import base64
from math import ceil
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from audit.settings import Settings as AuditSettings
from config_api.crypto import MasterKeys
from config_api.settings import Settings as ConfigApiSettings
from drafter.settings import Settings as DrafterSettings
from ingest import assignment
from ingest.settings import Settings as IngestSettings
from shared.bus.kafka import MAX_EVENT_BYTES, PARTITIONS, RETENTION_MS
from shared.events import EVENTS
from shared.migrating import DatabaseSettings
from tests.chart.helm import CHART, SERVICES, Object, Objects, of_kind, pod_of, rendered, template
from writer.settings import Settings as WriterSettings

CLASSES: dict[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "drafter": DrafterSettings,
    "writer": WriterSettings,
    "config-api": ConfigApiSettings,
    "audit": AuditSettings,
}
OPERATORS = CHART / "ci" / "operators.yaml"
SMALLEST = CHART / "ci" / "smallest.yaml"


def environment_of(container: Object, objects: Objects) -> dict[str, str]:
    """What the container would see. What is in a secret that is not the chart's is made up."""
    secrets = {name: secret["data"] for name, secret in of_kind(objects, "Secret").items()}

    def value(variable: dict[str, Any]) -> str:
        if "value" in variable:
            return variable["value"]
        reference = variable["valueFrom"]["secretKeyRef"]
        if reference["name"] in secrets:
            return base64.b64decode(secrets[reference["name"]][reference["key"]]).decode()
        return "1:" + base64.b64encode(bytes(32)).decode()

    return {each["name"]: value(each) for each in container["env"]}


@pytest.fixture
def settings(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseSettings]:
    """Each service's settings, read from the environment of its pod."""
    found: dict[str, BaseSettings] = {}
    for name, deployment in of_kind(objects, "Deployment").items():
        service = name.removeprefix("kinamik-")
        with monkeypatch.context() as patch:
            for variable, value in environment_of(pod_of(deployment)["spec"]["containers"][0], objects).items():
                patch.setenv(variable, value)
            found[service] = CLASSES[service]()
    return found


def test_every_variable_is_a_setting_of_its_service(objects: Objects) -> None:
    for name, deployment in of_kind(objects, "Deployment").items():
        (container,) = pod_of(deployment)["spec"]["containers"]
        names = [each["name"] for each in container["env"]]
        known = {f"KINAMIK_{field.upper()}" for field in CLASSES[name.removeprefix("kinamik-")].model_fields}
        assert set(names) <= known
        assert len(names) == len(set(names))
    for job in of_kind(objects, "Job").values():
        (container,) = pod_of(job)["spec"]["containers"]
        assert {each["name"] for each in container["env"]} == {
            f"KINAMIK_{field.upper()}" for field in DatabaseSettings.model_fields
        }


def test_every_service_can_read_its_settings(settings: dict[str, Any]) -> None:
    assert settings.keys() == set(SERVICES)
    assert {each.host for each in settings.values()} == {"0.0.0.0"}


def test_services_are_looked_for_where_they_are(objects: Objects, settings: dict[str, Any]) -> None:
    services = of_kind(objects, "Service")
    deployments = of_kind(objects, "Deployment")
    api = settings["config-api"]
    urls = {name: getattr(api, f"{name}_url") for name in ("ingest", "drafter", "writer", "audit")}
    for name, url in {**urls, "config-api": settings["writer"].config_api_url}.items():
        assert urlsplit(url).hostname == f"kinamik-{name}"
        (port,) = services[f"kinamik-{name}"]["spec"]["ports"]
        assert urlsplit(url).port == port["port"] == settings[name].port
        selector = services[f"kinamik-{name}"]["spec"]["selector"].items()
        assert selector <= pod_of(deployments[f"kinamik-{name}"])["metadata"]["labels"].items()


def test_a_drafter_may_end_what_it_has_begun(objects: Objects, settings: dict[str, Any]) -> None:
    pod = pod_of(of_kind(objects, "Deployment")["kinamik-drafter"])["spec"]
    before = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    longest = max(settings["drafter"].llm_timeout, settings["drafter"].llm_deadline)
    assert before > 0
    assert pod["terminationGracePeriodSeconds"] > before + ceil(longest)


def test_the_generated_keys_are_good_ones() -> None:
    (secret,) = of_kind(rendered(CHART, SMALLEST), "Secret").values()
    opened = {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    assert MasterKeys.parse([SecretStr(opened["master-keys"])]).newest == "1"
    assert len(opened["service-token"]) >= 32
    assert opened["service-token"] != opened["admin-token"]
    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_the_generated_keys_differ_from_one_installation_to_the_next() -> None:
    template.cache_clear()
    before = of_kind(rendered(CHART, SMALLEST), "Secret")["kinamik-secrets"]["data"]
    template.cache_clear()
    after = of_kind(rendered(CHART, SMALLEST), "Secret")["kinamik-secrets"]["data"]
    assert not set(before.values()) & set(after.values())


def test_topics_are_made_as_the_services_would_make_them() -> None:
    topics = {name: each["spec"] for name, each in of_kind(rendered(CHART, OPERATORS), "KafkaTopic").items()}
    ours = {event.topic for event in EVENTS}
    assert topics.keys() == ours | {assignment.TOPIC}
    assert topics[assignment.TOPIC]["partitions"] == assignment.PARTITIONS
    for name in ours:
        assert topics[name]["partitions"] == PARTITIONS
        assert topics[name]["config"]["retention.ms"] == RETENTION_MS
        assert topics[name]["config"]["segment.ms"] == RETENTION_MS // 4
        assert topics[name]["config"]["max.message.bytes"] == MAX_EVENT_BYTES
