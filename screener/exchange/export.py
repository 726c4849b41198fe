"""Standing decisions and extracted items as rows that other programs read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.files import whole_file
from ..core.judgement import Basis, ItemAnswer, Match, Stage
from ..documents import EvidenceTexts, Quote, Report
from ..ledger import Ledger, OpenPair, all_tags, linked_notices, marked_records, no_longer_in, open_pairs, reads
from ..ledger.parts import in_parts
from ..ledger.synthetic import read_synthetic
from ..protocol import Review, StageProtocol
from ..records import Record
from ..stages import (
    StageState,
    Standing,
    Status,
    VenueStanding,
    VenueStandings,
    VenueStatus,
    judged_without_abstract,
    place,
    venue_standings,
)
from .writers.columns import COLUMNS, bibliographic

OTHER_TEXT = "other text"
"""The match of a quote that is not in the documents that the report has now."""
NOTICE = "notice"
"""The status of a record that is not screened alone, since it is a notice of another."""
REMOVED = "removed"
"""The status of a record that a rule on venues removes before screening."""
_REPORT = ("flow", "retrieval", "retrieval_reason", "attempts", "retrieval_at", "documents", "not_read")
_ITEMS = (
    "id", "title", "doi", "year", "reports", "item", "status", "value", "other", "reason", "derived", "evidence", "document",
    "page", "match", "ocr", "reviewer", "standing",
)  # fmt: skip


def columns_of(stage: Stage, protocol: StageProtocol) -> list[str]:
    """Return the columns of an export, in order: those that other programs rely on, one for each criterion, and the rest."""
    if stage is Stage.EXTRACTION:
        return list(_ITEMS)
    first = [
        "id",
        "title",
        "doi",
        "year",
        "decision",
        "status",
        "decided_by",
        "probability",
        "failed_criterion",
        "reason",
        "evidence",
    ]
    report = () if stage is Stage.ABSTRACT else _REPORT
    standing = [
        *first,
        *(c.id for c in protocol.criteria),
        *report,
        "integrity",
        "notice_of",
        "venue_rule",
        "has_abstract",
        "abstract_source",
        "sources",
        "unconfirmed_links",
        "tags",
        "flags",
        "answers_by_silence",
        "no_longer_in",
        "synthetic",
        "text_changed_since",
        "judged_without_abstract",
    ]
    # A criterion of the same name keeps its column.
    return [*standing, *(name for name in COLUMNS if name not in standing)]


def rows(ledger: Ledger, review: Review, stage: Stage) -> Iterator[dict[str, Any]]:
    """Yield what stands at a stage, in the order in which the records came: one row a record, at extraction one an item.

    `decision` is empty where nothing stands; `status` says how firm it is; each criterion has a column of its own.
    At the first stage what a rule on venues removes comes at the end, with the status `removed`. The notices that are not screened alone come last, with the status `notice` and the ids of their papers.
    From full text on every report that reached the stage has a row, with or without a document.
    """
    # More records may stand at the first stage than fit into memory: their texts are read as the rows are made.
    in_pieces = stage is Stage.ABSTRACT
    state = StageState.load(ledger, review, stage, texts=not in_pieces, brief=in_pieces)
    venues = venue_standings(ledger, review)
    if stage is Stage.EXTRACTION:
        for record in state.records:
            yield from _items(record, state.standings[record.id])
        return
    with ledger.read() as connection:
        tags, missing = all_tags(connection), defaultdict[str, list[str]](list)
        marks, synthetic = marked_records(connection), read_synthetic(connection).records
        links = _unconfirmed(open_pairs(connection))
        without = judged_without_abstract(connection, stage, state.records, state.standings)
        for row in no_longer_in(connection):
            missing[row.record].append(f"{row.source} ({row.since[:10]})")
    for record, standing in _whole(ledger, review, state) if in_pieces else _standing(state):
        yield (
            _row(record, standing, state.protocol)
            | {"unconfirmed_links": "; ".join(links.get(record.id, ())), "tags": _tags(tags.get(record.id, {}))}
            | {"judged_without_abstract": "; ".join(without.get(record.id, ()))}
            | {"no_longer_in": "; ".join(missing.get(record.id, ()))}
            | {"synthetic": "yes" if record.id in synthetic else ""}
            | {"integrity": marks[record.id].integrity.value if record.id in marks else ""}
            | _venue(venues.records.get(record.id))
        )
    if stage is min(review.protocol.stages, key=list(Stage).index):
        for apart in _set_aside(ledger, state.protocol, venues):
            yield apart | {"synthetic": "yes" if apart["id"] in synthetic else ""}


def _standing(state: StageState) -> Iterator[tuple[Record, Standing]]:
    """Yield each record of a stage with its standing."""
    return ((record, state.standings[record.id]) for record in state.records)


def _whole(ledger: Ledger, review: Review, state: StageState) -> Iterator[tuple[Record, Standing]]:
    """Yield records with their texts, and their standing with its judgement, as many at a time as are found by their ids."""
    for some in in_parts(state.records):
        with ledger.read() as connection:
            records = reads.records(connection, {record.id for record in some})
        yield from _standing(StageState.of(ledger, review, state.stage, records))


def _venue(standing: VenueStanding | None) -> dict[str, str]:
    """Return what is to be known of a record's venue, where a person should look at it or it is why it was removed."""
    told = standing is not None and standing.status is not VenueStatus.KEPT
    return {"venue_rule": f"{standing.status}: {standing.why}" if told and standing is not None else ""}


