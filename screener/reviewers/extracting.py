"""A chat model as an extractor: the form group by group, a second pass over what is missing, and what code makes of it."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from ..evidence import Quote, Sources
from ..exchange import ChatRequest, Judging, Readable, Request, Response
from ..extraction import EXTRACTION_VERSION, ProposedItem, conclude, settle_item
from ..forms.walk import FormSpec, GroupField, RowField, UnitField
from ..judgement import ItemAnswer, ItemStatus
from ..passages import PASSAGES_VERSION, Question
from ..prompts import Prompt, as_shown
from ..protocol import StageProtocol
from ..reports import Report
from .fulltext import Shown, choose
from .schema import digest, filled, strict_schema

MOST_UNITS = 12
"""Entries of a list of units (models of a study) that are asked for; more are named in a flag."""


class Entry(BaseModel):
    """One entry of a list of units: the words that introduce it, and its name."""

    model_config = ConfigDict(extra="forbid")

    evidence: str
    name: str


class Entries(BaseModel):
    """All entries, in the order of the documents."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Entry]


@dataclass(frozen=True)
class _Asked:
    """One group of the form for one unit: `prefix` leads its items' paths, `unit` is the unit's name."""

    group: GroupField
    prefix: str
    unit: str = ""
    unit_list: str = ""


@dataclass
class _Filled:
    """What has been found so far."""

    items: dict[str, ItemAnswer] = field(default_factory=dict)
    unread: set[str] | None = None
    flags: list[str] = field(default_factory=list)

    def read(self, shown: Shown) -> None:
        """Take note of what was shown: unread is what no request showed."""
        self.unread = set(shown.unread) if self.unread is None else self.unread & set(shown.unread)


class ChatExtractor:
    """Fills a form from the documents of a study. `model` is the model's fingerprint."""

    def __init__(
        self,
        stage: StageProtocol,
        form: FormSpec,
        prompt: Prompt,
        review: str,
        model: Mapping[str, Any],
        full_text: int,
    ) -> None:
        """`full_text` is how many characters of the documents one request shows."""
        self._stage, self._form, self._prompt, self._review = stage, form, prompt, review
        self._model, self._full_text = model, full_text

    @cached_property
    def asked(self) -> str:
        """Hash of prompt, form, model, parameters and how passages are chosen."""
        schemas = [strict_schema(group.model, described=True) for group in self._form.groups]
        schemas += [strict_schema(g.model, described=True) for unit in self._form.units for g in unit.groups]
        told = [(unit.path, unit.description) for unit in self._form.units]
        return digest(
            "extraction", self._prompt.hash, self._review, self._form.guide, schemas, told, self._model,
            self._full_text, PASSAGES_VERSION,
        )  # fmt: skip

    @cached_property
    def rule(self) -> str:
        """Hash of the version of the rules."""
        return digest(EXTRACTION_VERSION)

    def judge(self, record: Readable) -> Judging:
        """Ask for the units, then for each group of each, then once more for what is missing.

        Raises `Unusable` if an answer cannot be used after its repair, or at a refusal.
        """
        if not isinstance(record, Report):
            raise TypeError("a form is filled from a report, not from a record")
        sources, so_far = Sources.of(record), _Filled()
        asked = [_Asked(group, "") for group in self._form.groups]
        for unit in self._form.units:
            names = yield from self._entries(record, unit, sources, so_far)
            asked += [
                _Asked(group, f"{unit.path}[{number}].", name, unit.path)
                for number, name in enumerate(names)
                for group in unit.groups
            ]
        for one in asked:
            yield from self._fill(record, one, sources, so_far)
        for one in asked:
            if (rest := _missing(one, so_far.items)) is not None:
                yield from self._fill(record, rest, sources, so_far, second=True)
        return conclude(so_far.items, so_far.flags, sorted(so_far.unread or ()))

    def _entries(
        self, report: Report, unit: UnitField, sources: Sources, so_far: _Filled
    ) -> Generator[Request, Response, list[str]]:
        shown = yield from choose(report, [Question(unit.description)], self._full_text)
        so_far.read(shown)
        known = {"ask": "units", "part": unit, "items": (), "rows": (), "unit": "", "unit_list": "", "second": False}
        found = yield from self._ask(report, shown, known, Entries, unit.path)
        named = [entry for entry in Entries.model_validate(found).entries if entry.name.strip()]
        placed = [entry for entry in named if sources.find(Quote(entry.evidence)).start is not None]
        if len(placed) < len(named):
            so_far.flags.append(f"invented_{unit.path}")
        if len(placed) > MOST_UNITS:
            so_far.flags.append(f"only_{MOST_UNITS}_of_{len(placed)}_{unit.path}")
        if not placed:
            so_far.items[unit.path] = ItemAnswer(status=ItemStatus.UNCLEAR, reason="none was found")
        return list(dict.fromkeys(entry.name.strip() for entry in placed))[:MOST_UNITS]

    def _fill(
        self, report: Report, asked: _Asked, sources: Sources, so_far: _Filled, *, second: bool = False
    ) -> Generator[Request, Response, None]:
        group = asked.group
        questions = [Question(f"{asked.unit} {item.words}", item.cues) for item in group.items]
        questions += [Question(f"{asked.unit} {row.path} {row.description}", _row_cues(row)) for row in group.rows]
        shown = yield from choose(report, questions, self._full_text)
        so_far.read(shown)
        known = {
            "ask": "group", "part": group, "items": group.items, "rows": group.rows, "unit": asked.unit,
            "unit_list": asked.unit_list, "second": second,
        }  # fmt: skip
        found = yield from self._ask(report, shown, known, group.model, group.path)
        for path, answer in _answers(asked, found, sources):
            before = so_far.items.get(path)
            # A second look may find what was missed; it takes nothing back.
            if before is None or answer.status is ItemStatus.REPORTED or before.status is ItemStatus.UNCLEAR:
                so_far.items[path] = answer
        for row in group.rows:
            own = f"{asked.prefix}{group.path}.{row.path}"
            if any(path.startswith(f"{own}[") for path in so_far.items):
                so_far.items.pop(own, None)

    def _ask(
        self, report: Report, shown: Shown, known: dict[str, Any], form: type[BaseModel], name: str
    ) -> Generator[Request, Response, dict[str, Any]]:
        """Ask for one object, and once more with the fault named if it cannot be used."""
        text = as_shown(report, shown.passages, len(shown.unread))
        messages = self._prompt.messages(self._stage, text, self._review, guide=self._form.guide, **known)
        request = ChatRequest(messages, name, strict_schema(form, described=True))
        answer = yield from filled(request, form)
        return answer.model_dump(mode="json")


