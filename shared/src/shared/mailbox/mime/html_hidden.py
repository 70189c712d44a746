"""What of a page a reader cannot see: what is hidden by attribute, by inline style, or by a plain rule of its sheet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SKIPPED: Final = frozenset(
    {"script", "style", "head", "title", "template", "object", "embed", "iframe", "svg", "math", "audio", "video"}
    | {"canvas", "map", "select", "textarea", "input", "noframes", "-comment", "-doctype"}
)

_SHEET_CHARS: Final = 30_000
_CONDITIONAL: Final = re.compile(r"@[\w-]+[^{}@]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE: Final = re.compile(r"([^{}]{1,500})\{([^{}]*)\}")
_SELECTOR: Final = re.compile(r"\s*[a-z]*([.#][\w-]+)\s*")
_GONE: Final = re.compile(
    r"display\s*:\s*none|(?<![\w-])opacity\s*:\s*0*\.?0+\s*(?:[;!]|$)|mso-hide\s*:\s*all\s*;?\s*$"
    r"|(?:text-indent|left|top|margin-left)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_EMPTY_BOX: Final = re.compile(r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*0*\.?0+(?:px|pt|em|%)?\s*(?:[;!]|$)", re.I)
_CLIPPED: Final = re.compile(r"overflow(?:-[xy])?\s*:\s*hidden", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<![\w-])font-size\s*:\s*([\d.]*)([\w%]*)", re.IGNORECASE)
_VISIBILITY: Final = re.compile(r"(?<![\w-])visibility\s*:\s*(\w+)", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"(?<![\w-])visibility\s*:\s*hidden", re.IGNORECASE)
_COLOUR: Final = re.compile(r"(?<![\w-])color\s*:\s*([#\w]+(?:\([^)]{0,40}\))?)", re.IGNORECASE)
_BACKGROUND: Final = re.compile(r"(?<![\w-])background(?:-color|-image)?\s*:", re.IGNORECASE)
_WHITE: Final = re.compile(r"white|#fff|#f[e-f]f[e-f]f[e-f]|rgba?\(\s*255\s*,\s*255\s*,\s*255\b.*", re.IGNORECASE)
_TELLING: Final = frozenset(
    {"style", "hidden", "class", "id", "bgcolor", "background", "color", "size", "width", "height"}
)


@dataclass(frozen=True, slots=True)
class Look:
    """What an element hands on to its children."""

    tiny: bool = False
    invisible: bool = False
    white: bool = False
    background: bool = False

    @property
    def unseen(self) -> bool:
        return self.tiny or self.invisible or (self.white and not self.background)


class Visibility:
    """Decides, element by element from the root down, what is seen. Rules in @media blocks do not count."""

    def __init__(self, sheet: str) -> None:
        self._hidden: set[str] = set()
        self.start = Look(background="background" in sheet)
        if "none" in sheet or "hidden" in sheet:
            for rule in _RULE.finditer(_CONDITIONAL.sub("", sheet[:_SHEET_CHARS])):
                if _GONE.search(rule[2]) or _HIDDEN.search(rule[2]):
                    self._hidden.update(found[1] for found in map(_SELECTOR.fullmatch, rule[1].split(",")) if found)

    def look(self, attributes: Mapping[str, str | None], above: Look) -> Look | None:
        """The look of an element within `above`; None where it and all it contains are not shown."""
        if not attributes or _TELLING.isdisjoint(attributes):
            return above
        style = attributes.get("style") or ""
        if "hidden" in attributes or self._by_rule(attributes) or (style and _not_shown(style)):
            return None
        return _styled(style, attributes, above)

    def _by_rule(self, attributes: Mapping[str, str | None]) -> bool:
        if not self._hidden:
            return False
        names = [f".{name}" for name in (attributes.get("class") or "").split()[:20]]
        return not self._hidden.isdisjoint([*names, f"#{attributes.get('id')}"])


def _not_shown(style: str) -> bool:
    return bool(_GONE.search(style) or (_CLIPPED.search(style) and _EMPTY_BOX.search(style)))


def _styled(style: str, attributes: Mapping[str, str | None], above: Look) -> Look:
    size, visibility, colour = _SIZE.search(style), _VISIBILITY.search(style), _COLOUR.search(style)
    shade = colour[1] if colour else attributes.get("color")
    background = above.background or "bgcolor" in attributes or "background" in attributes
    return Look(
        tiny=_tiny(size[1], size[2]) if size else above.tiny,
        invisible=visibility[1].lower() in ("hidden", "collapse") if visibility else above.invisible,
        white=bool(_WHITE.fullmatch(shade)) if shade else above.white,
        background=background or bool(_BACKGROUND.search(style)),
    )


def _tiny(number: str, unit: str) -> bool:
    """At most one pixel or point."""
    try:
        value = float(number)
    except ValueError:
        return False
    return value == 0 or (value <= 1 and unit.lower() in ("px", "pt"))
