"""The kinds of fields that requests have. All are bounded, and none may hold what PostgreSQL cannot store."""

import ipaddress
import re
import zoneinfo
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, Strict, StringConstraints

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
ADDRESS = r"^[^\s@<>,;\x00-\x1f\x7f]+@[^\s@<>,;\x00-\x1f\x7f]+$"


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("NUL character")
    return value


def _written_out(value: object) -> object:
    """Pydantic would take 0 for the first of January 1970."""
    if isinstance(value, str) and not ISO_DATE.match(value):
        raise ValueError("not as in ISO 8601")
    if isinstance(value, int | float):
        raise ValueError("a number")
    return value


def _known_zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        raise ValueError("unknown time zone")
    return value


def _countable(moment: datetime) -> datetime:
    """The nearest that Python and PostgreSQL have in every time zone: nobody means what lies beyond."""
    return min(max(moment, EARLIEST), LATEST)


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NO_CONTROLS)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_CONTROLS)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]
FilledText = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(_storable)]
MailAddress = Annotated[str, StringConstraints(max_length=320, pattern=ADDRESS)]
OptionalMailAddress = Annotated[str, StringConstraints(max_length=320, pattern=f"^$|{ADDRESS}")]
Host = Annotated[str, StringConstraints(max_length=253, pattern=r"^[A-Za-z0-9._:-]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, BeforeValidator(_written_out)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_countable)]


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def unset() -> Any:
    """The default of a field that a PATCH may leave out: never read, since only what was sent counts.

    A factory, because a default would stand in the OpenAPI document and allow null.
    """
    return None
