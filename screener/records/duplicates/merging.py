"""The one record that entries of a work make together, and the ids that it may have."""

from collections.abc import Sequence
from hashlib import sha256

from ..model import Entry, Integrity, Record
from ..normalise import first_author, normalise_title

UNIQUE = ("wos", "pmid", "doi", "arxiv")
"""Identifiers of which one work has one: two entries with different ones are not merged."""


def name_of(entry: Entry) -> list[str]:
    """Return the ids that a record may get from this entry, best first; the last one is always to be had.

    The file's own id, else the accession number, PMID, DOI or arXiv id, else a hash of title, year and author.
    """
    names = [entry.given_id] if entry.given_id else []
    if entry.wos:
        names.append(entry.wos)
    names += [f"{kind.upper() if kind == 'pmid' else kind}:{v}" for kind in UNIQUE[1:] if (v := getattr(entry, kind))]
    described = f"{normalise_title(entry.title)}\x00{entry.year}\x00{first_author(entry.authors)}"
    return [*names, f"r-{sha256(described.encode()).hexdigest()[:10]}"]


_UNITED = ("dates", "publication_types", "issn", "isbn", "accession", "registry", "relations", "open_access")


def merge(
    members: Sequence[tuple[str, Entry]],
    record_id: str,
    aliases: Sequence[str] = (),
    filling: Sequence[tuple[str, Entry]] = (),
) -> Record:
    """Return one record from (source, entry) pairs, oldest first.

    Each field is that of the first entry that has it, except: dates, types of publication, numbers and relations are the
    union, the gravest mark of integrity counts, and the abstract is the first one from another source than a gold set, whose
    abstracts may be paraphrases. `filling` are (source, entry) pairs that are no rows of the record: what none of these
    has is theirs, and they are no sources of it.
    """
    if filling:
        own = merge(members, record_id, aliases)
        filled = merge([*members, *filling], record_id, aliases)
        before = own.text_hash if own.text_hash != filled.text_hash else ""
        return filled.model_copy(update={"sources": own.sources, "own_text": before})
    entries = [entry for _, entry in members]

    def first(name: str) -> object:
        return next((value for entry in entries if (value := getattr(entry, name))), getattr(entries[0], name))

    def union(name: str) -> tuple[object, ...]:
        return tuple(dict.fromkeys(value for entry in entries for value in getattr(entry, name)))

    abstracts = sorted(
        ((source, entry.abstract) for source, entry in members if entry.abstract),
        key=lambda pair: pair[0].startswith("gold"),
    )
    source, abstract = abstracts[0] if abstracts else ("", "")
    names = (*UNIQUE, "pmcid", "title", "authors", "year", "venue", "publisher", "type", "reference_type", "language",
             "keywords", "url")  # fmt: skip
    # Volume and pages are those in the venue that is shown, all of one entry.
    printed = next((entry for entry in entries if entry.locator and entry.venue == first("venue")), entries[0])
    place = {name: getattr(printed, name) for name in ("volume", "issue", "pages")}
    fields = {name: first(name) for name in names} | place | {name: union(name) for name in _UNITED}
    return Record.model_validate(
        {
            **fields,
            "id": record_id,
            "abstract": abstract,
            "abstract_source": source,
            "integrity": max((entry.integrity for entry in entries), key=list(Integrity).index),
            "sources": tuple(dict.fromkeys(source for source, _ in members)),
            "aliases": tuple(dict.fromkeys(name for name in aliases if name != record_id)),
        }
    )
