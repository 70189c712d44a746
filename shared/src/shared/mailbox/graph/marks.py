"""Extended properties, Outlook's and ours (https://learn.microsoft.com/graph/api/resources/extended-properties-overview).

Graph lets nobody set a draft's Message-ID or In-Reply-To, so a draft of ours is known by a property of its own.
"""

from msgraph.generated.models.single_value_legacy_extended_property import SingleValueLegacyExtendedProperty

from shared.mailbox.graph.requests import literal

_OURS = "6a2f4c57-3a0c-4d83-9c3e-5b0d7f0e9b1a"

MARK = f"String {{{_OURS}}} Name KinamikDraft"
"""The Message-ID that the draft would have elsewhere."""
STATE = f"String {{{_OURS}}} Name KinamikState"
"""How far we are with it: one of the three below."""
BEGUN, BEGUN_ON_UNREAD, COMPLETE = "begun", "begun, original unread", "complete"

LAST_VERB = "Integer 0x1081"
"""PidTagLastVerbExecuted ([MS-OXOMSG], 2.2.1.5)."""
REPLIED = ("102", "103")
"""To the sender, to all."""
IN_REPLY_TO = "String 0x1042"
"""PidTagInReplyToId: a Message-ID."""

_PROPERTIES = "singleValueExtendedProperties"


def expanding(*names: str) -> list[str]:
    """The $expand that brings these properties."""
    return [f"{_PROPERTIES}($filter={' or '.join(f'id eq {literal(name)}' for name in names)})"]


def having(name: str, value: str) -> str:
    """The filter for messages with this value."""
    return f"{_PROPERTIES}/Any(ep: ep/id eq {literal(name)} and ep/value eq {literal(value)})"


def marks(message_id: str, state: str) -> list[SingleValueLegacyExtendedProperty]:
    return [
        SingleValueLegacyExtendedProperty(id=MARK, value=message_id),
        SingleValueLegacyExtendedProperty(id=STATE, value=state),
    ]
