"""Kubernetes' "restricted" pod security standard, and what Kinamik promises beyond it.

Kubernetes, "Pod Security Standards": every rule of the profiles "baseline" and "restricted" that a Linux pod can break.
"""

from collections.abc import Iterator
from typing import Any

ALLOWED_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"),
}


def broken_rules(template: dict[str, Any]) -> list[str]:
    """In words; none where the pod may run in a namespace with `pod-security.kubernetes.io/enforce: restricted`."""
    spec = template["spec"]
    found = list(_of_pod(spec))
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        found += [f"{container['name']}: {rule}" for rule in _of_container(container, spec.get("securityContext", {}))]
    return found


def _of_pod(spec: dict[str, Any]) -> Iterator[str]:
    for shared in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(shared):
            yield f"takes part in the node's {shared}"
    for volume in spec.get("volumes", []):
        if kinds := volume.keys() - {"name"} - ALLOWED_VOLUMES:
            yield f"volume {volume['name']} is a {', '.join(kinds)}"
    context = spec.get("securityContext", {})
    if context.get("sysctls") or context.get("windowsOptions", {}).get("hostProcess"):
        yield "changes its node"


def _of_container(container: dict[str, Any], pod: dict[str, Any]) -> Iterator[str]:
    context = container.get("securityContext", {})
    capabilities = context.get("capabilities", {})
    together = pod | context
    if together.get("runAsNonRoot") is not True or together.get("runAsUser") == 0:
        yield "may run as root"
    if together.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if context.get("privileged"):
        yield "is privileged"
    if "ALL" not in capabilities.get("drop", []):
        yield "keeps capabilities"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "adds capabilities"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "takes a port of its node"
    if context.get("procMount", "Default") != "Default":
        yield "sees more of /proc"
    if context.get("readOnlyRootFilesystem") is not True:
        yield "can write its root file system (not in the standard, but promised)"