def _answers(asked: _Asked, found: Mapping[str, Any], sources: Sources) -> Iterator[tuple[str, ItemAnswer]]:
    here = f"{asked.prefix}{asked.group.path}"
    for item in asked.group.items:
        if (said := _at(found, item.path)) is not None:
            yield f"{here}.{item.path}", settle_item(item, _proposed(said), sources)
    for row in asked.group.rows:
        entries = _at(found, row.path)
        if entries is None:
            continue
        if not entries:
            yield f"{here}.{row.path}", ItemAnswer(status=ItemStatus.NOT_REPORTED)
        for number, entry in enumerate(entries):
            for item in row.items:
                answer = settle_item(item, _proposed(_at(entry, item.path)), sources)
                yield f"{here}.{row.path}[{number}].{item.path}", answer


def _at(found: Any, path: str) -> Any:
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _proposed(said: Mapping[str, Any]) -> ProposedItem:
    quotes = tuple(Quote(quote.strip()) for quote in said["evidence"] if quote.strip())
    return ProposedItem(ItemStatus(said["status"]), said["value"], said.get("other"), quotes)


def _row_cues(row: RowField) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cue for item in row.items for cue in item.cues))


def _missing(asked: _Asked, items: Mapping[str, ItemAnswer]) -> _Asked | None:
    """The group with only what is not reported or unclear; None where nothing is. Lists come again if they are empty."""
    here = f"{asked.prefix}{asked.group.path}"
    again = (ItemStatus.NOT_REPORTED, ItemStatus.UNCLEAR)

    def open_(path: str) -> bool:
        return path in items and items[path].status in again

    missing = tuple(item for item in asked.group.items if open_(f"{here}.{item.path}"))
    rows = tuple(row for row in asked.group.rows if open_(f"{here}.{row.path}"))
    if not missing and not rows:
        return None
    wanted = {item.path for item in missing} | {row.path for row in rows}
    group = replace(asked.group, items=missing, rows=rows, model=_part_of(asked.group.model, wanted, ""))
    return replace(asked, group=group)


def _part_of(model: Any, wanted: set[str], prefix: str) -> Any:
    """A group's class with only the fields that are wanted, those of its inner groups among them."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        if path in wanted:
            fields[name] = (info.annotation, info)
        elif any(one.startswith(f"{path}.") for one in wanted):
            fields[name] = (_part_of(info.annotation, wanted, f"{path}."), info)
    return create_model(model.__name__, __config__=ConfigDict(extra="forbid"), **fields)
