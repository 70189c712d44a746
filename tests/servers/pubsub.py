"""A Pub/Sub on loopback: service accounts' tokens, pulling and acknowledging. There is no emulator to be had.

Like the real one it delivers at least once: what is not acknowledged comes again, here with the next pull. A pull waits
for a while where there is nothing, the real one's for a minute and a half.
"""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.config_api import serving
from tests.servers.faults import Faults, google_error

SUBSCRIPTION = "projects/hotel/subscriptions/mail"
TOPIC = "projects/hotel/topics/mail"
TOKEN = "a service account's token"
PULL_SECONDS = 2.0
LOOK_SECONDS = 0.005


@dataclass
class PubSub:
    """`key` is the service account's key file. `waiting` are messages by their acknowledgement's id."""

    url: str = ""
    key: dict[str, Any] = field(default_factory=dict[str, Any])
    waiting: dict[str, bytes] = field(default_factory=dict[str, bytes])
    faults: Faults = field(default_factory=Faults)
    tokens_given: int = 0
    published: int = 0
    _private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def tell(self, topic: str, email: str, history_id: str) -> None:
        """As Gmail publishes a change (https://developers.google.com/gmail/api/guides/push)."""
        assert topic == TOPIC
        self.publish(json.dumps({"emailAddress": email, "historyId": int(history_id)}).encode())

    def publish(self, data: bytes) -> None:
        self.published += 1
        self.waiting[f"ack-{self.published}"] = data

    async def token(self, request: Request) -> Response:
        form = await request.form()
        public = self._private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        claims = jwt.decode(form["assertion"], certs=public, audience="https://oauth2.googleapis.com/token")
        if claims["iss"] != self.key["client_email"] or not claims["scope"].endswith("/auth/pubsub"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens_given += 1
        return JSONResponse({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

    async def call(self, request: Request) -> Response:
        if fault := self.faults.next_for(request.method, request.url.path, None):
            return JSONResponse(fault.body, fault.status, fault.headers)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse(google_error(401, "Invalid Credentials", "authError"), 401)
        asked = await request.json()
        if request.url.path.endswith(":pull"):
            await self._wait_for_something()
            messages = [
                {"ackId": ack, "message": {"data": base64.b64encode(data).decode(), "messageId": ack}}
                for ack, data in list(self.waiting.items())[: asked["maxMessages"]]
            ]
            return JSONResponse({"receivedMessages": messages} if messages else {})
        for ack in asked["ackIds"]:
            self.waiting.pop(ack, None)
        return JSONResponse({})

    async def _wait_for_something(self) -> None:
        """Messages are published from another thread."""
        for _ in range(int(PULL_SECONDS / LOOK_SECONDS)):
            if self.waiting:
                return
            await asyncio.sleep(LOOK_SECONDS)

    def make_key(self) -> None:
        private = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.key = {
            "type": "service_account",
            "client_email": "kinamik@hotel.iam.gserviceaccount.com",
            "private_key": private.decode(),
            "private_key_id": "1",
            "token_uri": f"{self.url}/token",
        }


@asynccontextmanager
async def a_pubsub() -> AsyncGenerator[PubSub]:
    pubsub = PubSub()
    routes = [
        Route("/token", pubsub.token, methods=["POST"]),
        Route("/v1/{rest:path}", pubsub.call, methods=["POST"]),
    ]
    async with serving(Starlette(routes=routes)) as pubsub.url:
        pubsub.make_key()
        yield pubsub
