"""`screener dedup`: list the links between records and change them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from .common import JoinOption, JsonOption, ReviewOption, console, emit, review_at, table

app = typer.Typer(help="List links between records and change them.", no_args_is_help=True, rich_markup_mode=None)

StudyOption = Annotated[
    bool,
    typer.Option("--same-study", help="As reports of one study (a preprint and its journal version): they stay apart."),
]
WhoOption = Annotated[str, typer.Option("--who", help="Your name, kept with the change.")]


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="duplicate, same_study or conflict.")] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """List merged duplicates, reports of one study, and records that share an identifier but not the title."""
    links = review_at(review).links(kind)
    if json:
        emit({"links": [link.as_json() for link in links]})
        return
    if not links:
        print("No links. Rows that one database delivered twice are not listed.")
        return
    pairs_table = table("", "kind", "rule", "who", "record", "other", "title", right=())
    for link in links:
        state = link.kind if link.active else f"{link.kind} (undone)"
        pairs_table.add_row(state, link.rule, link.who, link.b, link.a, link.title[:70])
    console().print(pairs_table)
    print("Undo a merge with `screener dedup split RECORD`; merge with `screener dedup merge RECORD OTHER`.")
    print("With --same-study both change links between reports of one study instead.")


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
    record = current.merge(first, second, who=who)
    if json:
        emit({"record": record})
    else:
        print(f"{first} and {second} are now {record}; undo with `screener dedup split {record}`")


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
    same_study: StudyOption = False,
    who: WhoOption = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Undo the merges of a record, or its links to other reports of one study."""
    current = review_at(review, join=join)
    if same_study:
        count = current.unlink_study(record, who=who)
        if json:
            emit({"unlinked": count})
        else:
            print(f"{record} is a study of its own: {count} {'link' if count == 1 else 'links'} undone")
        return
    records = current.split(record, who=who)
    if json:
        emit({"records": records})
    else:
        print(f"{record} was split into {', '.join(records)}; `screener status` shows what is to be judged")
