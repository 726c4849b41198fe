"""Reports by name: those excluded at full text with their reasons (PRISMA 2020, item 16b), and the included studies."""

from collections.abc import Mapping
from typing import Any

from ..core.judgement import Judgement, Stage
from ..documents import Report
from ..ledger import Ledger, as_studies
from ..ledger.classified import contacts
from ..ledger.store import Connection
from ..protocol import Review
from ..records import Record
from ..stages import FlowPlace, StageState, place
from .flow import NO_CRITERION


def citation(record: Record) -> str:
    """Return the full citation of a record: authors, year, title, venue and identifiers, as far as its sources gave them."""
    authors = "; ".join(name.rstrip(";, ") for name in record.authors)
    year, title = f" ({record.year})" if record.year else "", record.shown_title
    venue = ", ".join(filter(None, (record.venue, record.locator)))
    parts = (f"{authors}{year}", title, venue) if authors else (f"{title}{year}", venue)
    return " ".join([*(_sentence(part) for part in parts if part), *_identifiers(record)])


def _sentence(part: str) -> str:
    part = " ".join(part.split())
    return part if part.endswith((".", "?", "!")) else f"{part}."


def _identifiers(record: Record) -> list[str]:
    numbers = (("doi:", record.doi), ("PMID ", record.pmid), ("arXiv:", record.arxiv))
    names = [f"{name}{value}" for name, value in numbers if value]
    return names or ([record.url] if record.url else [])


def report_lists(ledger: Ledger, review: Review, state: StageState | None) -> dict[str, Any] | None:
    """Return the reports by their place in the flow, in the order of their citations; None without a stage of full texts.

    `excluded`: `id`, `citation`, `doi`, `criterion` (the first one not met), `note` (what the judgement says), `by`.
    `included`: a row a study, with its `id` and its `reports`. `awaiting` and `ongoing`: reports that people cannot decide
    on yet, with the reason and who says so.
    """
    if state is None:
        return None
    places = {
        report.id: place(report, state.standings[report.id])
        for report in state.records
        if isinstance(report, Report) and report.id in state.standings
    }
    excluded = [record for record in state.records if places.get(record.id) is FlowPlace.EXCLUDED]
    included = [r for r in state.records if isinstance(r, Report) and places.get(r.id) is FlowPlace.INCLUDED]
    return {
        "excluded": _excluded(ledger, review, excluded),
        "included": _studies(ledger, included),
        "awaiting": _classified(state, places, FlowPlace.AWAITING),
        "ongoing": _classified(state, places, FlowPlace.ONGOING),
    }


def author_contacts(connection: Connection) -> list[dict[str, str]]:
    """Return the log of contact with authors: record, who asked whom, when and what, and the answer with its day."""
    names = ("record_id", "who", "to", "on", "asked", "answered", "answer")
    return [{name: getattr(contact, name) for name in names} for contact in contacts(connection)]


def _classified(state: StageState, places: Mapping[str, FlowPlace], flow_place: FlowPlace) -> list[dict[str, Any]]:
    rows = [
        {**_cited(record), "reason": standing.message, "by": standing.by}
        for record in state.records
        if places.get(record.id) is flow_place and (standing := state.standings[record.id])
    ]
    return sorted(rows, key=_by_citation)


def _excluded(ledger: Ledger, review: Review, records: list[Record]) -> list[dict[str, Any]]:
    # The stage was loaded without the words of its judgements; these few are read with them.
    state = StageState.of(ledger, review, Stage.FULLTEXT, records)
    rows = [
        {
            **_cited(record),
            "criterion": standing.failed or NO_CRITERION,
            "note": _note(standing.judgement),
            "by": standing.by,
        }
        for record in records
        if (standing := state.standings[record.id])
    ]
    return sorted(rows, key=_by_citation)


def _note(judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    answer = judgement.answers.get(judgement.failed() or "")
    return " ".join(((answer.reason if answer else "") or judgement.reason).split())


def _studies(ledger: Ledger, reports: list[Report]) -> list[dict[str, Any]]:
    by_id = {report.id: report for report in reports}
    studies = [
        {"id": study.id, "reports": [_cited(by_id[name]) for name in study.study or (study.id,)]}
        for study in as_studies(ledger, reports)
    ]
    return sorted(studies, key=lambda study: _by_citation(study["reports"][0]))


def _cited(record: Record) -> dict[str, Any]:
    return {"id": record.id, "citation": citation(record), "doi": record.doi}


def _by_citation(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["citation"]).casefold(), str(row["id"])
