"""The chart with each of its sets of values. Without Helm these tests are skipped by name."""

from pathlib import Path

import pytest

from tests.chart.helm import CHART, SETS, Objects, rendered, require_helm


@pytest.fixture(scope="session", autouse=True)
def _helm() -> None:
    require_helm()


@pytest.fixture(scope="session", params=SETS, ids=lambda path: path.stem)
def values(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(scope="session")
def objects(values: Path) -> Objects:
    """What the chart makes of them."""
    return rendered(CHART, values)
