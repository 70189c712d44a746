"""Grafana's dashboards and Prometheus' rules, as code. `make dashboards` writes the files that the chart carries."""
