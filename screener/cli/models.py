"""`screener models`: which models and data sets are on topic, and which publications they name."""

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from .attach import user_name
from .common import JoinOption, JsonOption, ReviewOption, console, counted, emit, review_at

if TYPE_CHECKING:
    from ..ledger.same_models import UnitEnd
    from ..review.models import ModelRow
    from ..review.same_models import UnitPairs

app = typer.Typer(
    help="Models and data sets: judge their topic, link their publications.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
WhoOption = Annotated[str | None, typer.Option("--who", help="Your name, kept with it (default: the user's name).")]
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="The id of its record.")]
PublicationArgument = Annotated[
    str, typer.Argument(metavar="PUBLICATION", help="A record's id, an arXiv id, a DOI or a PMID.")
]


@app.command("list")
def list_(
    of_class: Annotated[
        str | None,
        typer.Option("--class", help="open, off_topic, with_publication, documented or undocumented."),
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """List models and data sets: what is judged, what the program suggests and by which words, and their publications.

    `documented` are those on topic with a card and no publication: the protocol decides what becomes of them.
    """
    from ..core.errors import BadInput
    from ..review.models import CLASSES

    if of_class is not None and of_class not in [name.value for name in CLASSES]:
        raise BadInput(f"models list: `{of_class}` is none of {', '.join(name.value for name in CLASSES)}")
    rows = [row for row in review_at(review).models() if of_class in (None, row.hub_class)]
    if json:
        emit({"models": [row.as_json() for row in rows]})
        return
    out = console()
    for name, words in CLASSES.items():
        if some := [row for row in rows if row.hub_class == name]:
            out.print(f"{counted(len(some), 'model or data set', 'models and data sets')} {words}:")
            for row in some:
                _show(row)
    if not rows:
        out.print("No model or data set." if of_class is None else f"None is {of_class}.")
    elif any(row.hub_class == "open" for row in rows):
        out.print("Judge them in the app (Models), or with `screener models topic on|off ID…` or `--suggested`.")


def _show(row: "ModelRow") -> None:
    out, suggestion = console(), row.suggestion
    judged = f"{row.topic}, by {row.who}" if row.topic else f"suggested: {suggestion.topic}"
    words = f" ({', '.join(suggestion.words[:6])})" if suggestion.words and not row.topic else ""
    out.print(f"  {row.id}  {row.kind}  {row.title[:60]}  {judged}{words}")
    for publication in row.publications:
        out.print(
            f"      → {publication.id}  {publication.title[:70]}{' (via model)' if publication.via_model else ''}"
        )


@app.command("topic")
def topic(
    verdict: Annotated[str, typer.Argument(metavar="TOPIC", help="on, off, publication (it is one), or open again.")],
    records: Annotated[list[str] | None, typer.Argument(metavar="[MODEL]...", help="Ids of records.")] = None,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="All that nobody has judged and of which the program suggests this.")
    ] = False,
    who: WhoOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Say of models and data sets that they are on topic or not. `screener models undo` takes it back.

    What those on topic name (arXiv numbers and DOIs in card and tags) is linked, entered where it is no record yet, and
    screened as came "via model".
    """
    from ..core.errors import BadInput

    if bool(records) == suggested:
        raise BadInput("models topic: name models, or give --suggested for all that the program suggests so")
    current = review_at(review, join=join)
    names: Sequence[str] = records or [
        row.id for row in current.models() if row.hub_class == "open" and row.suggestion.topic == verdict
    ]
    judged = current.judge_topic(*names, topic=verdict, who=who or user_name())
    rows = {row.id: row for row in current.models()}
    publications = {item.id: item for row in rows.values() for item in row.publications if row.id in names}
    if json:
        emit({"judged": judged, "topic": verdict, "publications": sorted(publications)})
        return
    words = {"on": "on topic", "off": "not on topic", "publication": "publications", "open": "to be judged again"}
    out = console()
    if not judged and names:
        out.print(f"Nothing changed: what was named is {words[verdict]} already.")
    elif judged:
        out.print(f"{counted(judged, 'model or data set is', 'models and data sets are')} {words[verdict]} now.")
    else:
        out.print("There is none that waits for it and is suggested so.")
    if verdict == "on":
        new = sum(item.via_model for item in publications.values())
        out.print(f"They name {counted(len(publications), 'publication')}, {new:,} of which came by no other source.")


@app.command("undo")
def undo(
    who: WhoOption = None, join: JoinOption = False, review: ReviewOption = None, json: JsonOption = False
) -> None:
    """Take back what you said of topics last, of one or of many at once. Links are undone with `screener dedup undo --who NAME`."""
    undone = review_at(review, join=join).undo_topic(who=who or user_name())
    if json:
        emit({"undone": undone})
    else:
        console().print(f"Undone: the topic of {counted(undone, 'model or data set', 'models and data sets')}")


@app.command("link")
def link(
    model: ModelArgument,
    publication: PublicationArgument,
    who: WhoOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Link a model or data set with its publication, which is entered where it is no record yet."""
    record = review_at(review, join=join).link_model(model, publication, who=who or user_name())
    if json:
        emit({"model": model, "publication": record})
    else:
        console().print(f"{model} is linked with its publication {record}; undo with `screener models unlink`")


@app.command("unlink")
def unlink(
    model: ModelArgument,
    publication: PublicationArgument,
    who: WhoOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Say that a publication is not this model's: that its card names it only in passing. It is not linked again."""
    name = who or user_name()
    record = review_at(review, join=join).unlink_model(model, publication, who=name)
    if json:
        emit({"model": model, "unlinked": record})
    else:
        undo = f"screener dedup undo --who {quote(name)}"
        console().print(f"{record} is not the publication of {model}; undo with `{undo}`", soft_wrap=True)


@app.command("same")
def same(
    units: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[UNIT UNIT]", help="Two units, each as STUDY:models[0] or STUDY:NAME. Without them: a list."
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="They are not the same, or not any more.")] = False,
    who: WhoOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Say that two studies report the same model (or other unit of the form), so that tables count it once.

    Without units it lists the links, and the units that have one name in two studies and wait for a person.
    """
    from ..core.errors import BadInput

    if not units and not undo:
        pairs = review_at(review).unit_pairs()
        if json:
            emit(pairs.as_json())
        else:
            _show_pairs(pairs)
        return
    if units is None or len(units) != 2:
        raise BadInput(
            "models same: give two units, such as `study-1:models[0] study-2:models[1]`, or none for the list"
        )
    pair = review_at(review, join=join).link_units(units[0], units[1], who=who or user_name(), same=not undo)
    if json:
        emit(pair.as_json())
        return
    said = "not the same" if undo else "the same; undo with `--undo`"
    console().print(f"{_unit(pair.a)} and {_unit(pair.b)} are {said}")


def _show_pairs(pairs: "UnitPairs") -> None:
    out = console()
    for pair in pairs.linked:
        gone = "" if pair.holds else "  DOES NOT HOLD ANY MORE: an extraction has changed; link them again, or undo it"
        out.print(f"{_unit(pair.a)} = {_unit(pair.b)}  by {pair.who}{gone}")
    if pairs.open:
        out.print(f"{counted(len(pairs.open), 'pair')} of one name, not decided yet:")
    for pair in pairs.open:
        out.print(f"  {_unit(pair.a)}  {_unit(pair.b)}")
    if not pairs.linked and not pairs.open:
        out.print("No units are linked, and none have one name in two studies.")


def _unit(end: "UnitEnd") -> str:
    return f"{end.record}:{end.place} ({end.name})"
