"""`make dashboards`: writes the dashboards and the rules to where the chart takes them from."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.observability.alerts import GROUPS
from deploy.observability.bus import BUS
from deploy.observability.mailboxes import MAILBOXES
from deploy.observability.model import MODEL
from deploy.observability.pipeline import PIPELINE
from deploy.observability.resources import RESOURCES
from deploy.observability.security import SECURITY

FILES = Path(__file__).resolve().parents[1] / "helm/kinamik/files"
DASHBOARDS = (PIPELINE, MAILBOXES, MODEL, BUS, SECURITY, RESOURCES)


def made() -> Mapping[Path, str]:
    """What each file has to say."""
    encoder = JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False)
    built = [each.build() for each in DASHBOARDS]
    files = {FILES / f"dashboards/{each.uid}.json": encoder.encode(each) + "\n" for each in built}
    rules = yaml.safe_dump({"groups": GROUPS}, sort_keys=False, allow_unicode=True, width=110)
    return files | {FILES / "rules/kinamik.yaml": rules}


def main() -> None:
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
