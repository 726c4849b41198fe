"""`screener retrieve`: run the protocol's searches in databases that can be asked over the network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.errors import BadInput
from .common import (
    JoinOption,
    JsonOption,
    ReviewOption,
    console,
    counted,
    emit,
    end_with,
    progress_line,
    review_at,
    table,
)
from .enrich import AcceptOption, CandidatesOption, EnrichOption, RejectOption, ServiceOption, look_up, settle
from .full_texts import PdfsFromOption, PdfsOption, SupplementsOption, retrieve_full_texts
from .showing import show_state

if TYPE_CHECKING:
    from ..review import OpenReview
    from ..review.getting_full_texts import FullTextKeywords
    from ..review.retrieve_results import RetrieveResult, SourceResult
    from ..review.retrieving import Progress


SourcesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SOURCE…]", help="Sources as sources.yaml names them; all by default."),
]
WholeOption = Annotated[
    bool, typer.Option("--whole", help="Ask for everything again; mark what a source no longer has.")
]
MostRequestsOption = Annotated[
    int | None, typer.Option("--most-requests", min=1, help="Stop after so many requests; the next call goes on.")
]
CheckKnownOption = Annotated[
    Path | None,
    typer.Option("--check-known", metavar="FILE", help="Only say which of these studies the searches have found."),
]


def retrieve(
    sources: SourcesArgument = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only ask how many records there are.")] = False,
    whole: WholeOption = False,
    most_requests: MostRequestsOption = None,
    check_known: CheckKnownOption = None,
    enrich: EnrichOption = False,
    service: ServiceOption = None,
    candidates: CandidatesOption = False,
    accept: AcceptOption = None,
    reject: RejectOption = None,
    pdfs: PdfsOption = False,
    pdfs_from: PdfsFromOption = None,
    supplements: SupplementsOption = False,
    who: Annotated[str, typer.Option("--who", help="Your name, kept with what changed.")] = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Run the searches of sources.yaml, keep what each database sends, and import the records.

    A second call asks for what was entered or changed since the last one, 30 days before it included: new records are
    added, revised and retracted ones updated in place. A search that was stopped goes on behind the last page that came. A
    source that fails is told in one line and stops no other one; the exit code is then 3. For a source without an interface,
    such as Web of Science, the queries are printed to be run by hand.

    With --enrich nothing is searched: abstracts, DOIs, free full texts, language and retractions that records of the sources
    lack are looked up. They are taken only where the titles agree; what is doubtful is listed with --candidates.

    With --pdfs full texts of the reports that are sought are looked for where they are free, and attached; where there is
    none, the reason is noted on the report.
    """
    _check_together(
        {"--enrich": enrich, "--check-known": check_known is not None, "--pdfs": pdfs or pdfs_from is not None or supplements,
         "--candidates, --accept and --reject": candidates or bool(accept) or bool(reject)},
        {"SOURCE": bool(sources), "--whole": whole, "--service": bool(service), "--dry-run": dry_run,
         "--most-requests": most_requests is not None},
    )  # fmt: skip
    current = review_at(review, join=join)
    if pdfs or pdfs_from is not None or supplements:
        how: FullTextKeywords = {"dry_run": dry_run, "most_requests": most_requests, "supplements": supplements}
        retrieve_full_texts(current, sources or (), json, **(how | {"folder": pdfs_from}))
        return
    if check_known is not None:
        _show_known(current, check_known, json)
        return
    if enrich:
        services = tuple(service or ())
        look_up(current, sources or (), json, dry_run=dry_run, most_requests=most_requests, who=who, services=services)
        return
    if candidates or accept or reject:
        settle(current, accept or (), reject or (), who, json=json)
        return
    done = current.retrieve(
        *(sources or ()), progress=_progress(), dry_run=dry_run, whole=whole, most_requests=most_requests, who=who
    )
    _tell(current, done, json=json, chosen=bool(sources))


_GOES_WITH = {
    "": {"SOURCE", "--whole", "--dry-run", "--most-requests"},
    "--enrich": {"SOURCE", "--service", "--dry-run", "--most-requests"},
    "--pdfs": {"SOURCE", "--dry-run", "--most-requests"},
}
"""Of each thing that can be done, "" for the search itself: the options that say how."""


def _check_together(wanted: dict[str, bool], options: dict[str, bool]) -> None:
    """Raise where two things are asked for at once, or an option that does not go with what is asked for."""
    asked = [name for name, is_given in wanted.items() if is_given]
    if len(asked) > 1:
        raise BadInput(f"retrieve: {asked[0]} or {asked[1]}, one after the other")
    task = asked[0] if asked else ""
    for name, is_given in options.items():
        if is_given and name not in _GOES_WITH.get(task, ()):
            others = [other or "a search" for other, known in _GOES_WITH.items() if name in known]
            raise BadInput(f"retrieve: {name} goes with {' or '.join(others)}{f', not with {task}' if task else ''}")


