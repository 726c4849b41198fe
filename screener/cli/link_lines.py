"""How `screener dedup list` shows links: by kind, two lines a pair where the titles differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ledger import LinkRow

_TITLES = {
    "candidate": ("Likely duplicates", "merge with `screener dedup confirm A B`, or say --apart or --same-study"),
    "conflict": (
        "One identifier, two titles",
        "confirm with `dedup confirm A B --apart`, or merge with `dedup merge A B`",
    ),
    "duplicate": ("Merged", "undo with `screener dedup split RECORD`; take one work out with `split RECORD ENTRY`"),
    "same_study": ("Reports of one study", "undo with `screener dedup split RECORD --same-study`"),
    "notice_of": ("Notices and their papers", "undo with `screener dedup confirm A B --apart`"),
    "describes": ("Model pages and their papers", "undo with `screener dedup confirm A B --apart`"),
}
_MACHINE = "screener"


def plural(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def show_links(links: Sequence["LinkRow"], *, everything: bool = False) -> None:
    """Print links by kind, with a count of merges of identical rows in their place unless `everything` is asked for."""
    if not links:
        print("No links.")
        return
    for kind, (title, remedy) in _TITLES.items():
        of_kind = [link for link in links if link.kind == kind]
        if not of_kind:
            continue
        waiting = sum(link.active and link.who == _MACHINE and not link.repeat for link in of_kind)
        repeats = sum(link.repeat for link in of_kind)
        of_these = f", {waiting:,} not checked by a person" if kind != "candidate" else f", {waiting:,} open"
        print(f"{title}: {plural(len(of_kind) - (0 if everything else repeats), 'link')}{of_these}; {remedy}")
        listed = [link for link in of_kind if everything or not link.repeat]
        for link in sorted(listed, key=_order):
            _show(link)
        if repeats and not everything:
            print(f"  {plural(repeats, 'merge')} of identical rows; list them with --all")
        print()


def _order(link: "LinkRow") -> tuple[bool, float]:
    """Return the place of a link: what waits for a person first, and of that what takes the least time."""
    settled = link.who != _MACHINE or not link.active
    return settled, -link.score if link.kind == "candidate" else link.score if link.kind == "duplicate" else 0.0


def _show(link: "LinkRow") -> None:
    first, second = f"{link.b} ({link.source_b})", f"{link.a} ({link.source_a})"
    by = f"{link.rule.replace('_', ' ')}{f', {link.score:.2f}' if link.score < 1 else ''}{_state(link)}"
    title, other = (text or "(no title)" for text in (link.title_b, link.title))
    if title == other:
        print(f"  {first}  =  {second}   {by}\n      {_cut(title)}")
    else:
        print(f"  {first}  =  {second}   {by}\n      {_cut(title)}\n      {_cut(other)}")


def _cut(title: str) -> str:
    return title if len(title) <= 110 else f"{title[:109]}…"


def _state(link: "LinkRow") -> str:
    if link.who == _MACHINE:
        return "" if link.active else "; settled by a merge"
    words = {"candidate": "decided", "conflict": "looked at"}.get(link.kind, "confirmed")
    if not link.active and link.kind != "candidate":
        words = "undone"
    return f"; {words} by {link.who}"
