"""`screener dedup`: list the links between records and change them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .common import JoinOption, JsonOption, ReviewOption, emit, review_at

if TYPE_CHECKING:
    from ..review.linking import ExactPairs

app = typer.Typer(help="List links between records and change them.", no_args_is_help=True, rich_markup_mode=None)

StudyOption = Annotated[
    bool,
    typer.Option("--same-study", help="As reports of one study (a preprint and its journal version): they stay apart."),
]
WhoOption = Annotated[str, typer.Option("--who", help="Your name, kept with the change.")]


@app.command("list")
def list_(
    kind: Annotated[
        str | None, typer.Option(help="candidate, conflict, duplicate, same_study, notice_of or describes.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also merges of identical rows, which are only counted else.")
    ] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """List likely duplicates, merged ones, reports of one study, notices, and one identifier with two titles.

    Likely duplicates (`candidate`) come with the most similar first.
    """
    links = review_at(review).links(kind)
    if json:
        emit({"links": [link.as_json() for link in links]})
        return
    from .link_lines import show_links

    show_links(links, everything=all_)


@app.command("merge")
def merge(
    first: Annotated[str, typer.Argument(metavar="RECORD")],
    second: Annotated[str, typer.Argument(metavar="OTHER")],
    same_study: StudyOption = False,
    who: WhoOption = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Merge two records; the older one keeps its id, the other's becomes an alias. Or link them as one study."""
    current = review_at(review, join=join)
    if same_study:
        study = current.link_study(first, second, who=who)
        if json:
            emit(study.as_json())
            return
        print(f"{first} and {second} are reports of one study; undo with `screener dedup split {first} --same-study`")
        if study.extracted:
            print(_already(study.speaks, study.extracted))
        return
    from ..review.linking import conflicts_of

    record = current.merge(first, second, who=who)
    conflicts = conflicts_of(current.ledger, current.review, record)
    if json:
        emit({"record": record} | ({"conflicts": list(conflicts)} if conflicts else {}))
        return
    print(f"{first} and {second} are now {record}; undo with `screener dedup split {record}`")
    _tell_conflicts(record, conflicts)


def _tell_conflicts(record: str, conflicts: Sequence[str]) -> None:
    for stage in conflicts:
        print(f"People differ on {record} at {stage}: it waits under Conflicts in `screener adjudicate`.")


def _already(speaks: str, people: Mapping[str, Sequence[str]]) -> str:
    """Return what becomes of extractions that were made before reports were linked, in one line."""
    pair_text = ", ".join(f"{name} ({', '.join(who)})" for name, who in people.items())
    first = f", and what was extracted from {speaks} itself comes first" if speaks in people and len(people) > 1 else ""
    return (
        f"People have extracted {pair_text} already, from that report's own documents. {speaks} speaks for the study now; what "
        f"they said counts for it{first}. Open {speaks} in `screener adjudicate` to complete it from all documents."
    )


