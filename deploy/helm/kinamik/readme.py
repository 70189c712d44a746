"""Writes the chart's README.md: the values with their comments, and what is always so.

python deploy/helm/kinamik/readme.py           # writes it
python deploy/helm/kinamik/readme.py --check   # ends with 1 where it is not up to date
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

CHART = Path(__file__).parent
README = CHART / "README.md"
LINE = re.compile(r"(?P<indent> *)(?:# (?P<comment>.*)|(?P<key>[\w-]+):(?: (?P<value>.+))?)")
INTRODUCTION = """\
# Kinamik on Kubernetes

The five services, from one template. docs/kubernetes.md goes from an empty cluster to a running installation.

    helm install kinamik deploy/helm/kinamik --namespace kinamik --create-namespace --values my-values.yaml

Values are checked against `values.schema.json`, which knows no others than these. `ci/` has four sets to begin with.
What stands in `files/rules` and `files/dashboards` becomes a PrometheusRule and ConfigMaps (`monitoring`).

This page is made from `values.yaml` (`make chart-readme`).

## Values

| value | without you | meaning |
| --- | --- | --- |
"""


def values(text: str) -> Iterator[tuple[str, str, str]]:
    """Path, default and comment of each value in values.yaml; a section has a comment, and no default."""
    path: list[str] = []
    comments: list[str] = []
    for line in text.splitlines():
        if not (match := LINE.fullmatch(line)):
            comments.clear()
        elif match["key"] is None:
            comments.append(match["comment"])
        else:
            path[len(match["indent"]) // 2 :] = [match["key"]]
            yield ".".join(path), match["value"] or "", " ".join(comments)
            comments.clear()


def readme() -> str:
    rows = values((CHART / "values.yaml").read_text())
    cells = ((f"`{path}`", f"`{default}`" if default else "", comment) for path, default, comment in rows)
    shown = [" | ".join(cell.replace("|", r"\|") for cell in row) for row in cells if row[1] or row[2]]
    return INTRODUCTION + "".join(f"| {row} |\n" for row in shown)


def main(*arguments: str) -> int:
    if "--check" in arguments:
        return int(README.read_text() != readme())
    README.write_text(readme())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
