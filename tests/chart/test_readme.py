"""The chart's own page says what its values.yaml says."""

import importlib.util
from types import ModuleType

import pytest

from tests.chart.helm import CHART


@pytest.fixture(scope="module")
def readme() -> ModuleType:
    specification = importlib.util.spec_from_file_location("chart_readme", CHART / "readme.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_it_is_up_to_date(readme: ModuleType) -> None:
    assert (CHART / "README.md").read_text() == readme.readme(), "make chart-readme"


def test_no_value_is_left_without_a_word(readme: ModuleType) -> None:
    known = {path: comment for path, _, comment in readme.values((CHART / "values.yaml").read_text())}
    same = {path for path in known if path.startswith("services.")}
    sections = {path for path in known if any(other.startswith(f"{path}.") for other in known)}
    assert {path for path in known.keys() - same - sections if not known[path]} == set()
    assert all(
        known[f"services.ingest.{path.split('.')[2]}"] or known[path]
        for path in same - sections
        if path.count(".") == 2 and f"services.ingest.{path.split('.')[2]}" in known
    )
