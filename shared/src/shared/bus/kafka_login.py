"""How clients prove to Kafka who they are: by SCRAM-SHA-512 (RFC 5802, RFC 7677), over TLS."""

import ssl
from typing import Any

from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLScram512

from shared.settings import ServiceSettings


def kafka_login(settings: ServiceSettings) -> BaseSecurity | None:
    """None for brokers that take everybody. Raises OSError where there is no such `kafka_ca_file`."""
    context: ssl.SSLContext | None = None
    if settings.kafka_tls or settings.kafka_ca_file:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_username:
        return SASLScram512(settings.kafka_username, settings.kafka_password.get_secret_value(), ssl_context=context)
    return BaseSecurity(ssl_context=context) if context else None


def client_options(login: BaseSecurity | None) -> dict[str, Any]:
    """The same for aiokafka's own clients, as keyword arguments."""
    return parse_security(login)
