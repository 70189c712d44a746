"""Who may connect to whom, as network policies say (Kubernetes, "Network Policies").

Only what the chart uses: peers by labels or by address, and single ports.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tests.chart.helm import NAMESPACE, Object, Objects

Labels = dict[str, str]


@dataclass(frozen=True)
class Place:
    """A pod of this cluster, or with no labels an address elsewhere."""

    address: str
    labels: Labels = field(default_factory=dict)
    namespace: str = ""


def pod(labels: Labels, namespace: str = NAMESPACE, address: str = "10.244.1.7") -> Place:
    return Place(address, labels, namespace)


def may_connect(policies: Objects, source: Place, target: Place, port: int, protocol: str = "TCP") -> bool:
    """Both sides have to allow it: the one that it leaves, and the one that it enters."""
    return _allows(policies, "Egress", source, target, port, protocol) and _allows(
        policies, "Ingress", target, source, port, protocol
    )


def _allows(policies: Objects, direction: str, ours: Place, other: Place, port: int, protocol: str) -> bool:
    selecting = [each["spec"] for each in policies if _concerns(each, direction, ours)]
    if not selecting:
        return True
    rules = [rule for spec in selecting for rule in spec.get(direction.lower(), [])]
    side = "to" if direction == "Egress" else "from"
    return any(_port(rule, port, protocol) and _peers(rule.get(side), other) for rule in rules)


def _concerns(policy: Object, direction: str, ours: Place) -> bool:
    spec = policy["spec"]
    here = ours.namespace == policy["metadata"]["namespace"]
    return here and direction in spec["policyTypes"] and _matches(spec["podSelector"], ours.labels)


def _port(rule: dict[str, Any], port: int, protocol: str) -> bool:
    ports = rule.get("ports")
    return not ports or any(each["port"] == port and each["protocol"] == protocol for each in ports)


def _peers(peers: list[dict[str, Any]] | None, other: Place) -> bool:
    return not peers or any(_peer(peer, other) for peer in peers)


def _peer(peer: dict[str, Any], other: Place) -> bool:
    if block := peer.get("ipBlock"):
        return _inside(other.address, block["cidr"]) and not any(
            _inside(other.address, network) for network in block.get("except", [])
        )
    if not other.namespace:
        return False
    if "namespaceSelector" in peer:
        names = {"kubernetes.io/metadata.name": other.namespace}
        if not _matches(peer["namespaceSelector"], names):
            return False
    elif other.namespace != NAMESPACE:
        return False
    return _matches(peer.get("podSelector", {}), other.labels)


def _matches(selector: dict[str, Any], labels: Labels) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items()


def _inside(address: str, network: str) -> bool:
    return ip_address(address) in ip_network(network)
