"""What the dashboards and rules say, as the chart carries them, and what the services count, as their source says."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.observability.__main__ import FILES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (ROOT / "services", ROOT / "shared/src")
KINDS = ("Counter", "Gauge", "Histogram", "Info", "Summary")
NAME = re.compile(r"\b(?:kinamik|process|cnpg)_[a-z0-9_]+")
RECORDED = re.compile(r"\bkinamik:[a-z0-9_:]+")


@dataclass(frozen=True)
class Query:
    dashboard: str
    panel: str
    expression: str

    def __str__(self) -> str:
        return f"{self.dashboard} / {self.panel}: {self.expression}"


@dataclass(frozen=True)
class Metric:
    """As it is declared."""

    name: str
    kind: str
    labels: tuple[str, ...]

    @property
    def series(self) -> set[str]:
        """The names under which Prometheus knows it."""
        match self.kind:
            case "Histogram":
                return {f"{self.name}_{suffix}" for suffix in ("bucket", "count", "sum")}
            case "Info":
                return {f"{self.name}_info"}
            case _:
                return {self.name}


def dashboards() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(FILES.glob("dashboards/*.json"))]


def panels() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each with its dashboard."""
    for dashboard in dashboards():
        for panel in dashboard["panels"]:
            if panel["type"] != "row":
                yield dashboard, panel


def queries() -> list[Query]:
    return [
        Query(dashboard["uid"], panel["title"], target["expr"])
        for dashboard, panel in panels()
        for target in panel["targets"]
    ]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FILES / "rules/kinamik.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def expressions() -> list[str]:
    return [query.expression for query in queries()] + [rule["expr"] for rule in rules()]


def declared() -> list[Metric]:
    """Every metric of the services, read from their source."""
    files = [file for folder in SOURCES for file in folder.rglob("*.py") if "node_modules" not in file.parts]
    trees = [ast.parse(file.read_text()) for file in files]
    return [metric for tree in trees if _from_prometheus(tree) for metric in _declared_in(tree)]


def _from_prometheus(tree: ast.Module) -> bool:
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return any(node.module == "prometheus_client" for node in imports)


def _declared_in(tree: ast.Module) -> Iterator[Metric]:
    """A name that is not written down where the metric is made would be overlooked, so there is none."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in KINDS:
            continue
        match node.args:
            case [ast.Constant(value=str(name)), _, ast.List(elts=labels)]:
                yield Metric(name, node.func.id, tuple(ast.literal_eval(label) for label in labels))
            case [ast.Constant(value=str(name)), _]:
                yield Metric(name, node.func.id, ())
            case _:
                assert node.func.id == "Counter", ast.unparse(node)  # of collections
