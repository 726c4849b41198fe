"""The EU Clinical Trials Register's text: a line a field, `EudraCT Number: 2010-012345-67`, summaries or full details.

Source: https://www.clinicaltrialsregister.eu ("Download: Summary details" and "Full trial details").
"""

import re
from collections.abc import Iterator

from .. import normalise as n
from ..model import Entry
from . import values as v
from .rows import RowCollector
from .tagged import lines_of
from .trials import registration

_BEGINS = "eudract number"
_FIELD = re.compile(r"\s*(?:([A-Z](?:\.\d+)+)\s+)?([A-Z][^:\t]{2,80}?)\*?\s*:(?!//)\s*(.*)")
_HEADING = re.compile(r"\s*(?:Summary|[A-Z]\. [A-Z][\w /,-]+|-{3,}|_{3,})\s*")


def looks_like_euctr(text: str) -> bool:
    """Return whether a text begins with a trial of the register, perhaps below a few lines of heading."""
    return bool(re.match(r"\s*(?:[^\n]*\n){0,12}?\s*EudraCT Number:\s*\d{4}-\d{6}-\d{2}", text[:4_000]))


def read_euctr(text: str, into: RowCollector) -> list[str]:
    """Read the trials of a text; return notes."""
    for number, fields in enumerate(_trials(text), start=1):
        into.add(number, entry_of(fields))
    return []


def _trials(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each trial by name in small letters; of a field that comes again the first value counts."""
    fields: dict[str, str] = {}
    last = ""
    for line in lines_of(text):
        match = _FIELD.match(line)
        if match is None:
            if _HEADING.fullmatch(line) or not line.strip():
                last = ""
            elif last:
                fields[last] = f"{fields[last]} {line.strip()}"
            continue
        number, name, value = match.groups()
        last = " ".join(name.casefold().split())
        if last == _BEGINS and not number and fields:
            yield fields
            fields = {}
        if fields.get(last):
            last = ""
        else:
            fields[last] = value.strip()
    if fields.get(_BEGINS):
        yield fields


def entry_of(fields: dict[str, str]) -> Entry:
    """Return the entry of a trial."""

    def first(*names: str) -> str:
        return next((n.clean(fields[name]) for name in names if n.clean(fields.get(name))), "")

    number = first(_BEGINS)
    title = first("full title", "full title of the trial")
    lay = first("title of the trial for lay people, in easily understood, i.e. non-technical, language")
    parts = (
        ("Condition", first("medical condition", "medical condition(s) being investigated")),
        ("Main objective", first("main objective of the trial")),
        ("Inclusion criteria", first("principal inclusion criteria")),
        ("Primary end point", first("primary end point(s)")),
    )
    day = first("start date", "date on which this record was first entered in the eudract database")
    register = "EU Clinical Trials Register"
    return registration(
        number=f"EUCTR{number}",
        titles=(title, lay),
        summary=" ".join(f"{name}: {text.rstrip('.')}." for name, text in parts if text),
        sponsors=(first("sponsor name", "name of sponsor"),),
        dates=v.known_dates(n.published(day, None)),
        more={
            "register": register,
            "url": first("link") or f"https://www.clinicaltrialsregister.eu/ctr-search/search?query={number}",
            "others": " ; ".join(
                first(name) for name in ("isrctn (international standard randomised controlled trial) number",
                                         "us nct (clinicaltrials.gov registry) number", "sponsor protocol number",
                                         "sponsor's protocol code number")
            ),
            "keywords": (first("therapeutic area"),),
        },
    )  # fmt: skip
