"""A message's bytes to normalised text: `parse`, and `new_text` for what its sender newly wrote."""

from shared.mailbox.mime.parse import Parsed, parse
from shared.mailbox.mime.reply_text import new_text

__all__ = ["Parsed", "new_text", "parse"]
