"""BibTeX, as BibTeX, BibLaTeX, JabRef, Zotero and LaTeX read it.

Values are written in Unicode with LaTeX's own signs escaped; addresses and DOIs are verbatim, as BibLaTeX's manual has them.
What BibTeX has no field for stands in fields that its styles ignore: `pmid`, `accession`, `reference_type`, `screening`.
"""

import re
from collections.abc import Iterator, Sequence

from ...records import Record, ris_type, type_name
from ..other_tools import ToolRecord
from .fields import MONTHS, date_of, line, publication_types, reference_type

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&%#_"},
}
_SIGN = re.compile(r"[\\{}~^$&%#_]|(?<=[-`'?!<>,])(?=[-`'<>,])")
"""What LaTeX takes for something else, and the places between two signs that it joins: `--`, ``, ?`."""
_VERBATIM = {"\\": "%5C", "{": "%7B", "}": "%7D"}
_VENUES = {"inproceedings": "booktitle", "incollection": "booktitle", "inreference": "booktitle"}
_PUBLISHERS = {"phdthesis": "school", "techreport": "institution"}
_JUNIOR = re.compile(r"(?:Jr|Sr)\.?|[IVX]{1,4}")


def as_bibtex(records: Sequence[ToolRecord]) -> str:
    """Return an entry each. The key is the record's id, without signs that a key cannot have."""
    taken: set[str] = set()
    return "\n".join(_entry(record, _key(record.record.id, taken)) for record in records)


def _key(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9:._-]+", "-", name).strip("-") or "record"
    key = next(
        key
        for number in range(1, len(taken) + 2)
        if (key := plain if number == 1 else f"{plain}-{number}").casefold() not in taken
    )
    taken.add(key.casefold())
    return key


def _entry(tool_record: ToolRecord, key: str) -> str:
    record = tool_record.record
    code = reference_type(record)
    kind = type_name(code, "bibtex")
    fields = [*_description(record, kind, code), *_identifiers(record), *_decision(tool_record)]
    lines = "".join(f"  {name} = {value},\n" for name, value in fields if value not in ("", "{}"))
    return f"@{kind}{{{key},\n{lines}}}\n"


def _description(record: Record, kind: str, code: str) -> Iterator[tuple[str, str]]:
    _, month, day = (*date_of(record, "published").split("-"), "", "")[:3]
    first = record.keywords[0] if len(record.keywords) == 1 else ""
    yield from (
        ("title", _braced(record.title)),
        ("author", f"{{{' and '.join(map(_name, record.authors))}}}"),
        ("year", f"{{{record.year or ''}}}"),
        ("month", MONTHS[int(month) - 1].lower() if month else ""),
        ("day", f"{{{int(day)}}}" if day else ""),
        ("earlyaccessdate", _braced(date_of(record, "early_access"))),
        (_VENUES.get(kind, "journal"), _braced(record.venue)),
        ("volume", _braced(record.volume)),
        ("number", _braced(record.issue)),
        ("pages", "{" + "--".join(map(latex, record.pages.split("–"))) + "}"),
        ("publisher", _braced(record.publisher)) if kind not in _PUBLISHERS else (_PUBLISHERS[kind], _braced(record.publisher)),
        ("issn", _braced(", ".join(record.issn))),
        ("isbn", _braced(", ".join(record.isbn))),
        ("language", _braced(record.language)),
        # A semicolon behind the only keyword: its commas part nothing.
        ("keywords", _braced(f"{first};" if "," in first else "; ".join(record.keywords))),
        ("document_type", _braced("; ".join(publication_types(record)))),
        ("reference_type", "{}" if _tells(kind, code, record) else _braced(code)),
        ("abstract", _braced(record.abstract)),
    )  # fmt: skip


def _tells(kind: str, code: str, record: Record) -> bool:
    """Return whether an entry of this kind tells a type: an article in arXiv, or with types of its own, may be anything."""
    vague = code in ("JOUR", "GEN") and (record.arxiv or record.publication_types)
    return ris_type([kind], "bibtex") == code and not vague


def _identifiers(record: Record) -> Iterator[tuple[str, str]]:
    yield from (
        ("doi", _verbatim(record.doi)),
        ("url", _verbatim(record.url)),
        ("pmid", _braced(record.pmid)),
        ("pmcid", _braced(record.pmcid)),
        ("eprint", _braced(record.arxiv)),
        ("archiveprefix", "{arXiv}" if record.arxiv else ""),
        ("unique-id", _braced(record.wos)),
        ("accession", _verbatim("; ".join(record.accession))),
        ("note", _braced("; ".join(record.registry))),
    )


def _decision(tool_record: ToolRecord) -> Iterator[tuple[str, str]]:
    if tool_record.final is not None:
        yield "screening", _braced(tool_record.final.value)
        yield "screening_reason", _braced(tool_record.reason)


def _name(name: str) -> str:
    """Return an author as BibTeX has it: `Family, Given` and `Family, Jr, Given` in parts, any other name in braces."""
    parts = [part.strip() for part in name.split(",")]
    divisible = all(parts) and name == ", ".join(parts) and " and " not in f" {name.casefold()} "
    if divisible and (len(parts) == 2 or (len(parts) == 1 and " " not in name)):
        return latex(name)
    if divisible and len(parts) == 3 and _JUNIOR.fullmatch(parts[2]):
        return latex(f"{parts[0]}, {parts[2]}, {parts[1]}")
    return _braced(name)


def latex(text: object) -> str:
    """Return a text on one line in which LaTeX takes no sign for its own."""
    return _SIGN.sub(lambda match: _LATEX.get(match.group(), "{}"), line(text))


def _braced(text: object) -> str:
    return f"{{{latex(text)}}}"


def _verbatim(text: object) -> str:
    return "{" + "".join(_VERBATIM.get(sign, sign) for sign in line(text)) + "}"