@app.command("split")
def split(
    record: Annotated[str, typer.Argument(metavar="RECORD")],
    others: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OTHER]...", help="Entries of the record (`dedup list`) to take out of it as one record."
        ),
    ] = None,
    same_study: StudyOption = False,
    who: WhoOption = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Undo all merges of a record, or take one work out of it; or undo its links to other reports of one study.

    Judgements stay with the id that they were given under. Identical rows of one source stay together unless named.
    """
    current = review_at(review, join=join)
    if same_study:
        count = current.unlink_study(record, *(others or ()), who=who)
        if json:
            emit({"unlinked": count})
        else:
            to_others = f"is not one study with {' or '.join(others)}" if others else "is a study of its own"
            print(f"{record} {to_others}: {count} {'link' if count == 1 else 'links'} undone")
        return
    from ..review.linking import judged_of

    records = current.split(record, *(others or ()), who=who)
    judged = judged_of(current.ledger, records)
    if json:
        by_record = {name: [row.as_json() for row in rows] for name, rows in judged.items()}
        emit({"records": records} | ({"judged": by_record} if any(judged.values()) else {}))
        return
    print(f"{record} was split into {', '.join(records)}; undo with `screener dedup undo`")
    if any(judged.values()):
        for name, rows in judged.items():
            by_whom = ", ".join(f"{row.reviewer} ({row.stage}: {row.decision})" for row in rows)
            print(f"  {name}: {f'keeps what was judged under this id: {by_whom}' if rows else 'is to be judged'}")


@app.command("confirm")
def confirm(
    first: Annotated[str | None, typer.Argument(metavar="RECORD")] = None,
    second: Annotated[str | None, typer.Argument(metavar="OTHER")] = None,
    same_study: StudyOption = False,
    apart: Annotated[bool, typer.Option("--apart", help="They are different works; a merge is undone.")] = False,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact",
            help="All pairs at once that are beyond doubt: title, first author and year agree, so does an identifier, volume "
            "and pages or the abstract, and nothing that both give differs; or the rows are identical.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --exact: only list them.")] = False,
    who: WhoOption = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Confirm what is listed of two entries: a likely duplicate is merged, a merge, study or notice marked as checked.

    Or say that they are reports of one study, or different works. `screener dedup undo` takes it back.
    """
    from ..core.errors import BadInput

    if exact == (first is not None) or (first is None) != (second is None) or (exact and (same_study or apart)):
        raise BadInput("dedup confirm: give RECORD and OTHER, or --exact for all pairs that are beyond doubt")
    if same_study and apart:
        raise BadInput("dedup confirm: --same-study or --apart, not both")
    if dry_run and not exact:
        raise BadInput("dedup confirm: --dry-run goes with --exact")
    current = review_at(review, join=join)
    if exact or first is None or second is None:
        pairs = current.confirm_exact(dry_run=dry_run, who=who)
        if json:
            emit(pairs.as_json())
        else:
            _show_exact(pairs)
        return
    verdict = "same_study" if same_study else "apart" if apart else "as listed"
    confirmed = current.confirm(first, second, verdict, who=who)
    if json:
        emit(confirmed.as_json())
        return
    words = {"merged": "are one record", "same_study": "are reports of one study", "notice_of": "are a notice and its paper",
             "apart": "are different works"}  # fmt: skip
    print(f"{first} and {second} {words[confirmed.verdict]}: {', '.join(confirmed.records)}")
    _tell_conflicts(confirmed.records[0], confirmed.conflicts)


def _show_exact(exact: "ExactPairs") -> None:
    from .link_lines import plural

    merges = [pair for pair in exact.pairs if pair.kind == "duplicate" and pair.evidence != "identical row"]
    candidates = [pair for pair in exact.pairs if pair.kind == "candidate"]
    for pair in (*candidates, *merges):
        print(f"{pair.b}  {pair.a}  {pair.title[:70]}  (same {pair.evidence})")
    rows = len(exact.pairs) - len(merges) - len(candidates)
    would = "Would merge" if exact.dry_run else "Merged"
    confirm = "would confirm" if exact.dry_run else "confirmed"
    print(
        f"{would} {plural(len(candidates), 'likely duplicate')}, {confirm} {plural(len(merges), 'merge')} and "
        f"{plural(rows, 'merge')} of identical rows."
    )
    if exact.pairs and not exact.dry_run:
        print("Undo all of them with `screener dedup undo`.")


@app.command("undo")
def undo(
    record: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="What you did to this record last, not to any.")
    ] = None,
    act: Annotated[int | None, typer.Option("--act", metavar="NUMBER", help="This act, as --list numbers it.")] = None,
    list_acts: Annotated[
        bool, typer.Option("--list", help="List what you did, the newest first; change nothing.")
    ] = False,
    who: WhoOption = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Take back what you did to links last, with `dedup` or in the app: a merge, a split, one or many confirmations.

    With RECORD what you did to that record last, with --act any of your acts. What others have changed since stays.
    """
    from ..core.errors import BadInput

    if (record is not None) + (act is not None) + list_acts > 1:
        raise BadInput("dedup undo: give RECORD, --act or --list, one of them")
    if list_acts:
        acts = review_at(review).link_acts(who=who)
        if json:
            emit({"acts": [vars(done) | {"records": list(done.records)} for done in acts]})
            return
        for done in acts:
            records = ", ".join(done.records[:3]) + (" …" if len(done.records) > 3 else "")
            print(f"{done.act}  {done.at[:16].replace('T', ' ')}  {done.message}  ({records})")
        if not acts:
            print(f"{who} has changed no link.")
        return
    message = review_at(review, join=join).undo_links(who=who, act=act, record=record)
    if json:
        emit({"undone": message})
    else:
        print(f"Undone: {message}")
