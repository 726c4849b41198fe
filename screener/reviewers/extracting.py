"""A chat model as an extractor: the form group by group, a second pass over what is missing, and what code makes of it."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from ..core.judgement import Evidence, ItemAnswer, ItemStatus
from ..core.messages import AnswerPending, ChatRequest, Judging, Readable, Request, Response
from ..documents.evidence import EvidenceTexts, Quote
from ..documents.passages import PASSAGES_VERSION, PassageQuery
from ..documents.report import Report
from ..forms.walk import FormSpec, GroupField, RowField, UnitField
from ..protocol.model import StageProtocol
from ..protocol.prompts import Prompt, as_shown
from .extraction import (
    EXTRACTION_VERSION,
    ProposedItem,
    conclude,
    holds_name,
    said,
    settle_item,
    suspicious,
    ungrounded,
)
from .fulltext import ShownPassages, choose
from .list_entries import ENTRIES_VERSION, is_of_list, joined, standing, together
from .schema import digest, filled, strict_schema

MOST_UNITS = 12
"""Entries of a list of units (models of a study) that are asked for; more are named in a flag."""


class UnitEntry(BaseModel):
    """One entry of a list of units: the words that introduce it, and its name."""

    model_config = ConfigDict(extra="forbid")

    evidence: str
    name: str


class Entries(BaseModel):
    """All entries, in the order of the documents."""

    model_config = ConfigDict(extra="forbid")

    entries: list[UnitEntry]


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

    def read(self, shown: ShownPassages) -> None:
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
        guides = [group.guide for group in self._form.groups] + [unit.guide for unit in self._form.units]
        return digest(
            "extraction", self._prompt.hash, self._review, guides, schemas, told, self._model,
            self._full_text, PASSAGES_VERSION,
        )  # fmt: skip

    @cached_property
    def rule(self) -> str:
        """Hash of the version of the rules."""
        return digest(EXTRACTION_VERSION, ENTRIES_VERSION)

    @property
    def least_requests(self) -> int:
        """How often it asks about a study at least: each list of units has one entry, and nothing is asked again."""
        return len(self._form.groups) + sum(1 + len(unit.groups) for unit in self._form.units)

    @property
    def least_items(self) -> int:
        """How many items a study then has, with one entry in every other list as well."""
        return len(self._form.by_path)

    def judge(self, record: Readable) -> Judging:
        """Ask for the units, then for each group of each, then once more for what is missing.

        Raises `Unusable` if an answer cannot be used after its repair, or at a refusal.
        """
        if not isinstance(record, Report):
            raise TypeError("a form is filled from a report, not from a record")
        sources = EvidenceTexts.of(record)
        so_far = _Filled(flags=suspicious(record, sources))
        asked = [_Asked(group, "") for group in self._form.groups]
        waiting: AnswerPending | None = None
        for unit in self._form.units:
            try:
                names = yield from self._entries(record, unit, sources, so_far)
            except AnswerPending as later:
                waiting = later
                continue
            asked += [
                _Asked(group, f"{unit.path}[{number}].", name, unit.path)
                for number, name in enumerate(names)
                for group in unit.groups
            ]
        for second in (False, True):
            for one in asked:
                part = _missing(one, so_far.items) if second else one
                if part is None:
                    continue
                try:
                    yield from self._fill(record, part, sources, so_far, second=second)
                except AnswerPending as later:
                    waiting = later
            if waiting is not None:  # the second pass is about what all of the first has left open
                raise waiting
        return conclude(so_far.items, so_far.flags, sorted(so_far.unread or ()), record.unreadable)

    def _entries(
        self, report: Report, unit: UnitField, sources: EvidenceTexts, so_far: _Filled
    ) -> Generator[Request, Response, list[str]]:
        shown = yield from choose(report, [PassageQuery(unit.description)], self._full_text)
        so_far.read(shown)
        known = _known_of_units(unit)
        found = yield from self._ask(report, shown, known, Entries, unit.path)
        named = {entry.name.strip(): entry for entry in Entries.model_validate(found).entries if entry.name.strip()}
        placed: list[str] = []
        doubtful: dict[str, str] = {}
        evidence: list[Evidence] = []
        for name, entry in named.items():
            quotes = (sources.find(Quote(entry.evidence.strip())),) if entry.evidence.strip() else ()
            why = ungrounded(quotes, sources)
            if not why and not holds_name(said(quotes, sources), name):
                why = "the quote does not hold the name"
            if why:
                doubtful[name] = why
                evidence += quotes
            else:
                placed.append(name)
        if doubtful:
            so_far.flags.append(f"invented_{unit.path}")
        if len(placed) > MOST_UNITS:
            so_far.flags.append(f"only_{MOST_UNITS}_of_{len(placed)}_{unit.path}")
        if doubtful or not placed:
            # Nothing is asked about an entry that the documents do not name; a human sees that it was proposed.
            reason = "; ".join(f"{name}: {why}" for name, why in doubtful.items()) or "none was found"
            so_far.items[unit.path] = ItemAnswer(
                status=ItemStatus.UNCLEAR, value=list(doubtful) or None, reason=reason, evidence=tuple(evidence)
            )
        return placed[:MOST_UNITS]

    def _fill(
        self, report: Report, asked: _Asked, sources: EvidenceTexts, so_far: _Filled, *, second: bool = False
    ) -> Generator[Request, Response, None]:
        group = asked.group
        questions = [PassageQuery(f"{asked.unit} {item.words}", item.cues) for item in group.items]
        questions += [PassageQuery(f"{asked.unit} {row.path} {row.description}", _row_cues(row)) for row in group.rows]
        shown = yield from choose(report, questions, self._full_text)
        so_far.read(shown)
        known = _known_of_group(asked, second=second)
        here = f"{asked.prefix}{group.path}"
        there = {row.path: standing(so_far.items, f"{here}.{row.path}") for row in group.rows}
        stands = {path: entries for path, entries in there.items() if entries}
        found = yield from self._ask(report, shown, known, group.model, group.path, stands)
        answers = dict(_answers(asked, found, sources))
        for row in group.rows:
            own = f"{here}.{row.path}"
            new = {path: answers.pop(path) for path in list(answers) if is_of_list(path, own)}
            old = {path: answer for path, answer in so_far.items.items() if is_of_list(path, own)}
            so_far.items = {path: a for path, a in so_far.items.items() if path not in old} | joined(old, new, own)
        for path, answer in answers.items():
            so_far.items[path] = together(so_far.items.get(path), answer)

    def _ask(
        self,
        report: Report,
        shown: ShownPassages,
        known: dict[str, Any],
        form: type[BaseModel],
        name: str,
        stands: Mapping[str, Sequence[str]] | None = None,
    ) -> Generator[Request, Response, dict[str, Any]]:
        """Ask for one object, and once more with the fault named if it cannot be used. `stands` is what lists have."""
        text = as_shown(report, shown.passages, len(shown.unread), stands)
        messages = self._prompt.messages(self._stage, text, self._review, **known)
        request = ChatRequest(messages, name, strict_schema(form, described=True))
        answer = yield from filled(request, form)
        return answer.model_dump(mode="json")


def _answers(asked: _Asked, found: Mapping[str, Any], sources: EvidenceTexts) -> Iterator[tuple[str, ItemAnswer]]:
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


_AGAIN = (ItemStatus.NOT_REPORTED, ItemStatus.UNCLEAR)


def _missing(asked: _Asked, items: Mapping[str, ItemAnswer]) -> _Asked | None:
    """The group with only what is not reported or unclear, and with its lists; None where nothing is.

    A list alone is asked for again if it is empty or one of its items is unclear. Where a request is sent, every list of
    the group comes with it: one of sound entries may lack others.
    """
    here = f"{asked.prefix}{asked.group.path}"
    missing = tuple(item for item in asked.group.items if items[f"{here}.{item.path}"].status in _AGAIN)
    rows = asked.group.rows
    if not missing and not any(
        answer.status is ItemStatus.UNCLEAR or path == f"{here}.{row.path}"
        for row in rows
        for path, answer in items.items()
        if is_of_list(path, f"{here}.{row.path}")
    ):
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


def _known_of_units(unit: UnitField) -> dict[str, Any]:
    """What the template is told when the entries of a list of units are asked for."""
    return {"ask": "units", "part": unit, "items": (), "rows": (), "unit": "", "unit_list": "", "second": False,
            "guide": unit.guide}  # fmt: skip


def _known_of_group(asked: _Asked, *, second: bool) -> dict[str, Any]:
    """What the template is told when a group is asked for."""
    group = asked.group
    return {
        "ask": "group", "part": group, "items": group.items, "rows": group.rows, "unit": asked.unit,
        "unit_list": asked.unit_list, "second": second, "guide": group.guide,
    }  # fmt: skip


def form_requests(form: FormSpec) -> list[dict[str, Any]]:
    """What the template is told in each kind of request for a form, so that it can be tried before anything is sent."""
    asked = [_Asked(group, "") for group in form.groups]
    asked += [_Asked(group, f"{unit.path}[0].", "A name", unit.path) for unit in form.units for group in unit.groups]
    known = [_known_of_units(unit) for unit in form.units]
    known += [_known_of_group(one, second=second) for one in asked for second in (False, True)]
    return known
