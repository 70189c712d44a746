"""The reply draft as bytes: recipients, threading and headers are computed here, never by a model."""

from writer.compose.message import compose

__all__ = ["compose"]
