"""What all dashboards are made of, so that they look alike: a row of panels, each with a unit and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models.common import VisibilityMode
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef

WHOLE_WIDTH = 24
HEIGHT = 8
DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and what the legend says of each of its series (`{{label}}`)."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """`unit` is Grafana's id of it; `says` one sentence for who sees it for the first time."""

    title: str
    unit: str
    says: str
    queries: Sequence[Query]
    kind: Literal["lines", "number"] = "lines"


Row = tuple[str, Sequence[Panel]]


def panel(title: str, unit: str, says: str, *queries: tuple[str, str]) -> Panel:
    return Panel(title, unit, says, [Query(*each) for each in queries])


def number(title: str, unit: str, says: str, expression: str) -> Panel:
    """The value that is now, large."""
    return Panel(title, unit, says, [Query(expression)], kind="number")


def rate(metric: str, *by: str, where: str = "") -> str:
    """How many a second, by the labels named."""
    return f"sum{_by(by)}(rate({metric}{_braces(where)}[$__rate_interval]))"


def quantile(share: float, histogram: str, *by: str, where: str = "") -> str:
    """Seconds within which that share of all was done."""
    buckets = f"rate({histogram}_bucket{_braces(where)}[$__rate_interval])"
    return f"histogram_quantile({share}, sum{_by(('le', *by))}({buckets}))"


def by_service(metric: str) -> str:
    """What processes say of themselves, by service: Kinamik's only, whatever Prometheus calls its targets."""
    return f"sum by (service) ({metric} * on (job, instance) group_left (service) kinamik_service_info)"


def percentiles(histogram: str, where: str = "") -> list[tuple[str, str]]:
    return [(quantile(share, histogram, where=where), f"p{share * 100:g}") for share in (0.5, 0.95, 0.99)]


def a_dashboard(uid: str, title: str, says: str, rows: Sequence[Row]) -> dashboard.Dashboard:
    """Rows from top to bottom; the panels of a row share its width."""
    made = dashboard.Dashboard(f"Kinamik: {title}").uid(f"kinamik-{uid}").description(says)
    made.tags(["kinamik"]).time("now-6h", "now").refresh("1m").timezone("browser").readonly()
    made.tooltip(DashboardCursorSync.CROSSHAIR)
    made.with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    made.link(dashboard.DashboardLink("Kinamik").type("dashboards").tags(["kinamik"]).as_dropdown(True))
    for heading, panels in rows:
        made.with_row(dashboard.Row(heading))
        for each in panels:
            made.with_panel(_built(each, WHOLE_WIDTH // len(panels)))
    return made


def _built(of: Panel, width: int) -> timeseries.Panel | stat.Panel:
    made = stat.Panel() if of.kind == "number" else timeseries.Panel().show_points(VisibilityMode.NEVER).min(0)
    made.title(of.title).description(of.says).unit(of.unit).datasource(DATASOURCE).span(width).height(HEIGHT)
    for place, query in enumerate(of.queries):
        target = prometheus.Dataquery().expr(query.expression).legend_format(query.legend).ref_id("ABCDEFGH"[place])
        made.with_target(target.instant() if of.kind == "number" else target.range())
    return made


def _by(labels: Sequence[str]) -> str:
    return f" by ({', '.join(labels)}) " if labels else " "


def _braces(where: str) -> str:
    return f"{{{where}}}" if where else ""
