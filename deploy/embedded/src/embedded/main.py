"""`make run`: everything on one machine in one process, with a mail server to try it on."""

import asyncio
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from email.policy import SMTP

from embedded import house
from embedded.demo_mail import FOR_NEWCOMERS, DemoMail, demo_mail_server
from embedded.demo_mails import first_message
from embedded.postgres import running_postgres
from embedded.secret_files import master_key, token
from embedded.seed import seed
from embedded.settings import Settings
from shared.error_reports import error_reports
from shared.service import run_until_stopped
from shared.telemetry import configure_logging
from shared.tracing import tracing


class CannotStart(Exception):
    """The text says why and what to do, for a person at a terminal."""


def main() -> None:
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "kinamik.log").open("a") as log:
        configure_logging(log)
        try:
            run_until_stopped(_run(settings))
        except CannotStart as error:
            sys.exit(f"Kinamik cannot start: {error}")


async def _run(settings: Settings) -> None:
    began = time.monotonic()
    _check_ports(settings)
    data = settings.data_dir.resolve()
    secrets = house.Secrets(token(data, "service-token"), token(data, "admin-token"), master_key(data))
    async with AsyncExitStack() as stack:
        stack.callback(_say, f"Stopped. Everything you set up is kept in {settings.data_dir}/.")
        stack.enter_context(error_reports("embedded", settings.sentry_dsn.get_secret_value()))
        stack.enter_context(tracing("embedded", settings.otlp_endpoint))
        _say("Starting the database ..." if (data / "postgres").exists() else "Preparing the database ...")
        url = await stack.enter_async_context(running_postgres(data / "postgres"))
        if settings.demo:
            server = demo_mail_server(data / "mail", imap_port=settings.imap_port, smtp_port=settings.smtp_port)
            await welcome(await stack.enter_async_context(server))
        _say("Starting the services ...")
        await stack.enter_async_context(house.running(url, settings, secrets))
        if settings.demo:
            await seed(settings.api_url, secrets.admin_token.get_secret_value(), imap_port=settings.imap_port)
        _say(_ready(settings, time.monotonic() - began))
        stack.callback(_say, "Stopping ...")
        await asyncio.Event().wait()


async def welcome(server: DemoMail) -> None:
    """A mail that waits for an answer, for whoever tries the mailbox out."""
    if server.deliver.is_unused(FOR_NEWCOMERS):
        await server.deliver(FOR_NEWCOMERS, first_message(FOR_NEWCOMERS).as_bytes(policy=SMTP))


def _check_ports(settings: Settings) -> None:
    """Raises CannotStart where a port is taken, naming the setting that moves it."""
    ports: Mapping[str, int] = {"KINAMIK_API_PORT": settings.api_port}
    if settings.demo:
        ports = {**ports, "KINAMIK_IMAP_PORT": settings.imap_port, "KINAMIK_SMTP_PORT": settings.smtp_port}
    for setting, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError:
                raise CannotStart(
                    f"port {port} is in use. End the program that uses it, or choose another port: "
                    f"{setting}={port + 1} make run"
                ) from None


def _ready(settings: Settings, seconds: float) -> str:
    drafts = (
        f"by {settings.llm_model} at {settings.llm_base_url}"
        if settings.llm_base_url
        else ("from the knowledge alone (no model is set; KINAMIK_LLM_BASE_URL, _API_KEY and _MODEL name one)")
    )
    lines = [f"Ready after {seconds:.1f} s: open {settings.api_url} in your browser"]
    if settings.demo:
        lines[0] += f" · IMAP {settings.host}:{settings.imap_port} · SMTP {settings.host}:{settings.smtp_port}"
        lines[0] += " · try `make demo` in a second terminal"
        lines.append("The demo mailbox is demo@hotel-seeblick.example, password demo.")
    lines.append(f"Drafts are written {drafts}. Ctrl-C ends everything.")
    return "\n".join(lines)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
