"""What a command has to say, once: for people at a terminal, or as Markdown for the paper, with the same numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..evaluation import Estimate


@dataclass(frozen=True)
class _TextLine:
    text: str


@dataclass(frozen=True)
class _Table:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class _Entry:
    head: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class _Code:
    before: str
    text: str


@dataclass
class TextPage:
    """Lines, tables and lists in order."""

    title: str
    blocks: list[_TextLine | _Table | _Entry | _Code] = field(default_factory=list)

    def line(self, text: str) -> None:
        """Add a paragraph."""
        self.blocks.append(_TextLine(text))

    def table(
        self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
    ) -> None:
        """Add a table; `right` are the columns of numbers."""
        self.blocks.append(_Table(title, tuple(columns), tuple(tuple(row) for row in rows), tuple(right)))

    def entry(self, head: str, *details: str) -> None:
        """Add an item of a list, with lines of detail."""
        self.blocks.append(_Entry(head, details))

    def code(self, before: str, text: str) -> None:
        """Add something to copy, with what it is for."""
        self.blocks.append(_Code(before, text))

    def show(self) -> None:
        """Print the page for people."""
        from .common import console, table

        out = console()
        out.print(self.title)
        for block in self.blocks:
            if isinstance(block, _TextLine):
                out.print(block.text)
            elif isinstance(block, _Table):
                printed = table(block.title, *block.columns, right=block.right)
                for row in block.rows:
                    printed.add_row(*row)
                out.print(printed)
            elif isinstance(block, _Entry):
                print("\n".join(["", block.head, *(f"  {detail}" for detail in block.details)]))
            else:
                print(f"\n{block.before}\n\n  {block.text}\n")

    def markdown(self) -> str:
        """Return the same as Markdown."""
        parts = [f"## {_safe(self.title)}"]
        for block in self.blocks:
            if isinstance(block, _TextLine):
                parts.append(_safe(block.text))
            elif isinstance(block, _Table):
                marks = ["---:" if i in block.right else ":---" for i in range(len(block.columns))]
                lines = [_row(map(_safe, block.columns)), _row(marks), *(_row(map(_safe, row)) for row in block.rows)]
                parts += [f"**{_safe(block.title)}**", "\n".join(lines)]
            elif isinstance(block, _Entry):
                parts.append("  \n  ".join([f"- {_safe(block.head)}", *map(_safe, block.details)]))
            else:
                parts += [_safe(block.before), f"```yaml\n{block.text}\n```"]
        return "\n\n".join(parts) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(text: str) -> str:
    """Return the text on one line, with nothing in it that Markdown would take for its own."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(text.split()))


def interval(estimate: "Estimate | None") -> str:
    """Return an estimate with its interval, such as `0.95 (0.75–0.99)`."""
    if estimate is None or estimate.value is None:
        return "not defined"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    if estimate.flat:  # an interval without width would look like certainty
        return f"{estimate.value:.2f} (no spread)"
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def share(estimate: "Estimate") -> str:
    """Return a share with its counts: `18 of 19, 0.95 (0.75–0.99)`."""
    if estimate.value is None or estimate.n is None:
        return "not defined"
    return f"{round(estimate.value * estimate.n):,} of {int(estimate.n):,}, {interval(estimate)}"


def number(value: float | None) -> str:
    """Return a number with two digits, or `none`."""
    return "none" if value is None else f"{value:.2f}"


def names(ids: Iterable[str]) -> str:
    """Return the first few of a list of ids."""
    listed = list(ids)
    return f"{', '.join(listed[:5])}{' …' if len(listed) > 5 else ''}"
