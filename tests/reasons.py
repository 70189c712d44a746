"""The reasons that a package's source can answer with, read from the source itself."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROBLEMS = "config_api.problems"

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):
    """A reason that is computed in a way that nobody can look up: the message says where."""


@dataclass
class Module:
    path: str
    tree: ast.Module
    constants: dict[str, ast.expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.constants[node.targets[0].id] = node.value

    @property
    def errors(self) -> set[str]:
        """What it has from config_api.problems, also to derive from; others may use the same names."""
        classes = [node for node in self.tree.body if isinstance(node, ast.ClassDef)]
        if self.path == PROBLEMS.rpartition(".")[2] + ".py":
            return {node.name for node in classes}
        imports = [node for node in self.tree.body if isinstance(node, ast.ImportFrom) and node.module == PROBLEMS]
        names = {alias.name for node in imports for alias in node.names}
        return names | {node.name for node in classes if any(getattr(base, "id", "") in names for base in node.bases)}

    def where(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


class Source:
    """`patterns` are expressions that stand for several reasons, by file and their source."""

    def __init__(self, folder: Path, patterns: dict[tuple[str, str], set[str]]) -> None:
        files = sorted(folder.rglob("*.py"))
        self._modules = [Module(str(file.relative_to(folder)), ast.parse(file.read_text())) for file in files]
        self._constants = {name: value for module in self._modules for name, value in module.constants.items()}
        self._patterns = patterns

    def reasons(self, kinds: dict[str, int]) -> set[str]:
        """What is given as `reason` to any of `kinds`, which have it at that place. Raises Unreadable."""
        found: set[str] = set()
        for module, function, call in self._calls(set(kinds)):
            if _name(call) not in module.errors:
                continue
            value = _argument(call, kinds[_name(call)], "reason")
            if value is not None:
                found |= self._strings(module, function, value, depth=0)
        return found

    def _calls(self, names: set[str]) -> Iterator[tuple[Module, Function | None, ast.Call]]:
        for module in self._modules:
            for function, call in _calls_in(module.tree, None):
                if _name(call) in names:
                    yield module, function, call

    def _strings(self, module: Module, function: Function | None, value: ast.expr, depth: int) -> set[str]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return {value.value}
        if (pattern := (module.path, ast.unparse(value))) in self._patterns:
            return self._patterns[pattern]
        parts = self._parts(module, function, value) if depth < 4 else []
        if not parts:
            raise Unreadable(f"{module.where(value)}: {ast.unparse(value)}")
        return set().union(*(self._strings(*part, depth=depth + 1) for part in parts))

    def _parts(
        self, module: Module, function: Function | None, value: ast.expr
    ) -> list[tuple[Module, Function | None, ast.expr]]:
        """What the value may be, one step nearer to where it is written."""
        match value:
            case ast.IfExp(body=body, orelse=orelse):
                return [(module, function, body), (module, function, orelse)]
            case ast.BoolOp(values=values):
                return [(module, function, each) for each in values]
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(table := self._constants.get(name), ast.Dict):
                return [(module, None, each) for each in table.values]
            case ast.Name(id=name):
                return self._named(module, function, name)
            case _:
                return []

    def _named(
        self, module: Module, function: Function | None, name: str
    ) -> list[tuple[Module, Function | None, ast.expr]]:
        if function is not None:
            places = [argument.arg for argument in function.args.args]
            if name in places:
                method = int(places[0] in ("self", "cls"))
                callers = self._calls({function.name})
                given = [(m, f, _argument(call, places.index(name) - method, name)) for m, f, call in callers]
                return [(m, f, argument) for m, f, argument in given if argument is not None]
            assigned = [node.value for node in ast.walk(function) if _assigns(node, name)]
            if assigned:
                return [(module, function, each) for each in assigned]
        constant = module.constants.get(name) or self._constants.get(name)
        return [] if constant is None else [(module, None, constant)]


def _calls_in(node: ast.AST, function: Function | None) -> Iterator[tuple[Function | None, ast.Call]]:
    if isinstance(node, ast.Call):
        yield function, node
    inner = node if isinstance(node, Function) else function
    for child in ast.iter_child_nodes(node):
        yield from _calls_in(child, inner)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", None) or getattr(call.func, "attr", "")


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return named[0] if named else next(iter(call.args[place : place + 1]), None)


def _assigns(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
