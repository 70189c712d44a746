"""What every service answers an orchestrator."""

import httpx2

from shared.ops import operations_app, serving
from tests.servers.mail_server import free_ports


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def breaks() -> bool:
    raise OSError


async def answers(path: str, **checks: object) -> httpx2.Response:
    (port,) = free_ports(1)
    async with serving(operations_app(checks), "127.0.0.1", port), httpx2.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_alive_whatever_the_checks_say() -> None:
    assert (await answers("/healthz", bus=no)).status_code == 200


async def test_ready_when_every_check_passes() -> None:
    assert (await answers("/readyz", bus=yes, ledger=yes)).status_code == 200


async def test_not_ready_says_what_is_missing() -> None:
    answer = await answers("/readyz", bus=yes, ledger=no, model=breaks)
    assert answer.status_code == 503
    assert answer.json() == {"bus": True, "ledger": False, "model": False}


async def test_metrics_are_prometheus() -> None:
    answer = await answers("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# HELP" in answer.text
