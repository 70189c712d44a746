"""Microsoft Graph's own schema (OData CSDL 4.0): which properties there are, of which types, what a path returns."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path("graph-metadata", "clean_v10_metadata", "cleanMetadata.xml")

_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_COLLECTION = re.compile(r"Collection\((.+)\)")
# Declared open and without any property. Others are open too, and still nothing else is expected of them.
_ANYTHING = {"resourceData"}
_ANNOTATION = re.compile(r"(\w+)?@[\w.]+")


@dataclass
class Kind:
    """An entity type, or a complex one."""

    base: str
    properties: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])


class Schema:
    """`problems` and `returned` are what tests ask; types are named as in CSDL, without the namespace."""

    def __init__(self, file: Path) -> None:
        self._kinds: dict[str, Kind] = {}
        self._enums: dict[str, set[str]] = {}
        self._roots: dict[str, str] = {}
        self._bound: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
        for namespace in ElementTree.parse(file).iter(f"{_EDM}Schema"):
            if namespace.get("Namespace") == "microsoft.graph":
                self._read(namespace)

    def properties(self, kind: str) -> dict[str, tuple[str, bool]]:
        """By name: the type, and whether null is allowed; those of the types it is made from too."""
        own = self._kinds[kind]
        return (self.properties(own.base) if own.base else {}) | own.properties

    def problems(self, value: Any, kind: str, at: str = "") -> Iterator[str]:
        """What of a JSON value does not fit the type."""
        if found := _COLLECTION.fullmatch(kind):
            yield from self._problems_of_list(value, found[1], at)
        elif kind.startswith("Edm."):
            if not _is_primitive(value, kind):
                yield f"{at} is not {kind}"
        elif kind in self._enums:
            if not isinstance(value, str) or not set(value.split(",")) <= self._enums[kind]:
                yield f"{at} is not one of {kind}"
        else:
            yield from self._problems_of_object(value, kind, at)

    def returned(self, path: str) -> tuple[str, dict[str, str]]:
        """What a path under /v1.0 is of, `Edm.Stream` for bytes, and the parameters where it ends in an action.

        Raises KeyError where the schema has no such path.
        """
        parts = [part for part in re.split(r"/|(?=\()", path.strip("/")) if part]
        kind, parameters = self._roots[parts[0]], dict[str, str]()
        for part in parts[1:]:
            found = _COLLECTION.fullmatch(kind)
            name = part.removeprefix("microsoft.graph.")
            if (name, kind) in self._bound:
                kind, parameters = self._bound[name, kind]
            elif part == "()":
                continue
            elif part == "$value":
                kind = "Edm.Stream"
            elif found:
                kind = found[1]
            else:
                kind = self.properties(kind)[part][0]
        return kind, parameters

    def _problems_of_list(self, value: Any, kind: str, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for number, item in enumerate(value):
            yield from self.problems(item, kind, f"{at}[{number}]")

    def _problems_of_object(self, value: Any, kind: str, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} is no object"
            return
        known = self.properties(kind)
        for name, item in value.items():
            if _ANNOTATION.fullmatch(name):
                continue
            if name not in known:
                if kind not in _ANYTHING:
                    yield f"{at}.{name} is not a property of {kind}"
            elif item is not None:
                yield from self.problems(item, known[name][0], f"{at}.{name}")
            elif not known[name][1]:
                yield f"{at}.{name} may not be null"

    def _read(self, namespace: ElementTree.Element) -> None:
        for element in namespace:
            tag, name = element.tag.removeprefix(_EDM), element.get("Name", "")
            if tag in ("EntityType", "ComplexType"):
                self._kinds[name] = _kind(element)
            elif tag == "EnumType":
                self._enums[name] = {member.get("Name", "") for member in element.iter(f"{_EDM}Member")}
            elif tag in ("Action", "Function") and element.get("IsBound") == "true":
                self._read_bound(element, name)
            elif tag == "EntityContainer":
                self._read_roots(element)

    def _read_bound(self, element: ElementTree.Element, name: str) -> None:
        bound_to, *parameters = element.findall(f"{_EDM}Parameter")
        returns = element.find(f"{_EDM}ReturnType")
        kind = _plain(returns.get("Type", "")) if returns is not None else ""
        taken = {parameter.get("Name", ""): _plain(parameter.get("Type", "")) for parameter in parameters}
        if not taken or element.tag == f"{_EDM}Action":
            self._bound[name, _plain(bound_to.get("Type", ""))] = kind, taken

    def _read_roots(self, container: ElementTree.Element) -> None:
        for element in container:
            name = element.get("Name", "")
            if element.tag == f"{_EDM}EntitySet":
                self._roots[name] = f"Collection({_plain(element.get('EntityType', ''))})"
            elif element.tag == f"{_EDM}Singleton":
                self._roots[name] = _plain(element.get("Type", ""))


@lru_cache
def schema_of(folder: Path) -> Schema:
    """The schema in a folder with evaluation data; it is read once, in about a second."""
    return Schema(folder / FILE)


def _kind(element: ElementTree.Element) -> Kind:
    kind = Kind(_plain(element.get("BaseType", "")))
    for child in element:
        if child.tag in (f"{_EDM}Property", f"{_EDM}NavigationProperty"):
            nullable = child.get("Nullable") != "false"
            kind.properties[child.get("Name", "")] = _plain(child.get("Type", "")), nullable
    return kind


def _plain(name: str) -> str:
    return re.sub(r"\b(microsoft\.graph|graph)\.", "", name)


def _is_primitive(value: Any, kind: str) -> bool:
    match kind:
        case "Edm.Boolean":
            return isinstance(value, bool)
        case "Edm.Int32" | "Edm.Int64":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Edm.DateTimeOffset":
            return isinstance(value, str) and _WHEN.fullmatch(value) is not None
        case "Edm.Binary":
            return isinstance(value, str) and len(value) % 4 == 0 and _BASE64.fullmatch(value) is not None
        case "Edm.Guid":
            return isinstance(value, str) and _GUID.fullmatch(value) is not None
        case _:
            return isinstance(value, str)
