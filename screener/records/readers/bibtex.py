"""BibTeX and BibLaTeX, as databases and reference managers write them."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bibtexparser import model
from bibtexparser.splitter import Splitter

from .. import normalise as n
from ..model import Entry, RecordType
from ..reference_types import CODES, ris_type
from . import values as v
from .accessions import accession
from .latex import plain_text
from .rows import RowCollector

# `bibtexparser` tells of bad blocks in its log as well; here they become rejected rows.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
logging.getLogger("bibtexparser").propagate = False

_START = re.compile(r"^[ \t]*@[ \t]*([A-Za-z]+)[ \t]*[{(]\s*[^\s,={}()]*\s*(,|[})]|$)", re.MULTILINE)
_MONTHS = dict.fromkeys(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
# What may stand between entries without being lost: comments, and the lines with which exports begin.
_REMARK = re.compile(
    r"%|EXPORT DATE|Scopus\b|Encoding:|Automatically generated|This file was|\(?Generated", re.IGNORECASE
)
_LISTED = ("keywords", "author_keywords", "author-keywords", "keyword", "keywords-plus", "index_keywords", "mesh-terms")
# Fields that a work has once; others, as Scopus' `funding_details`, are given several times without fault.
_TOLD = frozenset({"title", "author", "abstract", "doi", "journal", "booktitle", "year", "volume", "pages"})
_SERIALS = ("issn", "eissn", "e-issn", "issn-l", "issnelectronic", "issnprint")
_MANY_PLACES = 20

Fields = Mapping[str, str]


def looks_like_bibtex(text: str) -> bool:
    """Return whether a text begins with BibTeX, be it behind a few lines of comment."""
    start = _START.search(text, 0, 20_000)
    if start is None:
        return False
    before = text[: start.start()].strip()
    return not before or before.startswith(("%", "@")) or len(before.splitlines()) <= 5


def read_bibtex(text: str, into: RowCollector) -> list[str]:
    """Read BibTeX. A block that cannot be read costs itself only. Returns notes."""
    notes: list[str] = []
    for row, item in enumerate(_items(text, notes), start=1):
        if isinstance(item, str):
            into.reject(row, item)
            continue
        try:
            into.add(row, entry_of(item), _database(item) or None)
        except (ValueError, RecursionError) as error:
            into.reject(row, f"the entry `{item['=key'][:40]}` cannot be read ({type(error).__name__})")
    return notes


def parse_bibtex(text: str) -> list[Fields | str]:
    """Return the fields of each entry as written, or why a block is none."""
    return list(_items(text, []))


def bibtex_text(fields: Fields, name: str) -> str:
    """Return a field as clean text without LaTeX; empty where there is none."""
    return n.clean(plain_text(fields.get(name, "")))


def entries_of(document: str) -> Iterator[Entry]:
    """Yield the entries of a document; blocks that cannot be read are left out."""
    return (entry_of(item) for item in _items(document, []) if not isinstance(item, str))


def _items(text: str, notes: list[str]) -> Iterator[Fields | str]:
    """Yield the fields of each entry as written (their names small; `=key`, `=type`), or why a block is none."""
    blocks = Splitter(text.replace("\r\n", "\n").replace("\r", "\n")).split().blocks
    macros = dict(_MONTHS)
    items: list[dict[str, str] | str] = []
    between: list[int] = []
    doubled: list[str] = []
    for block in blocks:
        if isinstance(block, model.DuplicateFieldKeyBlock) and not _TOLD.isdisjoint(
            map(str.casefold, block.duplicate_keys)
        ):
            doubled.append(str(_line(block)))
        if isinstance(block, model.DuplicateBlockKeyBlock | model.DuplicateFieldKeyBlock):
            block = block.ignore_error_block  # type: ignore[assignment]
        if isinstance(block, model.String):
            macros[block.key.casefold()] = _value(str(block.value), macros)
        elif isinstance(block, model.Entry):
            items.append(_fields(block, macros))
        elif isinstance(block, model.ParsingFailedBlock):
            items.append(_problem(block))
        elif isinstance(block, model.ImplicitComment) and not _REMARK.match(block.comment):
            between.append(_line(block))
    if between:
        shown = ", ".join(map(str, between[:_MANY_PLACES]))
        notes.append(f"text outside of entries was left out; it begins in line {shown}{' …' * (len(between) > 20)}")
    if doubled:
        shown = ", ".join(doubled[:_MANY_PLACES])
        notes.append(f"entries with a field twice, of which both are read: line {shown}{' …' * (len(doubled) > 20)}")
    _inherit([item for item in items if isinstance(item, dict)])
    return (item for item in items if isinstance(item, str) or item["=type"] != "xdata")


def _line(block: model.Block) -> int:
    """Return the line in which a block begins, from 1 on."""
    return (block.start_line or 0) + 1


def _problem(block: model.ParsingFailedBlock) -> str:
    reason = str(getattr(block.error, "abort_reason", "") or block.error or "").split("\n")[0].rstrip(".")
    head = " ".join((block.raw or "").split())[:40]
    return f"the entry in line {_line(block):,} (`{head}`) cannot be read: {reason or 'its braces do not close'}"


def _fields(entry: model.Entry, macros: Mapping[str, str | None]) -> dict[str, str]:
    fields = {"=key": entry.key.strip(), "=type": entry.entry_type.casefold()}
    for field in entry.fields:
        name, value = field.key.strip().casefold(), _value(str(field.value), macros)
        if value and fields.get(name, value) != value:
            value = f"{fields[name]}; {value}" if name in _LISTED else f"{fields[name]} {value}"
        fields[name] = value or fields.get(name, "")
    return fields


def _value(written: str, macros: Mapping[str, str | None]) -> str:
    """Return a value without its delimiters: strings and macros may be joined by `#`."""
    parts = []
    for part in _joined(written.strip()):
        if len(part) > 1 and (part[0] + part[-1]) in ('""', "{}"):
            parts.append(part[1:-1])
        else:
            parts.append(macros.get(part.casefold()) or part)
    return "".join(parts).strip()


def _joined(written: str) -> Iterator[str]:
    """Yield what `#` joins, outside of braces and quotation marks."""
    depth, quoted, begin = 0, False, 0
    if "#" in written:
        for place, sign in enumerate(written):
            if sign in "{}" and written[place - 1 : place] != "\\":
                depth += 1 if sign == "{" else -1
            elif sign == '"' and depth == 0:
                quoted = not quoted
            elif sign == "#" and depth == 0 and not quoted:
                yield written[begin:place].strip()
                begin = place + 1
    yield written[begin:].strip()


def _inherit(items: list[dict[str, str]]) -> None:
    """Give entries what they lack from the entry that `crossref` or `xdata` names, as BibTeX does."""
    by_key = {item["=key"].casefold(): item for item in reversed(items)}
    for item in items:
        for name in re.split(r"\s*,\s*", f"{item.get('crossref', '')},{item.get('xdata', '')}"):
            parent = by_key.get(name.strip().casefold()) if name.strip() else None
            if parent is None or parent is item:
                continue
            for field, value in parent.items():
                if field == "title" and parent["=type"] != "xdata":
                    item.setdefault("booktitle", value)
                elif field not in ("=key", "=type", "crossref", "doi", "url", "abstract", "pages", "unique-id", "note"):
                    item.setdefault(field, value)


def entry_of(fields: Fields) -> Entry:
    """Return the entry of one BibTeX entry: its fields by name in small letters, with `=key` and `=type`."""

    def text(*names: str) -> str:
        return next(filter(None, (bibtex_text(fields, name) for name in names)), "")

    kinds = v.unique(re.split(r"\s*;\s*", text("document_type", "type", "document-type", "publication_type")))
    bibtex, named = ris_type([fields["=type"]], "bibtex"), ris_type(kinds)
    preprint = fields["=key"].startswith("PPR:") or "arxiv" in text("archiveprefix", "eprinttype").casefold()
    code = text("reference_type").upper()
    reference_type = (
        code if code in CODES else (named or ("UNPB" if preprint else "")) if bibtex in ("", "GEN", "JOUR") else bibtex
    )
    title, subtitle = text("title"), text("subtitle")
    # Of a congress, `organization` is the sponsor.
    publisher = text("publisher", "school", "institution", *(["organization"] if bibtex != "CPAPER" else []))
    identifiers = _identifiers(fields, text)
    date = n.published(text("year", "date"), " ".join(filter(None, (text("date"), _month(text)))) or None)
    return Entry(
        title=": ".join(filter(None, (title, subtitle)))
        if n.normalise_title(subtitle) not in n.normalise_title(title)
        else title,
        abstract=text("abstract", "abstractnote"),
        authors=_names(fields.get("author", "") or fields.get("editor", "")),
        year=n.year(text("year")) or n.year(text("date")),
        dates=v.known_dates(date, n.date("early_access", text("earlyaccessdate", "early-access-date"))),
        venue=text("journal", "journaltitle", "booktitle", "fjournal", "maintitle", "eventtitle", "series"),
        volume="" if identifiers["arxiv"] and text("volume").startswith("abs/") else text("volume"),
        issue=text("issue", "number") if fields.get("issue", "").strip()[:1].isdigit() else text("number", "issue"),
        pages=n.pages(text("pages"), "", text("article-number", "art_number", "articleno", "eid", "article_number")),
        issn=n.issn(" ".join(fields.get(name, "") for name in _SERIALS)),
        isbn=n.isbn(" ; ".join(fields.get(name, "") for name in ("isbn", "eisbn", "isbn-13"))),
        publisher=publisher,
        type=RecordType.DATASET if reference_type == "DATA" else RecordType.PUBLICATION,
        reference_type=reference_type or bibtex,
        publication_types=kinds,
        language=text("language", "langid", "hyphenation"),
        keywords=v.unique(word for name in _LISTED for word in _words(text(name))),
        url=_verbatim(fields, "url") or text("url", "link", "bdsk-url-1", "ee", "adsurl"),
        **identifiers,
        accession=_accession(fields),
        registry=n.registry_numbers(" ; ".join((text("note"), text("number"), text("annote")))),
    )


def _identifiers(fields: Fields, text: Callable[..., str]) -> dict[str, Any]:
    key, url, note = fields["=key"], _verbatim(fields, "url") or text("link"), text("note", "annote", "extra")
    kind = text("archiveprefix", "eprinttype").casefold()
    links = [url, *(_verbatim(fields, name) for name in fields if name.startswith("bdsk-url-"))]
    eprint = text("eprint", "arxivid", "arxiv")
    doi = n.doi(_verbatim(fields, "doi")) or n.doi(url) or n.doi(key)
    noted = {
        name: re.search(rf"\b{name}:?\s*((?:PMC)?\d{{1,8}})\b", f"{note} {key}", re.IGNORECASE)
        for name in ("PMID", "PMCID")
    }
    pmid = text("pmid", "pubmed_id", "pubmedid", "pubmed-id") or (eprint if kind == "pubmed" else "")
    volume = text("volume")  # DBLP: journal CoRR, volume abs/2101.00001
    in_note = re.search(
        r"arxiv:\s*\S+|arxiv\s+\d\S+", f"{note} {text('journal')} {text('howpublished')}", re.IGNORECASE
    )
    papers = (n.arxiv(eprint) if kind in ("", "arxiv") else None, n.arxiv(doi), n.arxiv(url),
              n.arxiv(volume) if volume.startswith("abs/") else None, n.arxiv(in_note.group()) if in_note else None)  # fmt: skip
    return {
        "doi": doi,
        "pmid": n.pmid(pmid or text("unique-id").removeprefix("MEDLINE:"))
        or (n.pmid(noted["PMID"][1]) if noted["PMID"] else None)
        or next(filter(None, map(n.pmid, links)), None),
        "pmcid": n.pmcid(text("pmcid", "pmc"))
        or n.pmcid(url)
        or (n.pmcid(noted["PMCID"][1]) if noted["PMCID"] else None),
        "arxiv": next(filter(None, papers), None),
        "wos": n.wos(text("unique-id")) or n.wos(key),
    }


def _verbatim(fields: Fields, name: str, read: Callable[[str], str] = n.url) -> str:
    """Return an address or number as it stands: in these BibLaTeX knows no LaTeX. Some programs escape it even so."""
    written = fields.get(name, "")
    return n.clean(plain_text(written)) if "\\" in written else read(re.sub(r"[{}]", "", written))


def _database(fields: Fields) -> str:
    """Return the database that an entry gives away as its own."""
    if fields.get("source", "").strip("{}").casefold() == "scopus":
        return "Scopus"
    if n.wos(fields.get("unique-id", "")):
        return "Web of Science"
    return "DBLP" if "dblp" in fields.get("bibsource", "").casefold() else ""


def _accession(fields: Fields) -> tuple[str, ...]:
    scopus = re.search(r"\beid=(2-s2\.0-\d+)", fields.get("url", ""))
    dblp = re.match(r"DBLP:(\S+)", fields["=key"])
    europe = re.match(r"PPR:(PPR\d+)", fields["=key"])
    unique = re.match(r"(?!WOS|ISI|MEDLINE)([A-Z]+):(\S+)", fields.get("unique-id", ""))
    numbers = (
        europe and f"europepmc:{europe[1]}",
        scopus and f"scopus:{scopus[1]}",
        dblp and f"dblp:{dblp[1]}",
        unique and f"{unique[1].lower()}:{unique[2]}",
    )
    listed = re.split(r"\s*;\s*", _verbatim(fields, "accession", n.clean))
    return v.unique(filter(None, (*numbers, *map(accession, listed))))


def _month(text: Callable[..., str]) -> str:
    year, month, day = text("year"), text("month"), text("day")
    if not month.isdigit():
        return f"{month} {day}" if month and day.isdigit() else month
    return "-".join((year, month.zfill(2), *([day.zfill(2)] if day.isdigit() else []))) if year else ""


def _names(written: str) -> tuple[str, ...]:
    """Return the authors; ` and ` divides them outside of braces. `Last, Jr, First` becomes `Last, First, Jr`."""
    names = []
    for name in _divided(" ".join(written.split())):
        parts = [n.clean(plain_text(part)) for part in (_divided(name, ",") if not name.startswith("{") else [name])]
        parts = [part for part in parts if part]
        if len(parts) == 3:
            parts = [parts[0], parts[2], parts[1]]
        names.append(", ".join(parts))
    return tuple(name for name in names if name and name.casefold() != "others")


def _divided(written: str, mark: str = " and ") -> list[str]:
    parts, depth, begin = [], 0, 0
    for place, sign in enumerate(written):
        if sign in "{}" and written[place - 1 : place] != "\\":
            depth = max(depth + (1 if sign == "{" else -1), 0)
        elif depth == 0 and place >= begin and written[place : place + len(mark)].casefold() == mark:
            parts.append(written[begin:place].strip())
            begin = place + len(mark)
    return [*parts, written[begin:].strip()]


def _words(written: str) -> list[str]:
    """Return keywords: divided by semicolons where there are any, else by commas."""
    return [word.strip() for word in re.split(";" if ";" in written else ",", written)]