def _tell(current: "OpenReview", result: "RetrieveResult", *, json: bool, chosen: bool) -> None:
    """Print what came of the searches; exit code 3 where a source failed or rows were rejected."""
    from .sources import venue_lines

    if json:
        emit(result.as_json())
    else:
        _show(result, chosen=chosen)
        for line in venue_lines(current.venue_standings()):
            console().print(line)
    errors = [error for source in result.sources for error in source.errors]
    end_with(errors, rejected=any(source.rejected for source in result.sources))


def _show_known(current: "OpenReview", file: Path, json: bool) -> None:
    """Print how many of the known studies each search has found, and those that none has."""
    known = current.check_known(file)
    if json:
        emit(known.as_json())
        return
    out = console()
    counts = table("Known studies", "search", "found", right=(1,))
    for name, count in known.queries:
        counts.add_row(name, f"{count:,}")
    out.print(counts)
    for study in known.studies:
        if not study.found:
            likely = ", ".join(dict.fromkeys(row.record for row in study.rows))
            beside = f" (may be {likely})" if likely else ""
            told = dict.fromkeys((study.name, study.entry.shown_title))
            out.print(f"not found: {': '.join(told)}{beside}", markup=False, highlight=False)
    out.print(
        f"{known.found:,} of {counted(len(known.studies), 'known study', 'known studies')} found by the searches."
    )


def _progress() -> "Progress":
    show = progress_line()
    return lambda kept: show(f"{kept.source}, {kept.query_name}: {kept.received:,}{_of(kept.stated)}", kept.finished)


def _of(stated: int | None) -> str:
    return "" if stated is None else f" of {stated:,}"


def _show(result: "RetrieveResult", *, chosen: bool) -> None:
    out = console()
    counts = table("", "source", "query", "since", "stated", "received", right=(3, 4))
    for source in result.sources:
        for query in source.queries:
            if query.note:
                continue
            stated = "not said" if query.stated is None else f"{query.stated:,}"
            received = "" if result.dry_run else f"{query.received:,}"
            counts.add_row(
                source.name, query.name, query.since or ("all again" if query.all_again else "ever"), stated, received
            )
    if counts.row_count:
        out.print(counts)
    for source in result.sources:
        for line in _remarks(source, dry_run=result.dry_run):
            out.print(line, markup=False, highlight=False)
    for source in result.sources:
        if source.by_hand or not source.queries:
            _show_by_hand(source, whole=chosen)
    if not result.dry_run:
        show_state(result.after.marked, result.after.notices, result.after.back)
        out.print(f"{counted(result.records, 'record')} in the review. Next: `screener dedup list`, `screener run`.")
    if result.synthetic.count:
        out.print(f"{result.synthetic.sentence}.")


def _remarks(source: "SourceResult", *, dry_run: bool) -> "list[str]":
    """Return the lines about one source: what came of it, and where stated and received differ."""
    lines = [f"{source.name}, {query.name}: {query.note}." for query in source.queries if query.note]
    again = dict.fromkeys(query.all_again for query in source.queries if query.all_again)
    lines += [f"{source.name}: {why}; everything was asked for again" for why in again]
    lines += [f"{source.name}, {query.name}: {warning}" for query in source.queries for warning in query.warnings]
    lines += [
        f"{source.name}, {query.name}: {query.stated:,} stated, {query.received:,} received: the difference is the source's"
        for query in source.queries
        if not dry_run and not query.error and query.stated is not None and query.stated != query.received
    ]
    lines += [
        f"{source.name}, {query.name}: stated {query.reported:,} on {query.reported_on}; received {query.received:,} now"
        + ("" if query.there_by_then is None else f", {query.there_by_then:,} of them there by then")
        for query in source.queries
        if query.reported is not None
    ]
    if source.queries and not dry_run:
        rejected = f", {counted(source.rejected, 'row')} rejected" if source.rejected else ""
        gone = f", {counted(source.gone, 'row')} gone" if source.gone else ""
        lines.append(
            f"{source.name}: {counted(source.new, 'new record')}, {counted(source.updated, 'record')} updated{gone}{rejected}."
        )
    return lines


def _show_by_hand(source: "SourceResult", *, whole: bool) -> None:
    """Print the queries of a source that cannot be asked: whole where it was named, else how to see them."""
    out = console()
    if not source.by_hand:
        out.print(f"{source.name}: sources.yaml has no query for it.")
        return
    if not whole:
        out.print(
            f"{source.name} is searched by hand ({counted(len(source.by_hand), 'query', 'queries')}, {source.imported:,} rows "
            f'imported): `screener retrieve "{source.name}"` prints them.'
        )
        return
    for query in source.by_hand:
        reported = "" if query.reported is None else f" ({query.reported:,} reported before)"
        out.print(f"\n{source.name}, {query.name}{reported}", markup=False, highlight=False)
        print(query.query)
    out.print(
        f"\nRun each in {source.name}, export full records under the query's name, then `screener import FILE… --source "
        f'"{source.name}"`; `screener status` compares the counts.'
    )
