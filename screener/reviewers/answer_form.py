"""The form of an answer: one and the same for every request about a review's studies.

Providers put the schema before all messages, so that another schema would keep nothing of an earlier request in their
caches. Each part of the form may be null; a request says which parts it wants. Types of values, vocabularies, evidence
and status are defined once (`$defs`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, ValidationError, create_model

from ..core.judgement import ItemStatus
from ..forms import FormSpec, ItemField, RowField
from .questions import FormPart, Question, parts_of
from .schema import shared_schema

OPEN_ITEMS = "open-items"
"""The part of an answer in which a second reading answers single items. No part of a form has a hyphen in its name."""
FOR = "for"
"""The key that says of which entries of a list of units something holds. No field in Python is named so."""
_CLOSED = ConfigDict(extra="forbid")
_PLAIN: dict[str, Any] = {"text": str, "url": str, "boolean": bool, "texts": list[str]}


def _no_boolean(value: Any) -> Any:
    """Refuse true and false, which Pydantic takes for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")
    return value


_Count = Annotated[int, BeforeValidator(_no_boolean)]
_Number = Annotated[float, BeforeValidator(_no_boolean)]


class Evidence(RootModel[list[str]]):
    """Words of the documents, copied exactly."""


class UnitEntry(BaseModel):
    """One entry of a list of units: the words that introduce it, and its name."""

    model_config = _CLOSED

    evidence: str
    name: str


class ItemPatch(BaseModel):
    """The answer to one item for some units: where it differs from what holds for all, or as a second reading has it."""

    model_config = _CLOSED

    names: list[str] = Field(alias=FOR)
    item: str
    evidence: Evidence
    status: ItemStatus
    value: str | float | bool | list[str] | None
    other: str | None = None


