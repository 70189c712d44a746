"""A call of the model as a span, named as OpenTelemetry's conventions for generative AI have it; without content."""

from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind

from drafter.replies import Reply
from shared.tracing import Attribute, span

AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")


def calling(base_url: str, body: dict[str, Any], *, limit: int) -> AbstractContextManager[Span]:
    """`body` is the request, whose messages are left out; `limit` is in tokens."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    attributes: dict[str, Attribute] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "azure.ai.openai" if host.endswith(AZURE) else "openai",
        "gen_ai.request.model": body["model"],
        "gen_ai.request.max_tokens": limit,
        "gen_ai.output.type": "json" if "response_format" in body else "text",
        "server.address": host,
        "server.port": address.port or (443 if address.scheme == "https" else 80),
    }
    if "temperature" in body:
        attributes["gen_ai.request.temperature"] = body["temperature"]
    return span(f"chat {body['model']}", SpanKind.CLIENT, attributes)


def answered(call: Span, reply: Reply) -> None:
    call.set_attribute("gen_ai.response.finish_reasons", [choice.finish_reason or "" for choice in reply.choices])
    if reply.model:
        call.set_attribute("gen_ai.response.model", reply.model)
    if reply.usage is not None:
        call.set_attribute("gen_ai.usage.input_tokens", reply.usage.prompt_tokens)
        call.set_attribute("gen_ai.usage.output_tokens", reply.usage.completion_tokens)