def _set_aside(ledger: Ledger, protocol: StageProtocol, venues: VenueStandings) -> list[dict[str, Any]]:
    """Return a row for each record that is not screened: removed by its venue, or a notice of others."""
    notices = _notices(ledger, protocol)
    names = venues.removed - {row["id"] for row in notices}
    with ledger.read() as connection:
        records = list(reads.records(connection, names)) if names else []
    removed = [
        _row(record, Standing(Status.PENDING), protocol) | {"status": REMOVED} | _venue(venues.records[record.id])
        for record in records
    ]
    return removed + notices


def _notices(ledger: Ledger, protocol: StageProtocol) -> list[dict[str, Any]]:
    """Return a row for each record that is not screened alone, since it is a notice of others."""
    papers = defaultdict[str, list[str]](list)
    with ledger.read() as connection:
        for item in linked_notices(connection):
            if item.set_aside:
                papers[item.notice].append(item.paper)
        records = list(reads.records(connection, set(papers)))
    return [
        _row(record, Standing(Status.PENDING), protocol) | {"status": NOTICE, "notice_of": "; ".join(papers[record.id])}
        for record in records
    ]


def _unconfirmed(pairs: Iterable[OpenPair]) -> dict[str, list[str]]:
    """Return by record what the program has linked with it and nobody has looked at: `candidate: ID`, `same_study: ID`."""
    links: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        for name in pair.records:
            links[name].append(f"{pair.link.kind}: {pair.other(name)}")
    return links


def _tags(words: Mapping[str, Sequence[str]]) -> str:
    """Return the words that people put on a record, each with who did."""
    return "; ".join(f"{word} ({', '.join(people)})" for word, people in sorted(words.items()))


def _row(record: Record, standing: Standing, protocol: StageProtocol) -> dict[str, Any]:
    judgement = standing.judgement
    failed = judgement.failed() if judgement else None
    answers = judgement.answers if judgement else {}
    relevant = [answers[failed]] if failed else list(answers.values())
    quotes = [e.quote for answer in relevant for e in answer.evidence if e.status is not Match.MISSING]
    reason = answers[failed].reason if failed else (judgement.reason if judgement else "")
    return {
        **bibliographic(record),
        "id": record.id,
        "title": record.shown_title,
        "doi": record.doi or "",
        "year": record.year,
        "decision": standing.decision.value if standing.decision else "",
        "status": standing.status.value,
        "decided_by": standing.by,
        "probability": judgement.probability if judgement else None,
        "failed_criterion": failed or "",
        "reason": reason or (judgement.reason if judgement else standing.message),
        "evidence": " … ".join(dict.fromkeys(quotes)),
        **{c.id: answers[c.id].value.value if c.id in answers else "" for c in protocol.criteria},
        **(_retrieved(record, standing) if isinstance(record, Report) else {}),
        "integrity": "",
        "notice_of": "",
        "has_abstract": "yes" if record.abstract else "no",
        "abstract_source": record.abstract_source,
        "sources": "; ".join(record.sources),
        "flags": "; ".join(judgement.flags) if judgement else "",
        "answers_by_silence": "; ".join(name for name, answer in answers.items() if answer.basis is Basis.ABSENT),
        "text_changed_since": "; ".join(standing.other_text),
    }


