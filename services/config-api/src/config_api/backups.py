"""When the last backup was made, as far as this service can see it: whoever makes them leaves a mark."""

from pathlib import Path

from prometheus_client import Gauge

MADE_AT = Gauge("kinamik_backup_timestamp_seconds", "When the last backup was made that is known of; 0 without any")


def watch(stamp: Path | None) -> None:
    """`stamp` is a file that is written anew after each backup that went well; its time counts, not what is in it."""
    MADE_AT.set_function(lambda: _written_at(stamp))


def _written_at(stamp: Path | None) -> float:
    """Seconds since 1970."""
    try:
        return stamp.stat().st_mtime if stamp else 0.0
    except OSError:
        return 0.0
