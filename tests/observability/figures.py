"""What this process says of itself to Prometheus."""

from prometheus_client import REGISTRY


def figure(name: str, **labels: str) -> float:
    """Raises AssertionError where there is no such series."""
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None, f"{name}{labels} does not exist"
    return value
