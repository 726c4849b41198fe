"""What a second reading is asked: one question a study, with all items that are open and why each of them is."""

from collections.abc import Iterator, Mapping, Sequence

from ..core.judgement import ItemAnswer, ItemStatus, Match
from .expanding import names_of, prefix
from .list_entries import entry_lines, is_of_list
from .questions import FormPart, OpenItem, Question

_OPEN = (ItemStatus.NOT_REPORTED, ItemStatus.UNCLEAR)
Items = Mapping[str, ItemAnswer]


def second_question(parts: Sequence[FormPart], names: Mapping[str, Mapping[str, int]], items: Items) -> Question | None:
    """Return what is asked once more; None where nothing is open.

    An item is open that is not reported or unclear, of an entry of a list one that is unclear, and a list without
    entries. Where anything is, the other lists may lack entries too, and are asked for them.
    """
    question = Question((), tuple(parts), names)
    reasons: dict[tuple[str, str], list[str]] = {}
    found: dict[str, Sequence[str]] = {}
    sound: list[tuple[str, str]] = []
    for part in parts:
        for name, number in names_of(part, question).items():
            start = prefix(part, number)
            for path, reason in _open_items(part, start, items):
                reasons.setdefault((f"{part.path}.{path}", reason), []).append(name)
            for row in part.rows:
                if lines := entry_lines(items, f"{start}{row.path}"):
                    found[f"{part.path}.{row.path}" + (f" | {name}" if name else "")] = lines
                    sound.append((f"{part.path}.{row.path}", name))
    if not reasons:
        return None
    for path, name in sound:
        reasons.setdefault((path, "perhaps incomplete"), []).append(name)
    open_items = tuple(
        OpenItem(path, tuple(filter(None, names_)), reason) for (path, reason), names_ in reasons.items()
    )
    return Question((), tuple(part for part in parts if part.rows), names, open_items, found)


def _open_items(part: FormPart, start: str, items: Items) -> Iterator[tuple[str, str]]:
    """Yield the paths of open items inside a part, with the reason of each."""
    for item in part.items:
        if (answer := items.get(f"{start}{item.path}")) is not None and answer.status in _OPEN:
            yield item.path, _reason(answer)
    for row in part.rows:
        for path, answer in items.items():
            if path == f"{start}{row.path}":
                yield row.path, "none was found"
            elif is_of_list(path, f"{start}{row.path}") and answer.status is ItemStatus.UNCLEAR:
                yield path.removeprefix(start), _reason(answer)


def _reason(answer: ItemAnswer) -> str:
    """Return in a few words why an item is open, with what was proposed."""
    if answer.status is ItemStatus.NOT_REPORTED:
        return "not found"
    lost = [f"“{' '.join(quote.quote.split())[:120]}”" for quote in answer.evidence if quote.status is Match.MISSING]
    told = f"{', '.join(lost)} is not in the documents" if lost else answer.reason or "left open"
    return told if answer.value is None else f"{told}; given was {' '.join(str(answer.value).split())[:120]}"
