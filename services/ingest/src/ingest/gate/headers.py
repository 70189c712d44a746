"""Reading single headers of a parsed mail."""

import re

from shared.mailbox.mime import Parsed

_REPORT_TYPE = re.compile(r"report-type\s*=\s*\"?([a-z-]+)")


def header(parsed: Parsed, name: str) -> str:
    """The first value of a header, stripped and casefolded; empty where there is none. `name` is in lower case."""
    values = parsed.headers.get(name, ())
    return values[0].strip().casefold() if values else ""


def content_type(parsed: Parsed) -> tuple[str, str]:
    """The whole mail's media type, and its report-type (RFC 6522), both empty where there is none."""
    value = header(parsed, "content-type")
    found = _REPORT_TYPE.search(value)
    return value.partition(";")[0].strip(), found[1] if found else ""


def precedence(parsed: Parsed) -> str:
    """Precedence (RFC 2076, 3.9), or its X- form."""
    return header(parsed, "precedence") or header(parsed, "x-precedence")