class AnswerForm:
    """The form of an answer about a study, made from the review's form. `schema` is its strict JSON Schema."""

    def __init__(self, form: FormSpec) -> None:
        """The form taken apart."""
        self.parts = parts_of(form)
        self._items: dict[tuple[Any, bool], type[BaseModel]] = {}
        fields: dict[str, Any] = {unit.path: (_or_null(list[UnitEntry]), None) for unit in form.units}
        for part in self.parts:
            fields[part.path] = (_or_null(self._part(part)), None)
        fields[OPEN_ITEMS] = (_or_null(list[ItemPatch]), None)
        self.model = create_model("Answer", __config__=_CLOSED, **fields)
        self.schema = shared_schema(self.model)

    def _part(self, part: FormPart) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        if part.items:
            items = {item.path: (self._item(item), ...) for item in part.items}
            fields["items"] = (_or_null(_closed(f"{part.path}.items", items)), None)
            if part.unit is not None:
                fields["differs"] = (list[ItemPatch], Field(default_factory=list))
        if part.rows:
            rows: dict[str, Any] = {
                row.path: (_list_of(self._row(row, part)), Field(default_factory=list)) for row in part.rows
            }
            fields["lists"] = (_or_null(_closed(f"{part.path}.lists", rows)), None)
        return _closed(part.path, fields)

    def _row(self, row: RowField, part: FormPart) -> type[BaseModel]:
        first = {} if part.unit is None else {FOR: (list[str], ...)}
        return _closed(f"{part.path}.{row.path}", first | {item.path: (self._item(item), ...) for item in row.items})

    def _item(self, item: ItemField) -> type[BaseModel]:
        """Return what is asked of an item; one class for all that have values of one type."""
        value: Any = _PLAIN.get(item.kind)
        name = item.kind.capitalize()
        if item.vocabulary is not None:
            value, name = item.vocabulary, f"{name}{item.vocabulary.__name__}"
            value = _list_of(value) if item.kind == "codes" else value
        elif item.kind == "number":
            value, name = (_Count, "Count") if item.whole else (_Number, "Number")
        key = (value, item.coded)
        if key not in self._items:
            fields = {"evidence": (Evidence, ...), "status": (ItemStatus, ...), "value": (_or_null(value), ...)}
            self._items[key] = _closed(name, fields | ({"other": (_or_null(str), None)} if item.coded else {}))
        return self._items[key]

    def typed(self, item: ItemField, patch: Mapping[str, Any]) -> dict[str, Any]:
        """Return a patch as the item that it answers. Raises `ValidationError` where it has no such value."""
        keys = ("evidence", "status", "value", *(("other",) if item.coded else ()))
        return self._item(item).model_validate({key: patch[key] for key in keys}).model_dump(mode="json")

    def fault(self, question: Question, answer: Mapping[str, Any]) -> str:
        """Return why an answer does not answer the question, in words for who gave it; or the empty string."""
        return next(self._faults(question, answer), "")

    def _faults(self, question: Question, answer: Mapping[str, Any]) -> Iterator[str]:
        again = bool(question.open_items)
        for path in () if again else question.paths:
            if answer[path] is None:
                yield f"{path}: it was asked for and is null"
        for part in question.parts:
            filled = answer[part.path] or {}
            for key in ("items", "lists") if filled and not again else ():
                if key in filled and filled[key] is None:
                    yield f"{part.path}.{key}: it was asked for and is null"
            yield from self._faults_of_differing(part, filled.get("differs") or (), question)
            for entries in (filled.get("lists") or {}).values():
                for entry in entries:
                    yield from _unknown(part.path, entry.get(FOR, ()), part, question)
        for patch in (answer[OPEN_ITEMS] or ()) if again else ():
            yield from self._faults_of_open(patch, question)

    def _faults_of_open(self, patch: Mapping[str, Any], question: Question) -> Iterator[str]:
        """Yield what is wrong with an answer of a second reading: an item that is none, an entry that was not asked for."""
        path = patch["item"]
        parts = [part for part in self.parts if path.startswith(f"{part.path}.")]
        if not parts:
            yield f"{OPEN_ITEMS}: `{path}` is no item of the form; copy the paths of the open items"
        for part in parts:
            inside = path.removeprefix(f"{part.path}.")
            yield from self._faults_of_patch(part, patch, inside, question)
            # Without its index an item of a list is of no entry, and with another one of none that is there.
            listed = part.item(without_indices(inside)) not in (None, *part.items)
            if listed and path not in {item.path for item in question.open_items}:
                yield f"{OPEN_ITEMS}: `{path}` is of no entry that is open; copy the path with its number"

    def _faults_of_differing(
        self, part: FormPart, patches: Sequence[Mapping[str, Any]], question: Question
    ) -> Iterator[str]:
        given: dict[tuple[str, str], Mapping[str, Any]] = {}
        for patch in patches:
            yield from self._faults_of_patch(part, patch, patch["item"], question)
            if part.item(patch["item"]) is None and part.item(without_indices(patch["item"])) is not None:
                yield f"{part.path}: `{patch['item']}` is an entry of a list; say in the list itself `for` whom it holds"
            if not patch[FOR] and part.unit is not None:
                yield f"{part.path}.{patch['item']}: `for` names none of the {part.unit.path}"
            for name in patch[FOR]:
                first = given.setdefault((patch["item"], folded(name)), patch)
                if first["value"] != patch["value"] or first["status"] != patch["status"]:
                    yield f"{part.path}.{patch['item']}: answered twice for {name}, and not alike"

    def _faults_of_patch(
        self, part: FormPart, patch: Mapping[str, Any], path: str, question: Question
    ) -> Iterator[str]:
        item = part.item(without_indices(path))
        if item is None:
            yield f"{part.path}: `{path}` is no item of it"
            return
        try:
            self.typed(item, patch)
        except ValidationError as error:
            yield f"{part.path}.{path}: {error.errors(include_url=False, include_input=False)[0]['msg']}"
        yield from _unknown(part.path, patch[FOR], part, question)


def named(given: Sequence[str], names: Mapping[str, int]) -> list[int]:
    """Return the numbers of the units that are named; case and blanks do not matter."""
    known = {folded(name): number for name, number in names.items()}
    return [known[folded(name)] for name in given if folded(name) in known]


def _unknown(where: str, given: Sequence[str], part: FormPart, question: Question) -> Iterator[str]:
    if part.unit is None:
        return
    names = question.names.get(part.unit.path, {})
    for name in given:
        if not named([name], names):
            yield f"{where}: `{name}` is none of the {part.unit.path}, which are {'; '.join(names)}"


def folded(name: str) -> str:
    """Return a name for comparing: case and blanks do not tell units apart."""
    return " ".join(name.casefold().split())


def without_indices(path: str) -> str:
    """Return a path without what counts entries: `results[0].value` → `results.value`."""
    return "".join(part.partition("]")[2] if number else part for number, part in enumerate(path.split("[")))


def _or_null(kind: Any) -> Any:
    return kind | None


def _list_of(kind: Any) -> Any:
    return list[kind]


def _closed(name: str, fields: Mapping[str, Any]) -> type[BaseModel]:
    return create_model(name, __config__=_CLOSED, **fields)
