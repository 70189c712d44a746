"""The drafter's playground behind a real HTTP server on loopback, with config-api's configuration and no bus."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette

from drafter.handlers import Handlers
from drafter.llm import Model, ModelSettings
from drafter.playground import Playground
from tests.servers.config_api import ConfigApiServer, serving
from tests.servers.model_stub import ModelStub


@asynccontextmanager
async def running_drafter(api: ConfigApiServer, stub: ModelStub | None = None) -> AsyncGenerator[str]:
    """Its address, which config-api is told too."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(api.client())
        model = Model(ModelSettings(base_url=stub.base_url, model="stub", deadline=10)) if stub else None
        if model is not None:
            stack.push_async_callback(model.close)
        playground = Playground(client, Handlers(client, model).author, api.service.settings.service_token)
        url = await stack.enter_async_context(serving(Starlette(routes=[playground.route])))
        api.service.settings.drafter_url = url
        yield url
