"""The items that a protocol names for its tables, looked up in the form: each must be there."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ...core.errors import BadInput
from ...core.judgement import ItemAnswer, ItemStatus
from ...forms import FormSpec, ItemField, bare
from ...protocol import TablesSpec
from .studies import ExtractedStudy, list_of, lists_above, within


def table_mistakes(tables: TablesSpec, form: FormSpec) -> Iterator[str]:
    """Yield what is wrong with the items that tables name: `tables.effects.deaths.ai: the form has no item …`."""
    for place, path in tables.items:
        if path not in form.by_path:
            near = get_close_matches(path, form.by_path, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            yield f"{place}: the form has no item `{path}`{hint}"
    for name, roles in tables.effects.items():
        try:
            innermost(form, roles.items)
        except BadInput as error:
            yield f"tables.effects.{name}: {error}"


def field_of(form: FormSpec, path: str) -> ItemField:
    """Return the item at a path; `BadInput` where the form has none."""
    try:
        return form.by_path[path]
    except KeyError:
        raise BadInput(f"review.yaml: tables: the form has no item `{path}`; `screener check` names it") from None


def innermost(form: FormSpec, paths: Iterable[str]) -> str:
    """Return the innermost list that some items are in; the empty string where all are asked once a study.

    Raises `BadInput` where they are in lists of which none is within the other.
    """
    lists = {list_of(form, path) for path in paths}
    deepest = max(lists, key=len, default="")
    if stray := lists - {"", *lists_above(form, deepest)}:
        raise BadInput(f"items of one row are in lists side by side: `{deepest}` and `{min(stray)}`")
    return deepest


def places_of(study: ExtractedStudy, list_path: str) -> list[str]:
    """Return the places of a list's entries in a study; of what is asked once a study the empty place."""
    return list(study.entries(list_path)) if list_path else [""]


def answer_at(study: ExtractedStudy, place: str, path: str) -> ItemAnswer | None:
    """Return the answer to an item in an entry, or above it."""
    return study.items.get(within(place, path))


def reported_value(answer: ItemAnswer | None) -> object:
    """Return the value of an answer that reports one, else None."""
    return answer.value if answer is not None and answer.status is ItemStatus.REPORTED else None


def entry_name(form: FormSpec, study: ExtractedStudy, place: str) -> str:
    """Return how people call an entry: by its own name, or by its place (`models 2`) where it has none.

    The empty place has no name.
    """
    if not place:
        return ""
    list_path, number = bare(place), int(place[place.rindex("[") + 1 : -1])
    return own_name(form, study, place) or f"{list_path.rpartition('.')[2]} {number + 1}"


def own_name(form: FormSpec, study: ExtractedStudy, place: str) -> str:
    """Return the name that an entry has in the report: the first text in it; the empty string for none."""
    list_path = bare(place)
    for path, field in form.by_path.items():
        if field.kind == "text" and list_of(form, path) == list_path:
            value = reported_value(answer_at(study, place, path))
            if isinstance(value, str) and value.strip():
                return value
    return ""
