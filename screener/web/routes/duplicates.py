"""Duplicates: linked pairs by kind, one beside the other or as a list, to confirm, to take apart, or to decide on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import PAIR_KINDS, PairList, Pairs, entries_of, settle_pairs, undo_pairs
from ...core.errors import BadInput
from ...ledger import MACHINE, ListedLink, confirm_exact
from ...records import Entry
from ...review.changes import after_change
from ..desk import Desk
from ..fields import Fields, Lists, whole_number

PAGE = 50
"""Pairs on a page of the list."""
LISTED = 500
"""Exact pairs that are listed before they are confirmed."""


@dataclass(frozen=True)
class _View:
    """What of the pairs is shown: which kind, those to check or those decided, one pair or the list, and from where on."""

    kind: str
    decided: bool
    as_list: bool
    place: int

    @classmethod
    def of(cls, fields: dict[str, str]) -> "_View":
        place = whole_number(fields, "place")
        return cls(fields.get("kind", ""), fields.get("decided") == "1", fields.get("view") == "list", place)


@dataclass(frozen=True)
class _FieldLine:
    name: str
    first: str
    second: str
    differs: bool


def router(desk: Desk) -> APIRouter:
    """Return the routes of the duplicates."""
    routes, listed = APIRouter(prefix="/duplicates"), Pairs(desk.ledger)

    @routes.get("")
    def show(request: Request) -> HTMLResponse:
        view = _View.of(dict(request.query_params))
        if record := request.query_params.get("record"):
            view = replace(view, place=listed.place_of(view.kind, record))
        return _page(desk, request, listed, view, "")

    @routes.post("")
    def settle(request: Request, fields: Fields, lists: Lists) -> HTMLResponse:
        if lists.get("tick"):
            numbers = [whole_number({"pair": number}, "pair") for number in lists["tick"]]
        elif "pair" in fields:
            numbers = [whole_number(fields, "pair")]
        else:
            raise BadInput("Select pairs first: x selects one, X the whole page.")
        message = settle_pairs(desk.ledger, numbers, fields.get("verdict", ""), desk.reviewer)
        after_change(desk.ledger, desk.review)
        return _page(desk, request, listed, _View.of(fields), message)

    @routes.get("/exact")
    def preview(request: Request) -> HTMLResponse:
        view = _View.of(dict(request.query_params))
        pairs = confirm_exact(desk.ledger, desk.reviewer, dry_run=True)
        return desk.page(
            request, "exact.html", screen="duplicates", heading="Exact duplicates", pairs=pairs[:LISTED], count=len(pairs),
            merges=sum(pair.kind == "candidate" for pair in pairs), kind=view.kind, as_list=view.as_list,
        )  # fmt: skip

    @routes.post("/exact")
    def exact(request: Request, fields: Fields) -> HTMLResponse:
        pairs = confirm_exact(desk.ledger, desk.reviewer)
        after_change(desk.ledger, desk.review)
        merged = sum(pair.kind == "candidate" for pair in pairs)
        message = (
            ", ".join(
                filter(
                    None,
                    (
                        _counted(len(pairs) - merged, "merge", "confirmed"),
                        _counted(merged, "likely duplicate", "merged"),
                    ),
                )
            )
            or "Nothing was exact"
        )
        return _page(desk, request, listed, _View.of(fields), message)

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        message = undo_pairs(desk.ledger, desk.reviewer)
        after_change(desk.ledger, desk.review)
        return _page(desk, request, listed, _View.of(fields), message)

    return routes


def _page(desk: Desk, request: Request, listed: Pairs, view: _View, message: str) -> HTMLResponse:
    pairs = listed.page(view.kind, view.place, PAGE if view.as_list else 1, decided=view.decided)
    pair = pairs.pairs[0] if pairs.pairs and not view.as_list else None
    return desk.page(
        request, "duplicates.html", screen="duplicates", heading="Duplicates", message=message, kinds=PAIR_KINDS,
        counts=pairs.counts, repeats=pairs.repeats, kind=pairs.kind, count=pairs.count, place=pairs.place,
        decided=view.decided, as_list=view.as_list, pair=pair, lines=_lines(desk, pair) if pair else (),
        listed=_numbered(pairs) if view.as_list else (), page_size=PAGE, machine=MACHINE,
    )  # fmt: skip


def _counted(count: int, thing: str, done: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'} {done}" if count else ""


def _numbered(pairs: PairList) -> Sequence[tuple[int, ListedLink]]:
    return list(enumerate(pairs.pairs, start=pairs.place))


def _lines(desk: Desk, pair: ListedLink) -> list[_FieldLine]:
    later, earlier = entries_of(desk.ledger, pair)
    lines = []
    for name, value in _FIELDS.items():
        first, second = (_text(entry.entry, value) for entry in (earlier, later))
        if first or second:
            lines.append(_FieldLine(name, first, second, _letters(first) != _letters(second)))
    return lines


_FIELDS = {
    "Title": "title", "Authors": "authors", "Year": "year", "Venue": "venue", "Volume, pages": "locator", "DOI": "doi",
    "PMID": "pmid", "PMCID": "pmcid", "arXiv": "arxiv", "Web of Science": "wos", "Other databases": "accession",
    "Registry": "registry", "ISSN": "issn", "Type": "reference_type", "As the source says": "publication_types",
    "Language": "language", "Abstract": "abstract",
}  # fmt: skip
"""What is laid side by side, under which name."""


def _text(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def _letters(text: str) -> str:
    """Return what of a text counts as a difference: not case, blanks or punctuation."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
