"""From a filled form to the judgement of an extraction, a person's as a machine's."""

from collections.abc import Iterable, Mapping, Sequence

from ..core.judgement import PAGES_NOT_READ, Decision, ItemAnswer, ItemStatus, Judgement, ocr_flags
from .deriving import derive
from .spec import FormSpec


def conclude(
    items: Mapping[str, ItemAnswer],
    flags: Iterable[str] = (),
    unread: Iterable[str] = (),
    unreadable: Sequence[str] = (),
    form: FormSpec | None = None,
) -> Judgement:
    """Return the judgement of an extraction: `include` where every item is settled, `unclear` where one needs a human.

    `unreadable` are pages of which no text could be read: what is not on the others may be on these, so that nothing is
    `not_reported`. What `form` derives is computed from the answers, last of all.
    """
    if unreadable:
        pages = f"{len(unreadable)} page{'s' * (len(unreadable) != 1)} could not be read"
        items = {path: not_seen(item, pages) for path, item in items.items()}
        flags, unread = (*flags, PAGES_NOT_READ), (*unread, *unreadable)
    # What rules leave open nobody can settle by a look at it.
    asked = [item for item in items.values() if item.derived is None]
    unclear = [item for item in asked if item.status is ItemStatus.UNCLEAR]
    return Judgement(
        decision=Decision.UNCLEAR if unclear else Decision.INCLUDE,
        items=derive(form, items) if form is not None else dict(items),
        reason=f"{len(unclear)} of {len(asked)} items need a look" if unclear else "",
        flags=tuple(dict.fromkeys((*flags, *ocr_flags(item.evidence for item in items.values())))),
        unread=tuple(unread),
    )


def not_seen(item: ItemAnswer, gap: str) -> ItemAnswer:
    """Return an answer that is not `not_reported` where something was not read: `gap` says what."""
    if item.status is not ItemStatus.NOT_REPORTED:
        return item
    reason = "; ".join(filter(None, (item.reason, f"not found, and {gap}")))
    return item.model_copy(update={"status": ItemStatus.UNCLEAR, "reason": reason})
