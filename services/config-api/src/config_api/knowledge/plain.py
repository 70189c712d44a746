"""Knowledge is plain text that survives a spreadsheet: line feeds, tabs, and nothing else that cannot be seen."""

import re

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# The rest of C0 and C1, and what XML cannot hold. NUL stays, for the field to refuse.
INVISIBLE = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def plain(value: object) -> object:
    """Word's soft line breaks and the like become line feeds."""
    return INVISIBLE.sub("", LINE_ENDS.sub("\n", value)) if isinstance(value, str) else value
