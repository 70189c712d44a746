"""drafter: turns a mail into a checked proposal, from the organisation's knowledge."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from drafter.handlers import Handlers
from drafter.playground import Playground
from drafter.settings import Settings
from shared.bus.seam import Bus, Subscription
from shared.config_client import ConfigClient
from shared.events import ConfigChanged, MessageReceived
from shared.ops import Checks
from shared.service import run

if TYPE_CHECKING:
    from drafter.llm import Model

GROUP = "drafter"


@asynccontextmanager
async def running(
    bus: Bus, config: ConfigClient, *, settings: Settings, routes: list[BaseRoute]
) -> AsyncGenerator[Checks]:
    """Subscribes; the caller starts the bus. What is to be served over HTTP is added to `routes`."""
    model = _model(settings)
    handlers = Handlers(config, model)
    routes.append(Playground(config, handlers.author, settings.service_token).route)
    bus.subscribe(
        Subscription(MessageReceived, GROUP, handlers.draft, attempts=3),
        Subscription(ConfigChanged, f"{GROUP}-config", handlers.config_changed, everyone=True),
    )
    try:
        yield {}
    finally:
        if model is not None:
            await model.close()


def _model(settings: Settings) -> "Model | None":
    if not settings.llm_base_url:
        return None
    from drafter.llm import Model, ModelSettings  # the SDK costs 25 MB, which a run without a model can save

    return Model(
        ModelSettings(
            base_url=settings.llm_base_url,
            model=settings.llm_model,
            api_key=settings.llm_api_key,
            timeout=settings.llm_timeout,
            deadline=settings.llm_deadline,
        )
    )


def main() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    routes: list[BaseRoute] = []
    service = partial(running, settings=settings, routes=routes)
    run("drafter", settings, settings.port, service, concurrency=settings.concurrency, routes=routes)


if __name__ == "__main__":
    main()
