"""Drafts as the writer composes them."""

from shared.mailbox.protocol import Draft


def a_draft(raw: bytes, message_id: str, *, answers: str = "") -> Draft:
    """For a mailbox that takes the whole message as it is."""
    return Draft(message_id=message_id, answers=answers, raw=raw, subject="", to=(), cc=(), html="")
