"""How the figures are printed: a row as soon as it is known, since all of them take a quarter of an hour."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

NAME = 24
WIDTH = 118


@dataclass(frozen=True, slots=True)
class Row:
    """`met` is whether `target` was, None where there is none."""

    name: str
    figure: str
    target: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = {None: "", True: f" [{self.target}: met]", False: f" [{self.target}: MISSED]"}[self.met]
        indent = " " * (NAME + 2)
        return textwrap.fill(
            self.figure + verdict, WIDTH, initial_indent=f"  {self.name:<{NAME}}", subsequent_indent=indent
        )


def show(rows: Iterable[Row]) -> bool:
    """Prints them; whether no target was missed."""
    fine = True
    for row in rows:
        print(row, flush=True)
        fine = fine and row.met is not False
    return fine