def _retrieved(report: Report, standing: Standing) -> dict[str, Any]:
    """Return what became of a report: its place in the flow, the search for its full text, and how much of that was read."""
    documents = [
        f"{document.name}: {Path(document.file).name}{' (scan)' if document.scan else ''}"
        for document in report.attached
    ]
    return {
        "flow": place(report, standing).value,
        "retrieval": report.retrieval.value,
        "retrieval_reason": report.retrieval_reason,
        "attempts": report.attempts,
        "retrieval_at": report.retrieval_at,
        "documents": "; ".join(documents),
        "not_read": len(standing.judgement.unread) if standing.judgement else None,
    }


def _items(record: Record, standing: Standing) -> list[dict[str, Any]]:
    """Return a study's items, or one row that says that there are none yet."""
    judgement = standing.judgement
    linked = record.study if isinstance(record, Report) else ()
    study = {
        "id": record.id,
        "title": record.shown_title,
        "doi": record.doi or "",
        "year": record.year,
        "reports": "; ".join(linked or (record.id,)),
    }
    firm = {"reviewer": standing.by, "standing": standing.status.value}
    items: dict[str, ItemAnswer] = judgement.items if judgement else {}
    current_texts = _current_texts(record, standing, items.values()) if isinstance(record, Report) else None
    return [study | _item(path, answer, current_texts) | firm for path, answer in items.items()] or [
        study | dict.fromkeys(_ITEMS[len(study) : -len(firm)], "") | firm
    ]


def _current_texts(report: Report, standing: Standing, answers: Iterable[ItemAnswer]) -> EvidenceTexts | None:
    """Return the texts in which quotes are to be looked up anew; None where they are those that were quoted."""
    names = {"title", "abstract", *(place.name for place in report.attached)}
    all_attached = all(place.document in names for answer in answers for place in answer.evidence)
    return EvidenceTexts.of(report) if standing.other_text or not all_attached else None


def _item(path: str, answer: ItemAnswer, current_texts: EvidenceTexts | None) -> dict[str, Any]:
    """Return one item as a row. Each list has an entry a quote; a value that is only proposed is told by the status `unclear`.

    A quote that was given from another text than the report has `current_texts` has its place there, or the match `other text`
    with its place in the text that it was taken from.
    """
    evidence, match = list(answer.evidence), [quote.status.value for quote in answer.evidence]
    if current_texts is not None:
        for number, quote in enumerate(answer.evidence):
            place = current_texts.find(Quote(quote.quote, quote.document))
            if place.status is not Match.MISSING:
                evidence[number], match[number] = place, place.status.value
            elif quote.status is not Match.MISSING:
                match[number] = OTHER_TEXT
    return {
        "item": path,
        "status": answer.status.value,
        "value": answer.value,
        "other": answer.other or "",
        "reason": answer.reason,
        "derived": answer.derived or "",
        "evidence": [quote.quote for quote in evidence],
        "document": [quote.document for quote in evidence],
        "page": [quote.page for quote in evidence],
        "match": match,
        "ocr": ["yes" if quote.ocr else "" for quote in evidence] if any(quote.ocr for quote in evidence) else [],
    }


def write_file(content: Iterable[bytes], output: Path) -> None:
    """Write a file in pieces, whole or not at all."""
    with whole_file(output) as partial, partial.open("wb") as file:
        file.writelines(content)
