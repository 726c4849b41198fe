"""Records with their decisions as other screening tools read them: what they need, Rayyan's notes, and ASReview's table.

- Rayyan keeps each person's decision, reasons and labels in a note of the record, ASReview in another; both are written
  into one RIS file (see `writers`), which reference managers read too. Rayyan knows no adjudications: they are in what ASReview reads, which
  is what stands, and not among the people, who would seem to disagree with them. A third note is our own: everybody's
  judgements and adjudications with reasons and criteria, for `screener label`.
- Covidence reads no decisions: what is to be imported into one of its lists is exported by itself (`only`).
- ASReview's table has a column `included` with 1 or 0, empty where nothing is final: a machine's suggestion is no label.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..core.judgement import Decision, Judgement, Stage, Value
from ..ledger import PEOPLE, Ledger, all_tags, reads
from ..protocol import Review
from ..records import Record
from ..stages import StageState, Standing, Status, stages_of
from .decisions.notes import own_note, quotable
from .xlsx import defuse

Only = Literal["kept", "excluded", "open"]
_RAYYAN = {Decision.INCLUDE: "Included", Decision.EXCLUDE: "Excluded", Decision.UNCLEAR: "Maybe"}
_COLUMNS = (
    "record_id",
    "title",
    "abstract",
    "authors",
    "keywords",
    "year",
    "journal",
    "doi",
    "url",
    "included",
    "notes",
)


@dataclass(frozen=True)
class ToolRecord:
    """A record as it is handed over. `people` is what each person decided, `final` what stands, if anything is final."""

    record: Record
    final: Decision | None
    reason: str
    people: Mapping[str, Judgement]
    tags: Sequence[str]
    note: str = ""
    """Everybody's judgements as our own note in RIS; empty where nobody has judged."""

    @property
    def place(self) -> Only:
        """Return which of the three lists it belongs to."""
        return "open" if self.final is None else "kept" if self.final.kept else "excluded"


def records_for_tools(ledger: Ledger, review: Review, stage: Stage, only: Only | None = None) -> list[ToolRecord]:
    """Return the records of a stage in the order in which they came, all or those of one list."""
    state = StageState.load(ledger, review, stage)
    with ledger.read() as connection:
        tags, current_ids = all_tags(connection), reads.current_ids(connection)
        people: dict[str, dict[tuple[str, str], Judgement]] = defaultdict(dict)
        for row in reads.judgements(connection, stage, repeat=0, roles=PEOPLE):
            people[current_ids.get(row.record_id, row.record_id)][row.reviewer, row.role] = row.judgement

    def tool_record(record: Record, standing: Standing) -> ToolRecord:
        judgements = people.get(record.id, {})
        humans = {name: judgement for (name, role), judgement in judgements.items() if role == "human"}
        note = own_note(stage, record.id, _said(judgements)) if judgements else ""
        words = sorted(tags.get(record.id, ()))
        return ToolRecord(record, _final(standing), _reason(standing), humans, words, note)

    records = [
        tool_record(record, standing)
        for record, standing in ((record, state.standings[record.id]) for record in state.records)
    ]
    return [tool_record for tool_record in records if only is None or tool_record.place == only]


def included_for_tools(ledger: Ledger, review: Review, only: Only | None = None) -> list[ToolRecord]:
    """Return the reports of the included studies, with what people decided at the stage before extraction.

    A report that only a machine suggests to include is among them, and nothing is final on it.
    """
    before = stages_of(review)[: stages_of(review).index(Stage.EXTRACTION)]
    if not before:  # whatever is in such a review is extracted
        return records_for_tools(ledger, review, Stage.EXTRACTION, only)
    included = {record.id for record in StageState.load(ledger, review, before[-1], brief=True).proceeding()}
    return [item for item in records_for_tools(ledger, review, before[-1], only) if item.record.id in included]


def _said(judgements: Mapping[tuple[str, str], Judgement]) -> list[dict[str, Any]]:
    """Return who in which role decided what, with answers and the reason in words."""
    return [
        {
            "reviewer": name,
            "role": role,
            "decision": judgement.decision.value,
            "answers": {criterion: answer.value.value for criterion, answer in judgement.answers.items()},
            "reason": judgement.reason or _first_reason(judgement),
        }
        for (name, role), judgement in judgements.items()
    ]


def _first_reason(judgement: Judgement) -> str:
    """Return the first reason of an answer; that a criterion was not asked is none."""
    asked = (answer for answer in judgement.answers.values() if answer.value is not Value.NOT_ASKED)
    return next((answer.reason for answer in asked if answer.reason), "")


def _final(standing: Standing) -> Decision | None:
    return standing.decision if standing.status is Status.FINAL else None


def _reason(standing: Standing) -> str:
    judgement = standing.judgement
    return (judgement.failed() or judgement.reason) if judgement and standing.status is Status.FINAL else ""


def rayyan_note(tool_record: ToolRecord) -> str:
    """Return everybody's decision, the tags as labels and the reasons, as Rayyan notes them; empty where there is nothing."""
    parts = []
    if tool_record.people:
        decisions = ", ".join(
            f'"{_quoted(name)}"=>"{_RAYYAN[judgement.decision]}"' for name, judgement in tool_record.people.items()
        )
        parts.append(f"RAYYAN-INCLUSION: {{{decisions}}}")
    if tool_record.tags:
        parts.append(f"RAYYAN-LABELS: {','.join(tag.replace('|', '/') for tag in tool_record.tags)}")
    reasons = [j.failed() or j.reason for j in tool_record.people.values() if j.decision is Decision.EXCLUDE]
    if reasons_given := [
        " ".join(reason.replace("|", "/").replace(",", ";").split()) for reason in dict.fromkeys(reasons) if reason
    ]:
        parts.append(f"RAYYAN-EXCLUSION-REASONS: {','.join(reasons_given)}")
    return " | ".join(parts)


def _quoted(name: str) -> str:
    return quotable(name).replace('"', '\\"')


def as_asreview(records: Sequence[ToolRecord]) -> str:
    """Return a CSV table that ASReview takes as a dataset with prior knowledge."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for tool_record in records:
        record = tool_record.record
        row = {
            "record_id": record.id, "title": record.shown_title, "abstract": record.abstract,
            "authors": "; ".join(record.authors), "keywords": "; ".join(record.keywords), "year": record.year or "",
            "journal": record.venue, "doi": record.doi or "", "url": record.url,
            "included": "" if tool_record.final is None else int(tool_record.final.kept), "notes": tool_record.reason,
        }  # fmt: skip
        writer.writerow({name: defuse(value) for name, value in row.items()})
    return file.getvalue()
