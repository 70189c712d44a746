"""How the SDK is told what of a request is not in its path."""

from typing import TypeVar

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection

Query = TypeVar("Query")

IMMUTABLE = 'IdType="ImmutableId"'
"""Without it an id changes when its message is moved (https://learn.microsoft.com/graph/outlook-immutable-id)."""


def asking(query: Query | None = None, *, page: int = 0, if_match: str = "") -> RequestConfiguration[Query]:
    """For immutable ids, always; for at most `page` items in an answer, and only if the etag is still that one."""
    headers = HeadersCollection()
    headers.add("Prefer", f"{IMMUTABLE}, odata.maxpagesize={page}" if page else IMMUTABLE)
    if if_match:
        headers.add("If-Match", if_match)
    return RequestConfiguration(headers=headers, query_parameters=query)


def literal(text: str) -> str:
    """A string in a filter (OData 4.01, ABNF: string)."""
    return "'" + text.replace("'", "''") + "'"
