"""Somebody new at `make run`: from registration to a first draft in the demo mailbox, with what the API offers."""

import time

import httpx2
import pytest

from config_api.starting_points.schemas import STARTING_POINTS, StartingPoint
from tests.servers.house import House
from tests.servers.mail_server import free_ports
from tests.servers.owner import Owner, wait_for
from tests.servers.person import registration

DRAFTED = ("drafted", "")


class Newcomer:
    """Knows nothing but what the API tells."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def post(self, path: str, **body: object) -> httpx2.Response:
        response = await self.http.post(path, json=body, timeout=30)
        assert response.is_success, response.text
        return response

    async def sign_up(self, name: str) -> None:
        site = (await self.http.get("/site")).json()
        assert (site["edition"], site["confirmation_by_mail"]) == ("house", False)
        entered = registration(name, terms_version=site["terms_version"])
        await self.post("/auth/register", **entered)
        await self.post("/auth/login", login=name, password=entered["password"])

    async def set_up(self, start: StartingPoint) -> tuple[Owner, str]:
        """An organisation, an assistant and the demo mailbox, whose settings are found from its address."""
        path = f"/organisations/{(await self.post('/organisations', name='Mein Betrieb')).json()['id']}"
        assistant = (await self.post(f"{path}/assistants", name="Anna", starting_point=start)).json()["id"]
        demo = (await self.http.get("/site")).json()["demo_mailbox"]
        (found,) = (await self.post(f"{path}/mailboxes/discover", address=demo["address"])).json()["items"]
        imap = found["imap"] | {"password": demo["password"]}
        assert (await self.post(f"{path}/mailboxes/test", imap=imap)).json()["ok"]
        added = await self.post(f"{path}/mailboxes", assistant_id=assistant, address=demo["address"], imap=imap)
        return Owner(self.http, path, assistant), added.json()["id"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    imap, smtp = free_ports(2)
    settings = {"demo": "true", "imap_port": str(imap), "smtp_port": str(smtp)}
    return House(tmp_path_factory.mktemp("house"), **settings)


async def test_from_registration_to_the_first_draft(house: House) -> None:
    began = 0.0
    with house:
        wait_for(lambda: house.query("SELECT count(*) FROM config.mailbox") == [(1,)], 20)  # the hotel's
        for number, start in enumerate(STARTING_POINTS):
            async with httpx2.AsyncClient(base_url=f"{house.url}/api/v1") as http:
                newcomer, began = Newcomer(http), time.monotonic()
                await newcomer.sign_up(f"neu{number}")
                owner, mailbox = await newcomer.set_up(start)
                path = f"{owner.path}/mailboxes/{mailbox}"
                last = (await newcomer.post(f"{path}/last-unanswered")).json()
                assert last["from_name"] == "Karin Albrecht"
                assert await owner.settled(mailbox) == []
                await owner.change(f"/mailboxes/{mailbox}", watch_since=last["watch_since"])
                await owner.until_settled(mailbox, DRAFTED)
                (row,) = (await http.get(f"{owner.path}/activity")).json()["items"]
                draft = (await http.get(f"{owner.path}/activity/{row['message_id']}/draft", timeout=20)).json()
                assert "Guten Tag" in draft["text"], start
                assert "Uhr" in draft["text"], "when it is open"
                assert row["knowledge_ids"]
                seen = (await http.get(f"{owner.path}/overview")).json()
                assert (seen["total"]["drafted"], seen["knowledge"]["most_used"][0]["uses"]) == (1, 1)
        assert time.monotonic() - began < 30
