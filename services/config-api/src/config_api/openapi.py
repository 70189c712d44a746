"""`python -m config_api.openapi` prints the API's document, from which the web UI's client is made."""

import json
import sys
from typing import Any

from pydantic import SecretStr

from config_api.app import ConfigApi, create_app
from config_api.settings import Settings


def document() -> dict[str, Any]:
    """As every installation serves it; no setting changes it."""
    unused = SecretStr("unused")
    key = SecretStr("unused:" + "A" * 43 + "=")
    settings = Settings(
        database_url=SecretStr("postgresql://unused"), admin_token=unused, service_token=unused, master_keys=(key,)
    )
    return create_app(ConfigApi.of(settings)).openapi()


def main() -> None:
    json.dump(document(), sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
