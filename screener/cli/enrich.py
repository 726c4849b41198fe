"""What `screener retrieve --enrich` prints: what was found by source of the records, and what a person has to decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from .common import console, counted, emit, end_with, progress_line, table

if TYPE_CHECKING:
    from ..ledger.enrichments import EnrichmentCandidate
    from ..records import Entry, Record
    from ..review import OpenReview
    from ..review.enriching import EnrichKeywords, EnrichResult, Progress

EnrichOption = Annotated[
    bool, typer.Option("--enrich", help="Look up abstracts and more that records lack, instead of searching.")
]
ServiceOption = Annotated[
    list[str] | None, typer.Option("--service", help="With --enrich: only this service; may be repeated.")
]
CandidatesOption = Annotated[
    bool, typer.Option("--candidates", help="List works found by title on which a person must decide.")
]
AcceptOption = Annotated[list[int] | None, typer.Option("--accept", help="Take this candidate, by its number.")]
RejectOption = Annotated[list[int] | None, typer.Option("--reject", help="Refuse this candidate, by its number.")]
SHOWN = 3
"""So many refused works and candidates are listed."""
FIELDS = {
    "abstract": "abstract", "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "arxiv": "arXiv id", "language": "language",
    "url": "address", "open_access": "free full text", "integrity": "retraction or concern",
}  # fmt: skip
"""What a field that was filled in is called."""


def look_up(review: "OpenReview", sources: Sequence[str], json: bool, **options: "Unpack[EnrichKeywords]") -> None:
    """Look up what records lack and print it; exit code 3 where a service could not be asked to the end."""
    result = review.enrich(*sources, progress=_progress(), **options)
    if json:
        emit(result.as_json())
    elif result.dry_run:
        _show_plan(result)
    else:
        _show(result)
    end_with(result.errors)


def settle(review: "OpenReview", accept: Sequence[int], reject: Sequence[int], who: str, *, json: bool) -> None:
    """Decide on candidates; without any number list them."""
    from ..review.enriching import candidate_as_json

    settled = review.settle_candidates(accept, reject, who=who) if accept or reject else []
    candidates = review.enrichment_candidates()
    if json:
        emit({"settled": [{"number": number, "record": record} for number, record in settled],
              "candidates": [candidate_as_json(candidate) for candidate in candidates]})  # fmt: skip
        return
    out = console()
    for number, record in settled:
        out.print(f"{number}: {'taken for' if number in accept else 'refused for'} {record}", markup=False)
    _show_candidates(candidates, len(candidates))
    if not candidates:
        out.print("No candidates wait for a decision.")


def _progress() -> "Progress":
    show = progress_line()
    return lambda service, place, of: show(f"{service}: {place:,} of {of:,} requests", place == of)


def _show_plan(result: "EnrichResult") -> None:
    out = console()
    plan = table("", "service", "records", "requests at most", right=(1, 2))
    for row in result.services:
        plan.add_row(row.service, f"{row.records:,}", f"{row.requests:,}")
    out.print(plan)
    without = sum(row.without for row in result.sources)
    out.print(
        f"{counted(without, 'record')} of {sum(row.records for row in result.sources):,} have no abstract. Nothing was asked; "
        "what the first services find the later ones are not asked for."
    )


def _show(result: "EnrichResult") -> None:
    out = console()
    rows = [row for row in result.sources if row.without]
    counts = table("", "source of the records", "without abstract", "found", "refused", "candidates", "still without",
                   right=(1, 3, 4, 5))  # fmt: skip
    for row in rows:
        found = ", ".join(f"{service} {count:,}" for service, count in row.found.items())
        counts.add_row(
            row.source, f"{row.without:,} of {row.records:,}", found or "0", f"{row.refused:,}", f"{row.candidates:,}",
            f"{row.still_without:,} ({_share(row.still_without, row.records)})",
        )  # fmt: skip
    records, before = sum(row.records for row in result.sources), sum(row.without for row in rows)
    after = sum(row.still_without for row in rows)
    if rows:
        out.print(counts)
    out.print(
        f"Without abstract: {_share(before, records)} of {records:,} records before, {_share(after, records)} now."
    )
    others = {
        FIELDS[name]: sum(row.filled.get(name, 0) for row in result.services) for name in FIELDS if name != "abstract"
    }
    if told := ", ".join(f"{name} {count:,}" for name, count in others.items() if count):
        out.print(f"Also filled in: {told}.")
    _show_refused(result)
    _show_candidates(result.candidates, SHOWN)
    if result.entered.text_changed:
        out.print(
            f"{counted(result.entered.text_changed, 'record has', 'records have')} a new text: machine judgements of them are stale (`screener "
            "run` renews them), people's stand and are marked in `screener status`."
        )
    if result.entered.imports:
        out.print(f"`screener import --undo {result.entered.imports[0]}` takes all of it back.")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "0%"


def _show_refused(result: "EnrichResult") -> None:
    out = console()
    for work in result.refused[:SHOWN]:
        out.print(
            f"Refused: {work.service} has under {work.key} another title than {work.record}: {work.other_title[:80] or 'none'}",
            markup=False, highlight=False,
        )  # fmt: skip
    if len(result.refused) > SHOWN:
        out.print(f"… and {len(result.refused) - SHOWN:,} more refused (--json lists all).")


def _work(work: "Entry | Record") -> str:
    """Return title, first author, year and DOI: what tells whether two are one."""
    who = f"{work.authors[0]}{' et al.' if len(work.authors) > 1 else ''}" if work.authors else "no author"
    doi = f", {work.doi}" if work.doi else ""
    return f"{work.title[:80]} – {who}, {work.year or 'no year'}{doi}"


def _show_candidates(candidates: "Sequence[EnrichmentCandidate]", most: int) -> None:
    out = console()
    for candidate in candidates[:most]:
        for told in (
            f"Candidate {candidate.number} ({candidate.service}): {_work(candidate.entry)}",
            f"  for {candidate.record}: {_work(candidate.known)}",
        ):
            out.print(told, markup=False, highlight=False)
    if len(candidates) > most:
        out.print(f"… and {len(candidates) - most:,} more (`screener retrieve --candidates`).")
    if candidates:
        out.print("`screener retrieve --accept NUMBER` takes one, `--reject NUMBER` refuses it.")
