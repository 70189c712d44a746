"""What is put into the chart's folder `files` reaches Prometheus and Grafana as it is."""

import json
import shutil
from pathlib import Path

import pytest

from tests.chart.helm import CHART, of_kind, rendered

VALUES = CHART / "ci" / "production.yaml"
RULE = """\
# Of one service.
groups:
  - name: drafts
    rules:
      - alert: DraftsAreLate
        expr: sum(rate(kinamik_drafts_total[5m])) < 1
        annotations: {summary: "{{ $labels.service }} is late"}
"""
DASHBOARD = {"title": "Wege", "panels": [{"legendFormat": "{{service}}", "text": "a: b\n# no comment"}]}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """The chart with a rule and a dashboard of its own in it."""
    copy = tmp_path / "kinamik"
    shutil.copytree(CHART, copy, ignore=shutil.ignore_patterns("files"))
    for name, content in (("rules/drafts.yaml", RULE), ("dashboards/ways.json", json.dumps(DASHBOARD))):
        file = copy / "files" / name
        file.parent.mkdir(parents=True)
        file.write_text(content)
    return copy


def test_rules_and_dashboards_arrive_unchanged(chart: Path) -> None:
    objects = rendered(chart, VALUES)
    rule = of_kind(objects, "PrometheusRule")["kinamik-drafts"]
    assert rule["spec"]["groups"][0]["rules"][0]["annotations"]["summary"] == "{{ $labels.service }} is late"
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    dashboard = of_kind(objects, "ConfigMap")["kinamik-dashboard-ways"]
    assert json.loads(dashboard["data"]["ways.json"]) == DASHBOARD
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_they_are_left_out_where_nobody_wants_them(chart: Path) -> None:
    objects = rendered(chart, VALUES, "--set", "monitoring.rules=false,monitoring.dashboards=false")
    assert not of_kind(objects, "PrometheusRule")
    assert "kinamik-dashboard-ways" not in of_kind(objects, "ConfigMap")
