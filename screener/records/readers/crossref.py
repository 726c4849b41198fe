"""Crossref's REST API and CSL JSON, of which it is a dialect.

Sources: https://github.com/CrossRef/rest-api-doc (api_format.md), https://docs.citationstyles.org (CSL 1.0.2).
"""

import re
from collections.abc import Iterator
from typing import Any

from .. import normalise as n
from ..model import Entry, RecordType, Relation, RelationKind
from ..reference_types import ris_type
from . import values as v
from .json_dialects import Dialect, Item, date_parts, names, year_of

# `update-to` stands in the notice, `updated-by` in the paper. Crossref takes over Retraction Watch's reasons too.
_NOTICE_OF = {
    "retraction": RelationKind.RETRACTION_OF,
    "partial_retraction": RelationKind.RETRACTION_OF,
    "withdrawal": RelationKind.RETRACTION_OF,
    "removal": RelationKind.RETRACTION_OF,
    "expression_of_concern": RelationKind.CONCERN_FOR,
    "correction": RelationKind.ERRATUM_FOR,
    "corrigendum": RelationKind.ERRATUM_FOR,
    "erratum": RelationKind.ERRATUM_FOR,
    "addendum": RelationKind.ERRATUM_FOR,
    "clarification": RelationKind.ERRATUM_FOR,
}
_NOTICE_IN = {
    RelationKind.RETRACTION_OF: RelationKind.RETRACTED_IN,
    RelationKind.CONCERN_FOR: RelationKind.CONCERN_IN,
    RelationKind.ERRATUM_FOR: RelationKind.ERRATUM_IN,
    RelationKind.UPDATE_OF: RelationKind.UPDATE_IN,
}
# Relations to the same work or about it; what is only cited is none.
_RELATIONS = {
    "is-preprint-of": RelationKind.UPDATE_IN,
    "has-preprint": RelationKind.UPDATE_OF,
    "is-comment-on": RelationKind.COMMENT_ON,
    "is-reply-to": RelationKind.COMMENT_ON,
    "is-review-of": RelationKind.COMMENT_ON,
    "has-comment": RelationKind.COMMENT_IN,
    "has-reply": RelationKind.COMMENT_IN,
    **dict.fromkeys(
        [
            "is-version-of",
            "has-version",
            "is-same-as",
            "is-identical-to",
            "is-translation-of",
            "has-translation",
            "is-manuscript-of",
            "has-manuscript",
            "is-supplement-to",
            "is-supplemented-by",
            "is-derived-from",
            "has-derivation",
            "is-variant-form-of",
            "is-original-form-of",
            "is-expression-of",
            "has-expression",
        ],
        RelationKind.LINKED,
    ),
}

_PLAIN_NAMES = frozenset({"authors", "year", "doi", "journal", "keywords", "publication_year"})


def _is_work(item: Item) -> bool:
    return isinstance(item.get("DOI"), str) and (isinstance(item.get("title"), list) or "reference-count" in item)


def _work(item: Item) -> Entry:
    title, subtitle = v.text(item.get("title")), v.text(item.get("subtitle"))
    if n.normalise_title(subtitle) not in n.normalise_title(title):
        title = ": ".join(filter(None, (title, subtitle)))
    printed = date_parts("published", item.get("published-print") or item.get("issued") or item.get("published"))
    online = date_parts("early_access", item.get("published-online"))
    dates = v.known_dates(
        printed or date_parts("published", item.get("published-online")),
        online if printed else None,
        date_parts("indexed", item.get("created")),
    )
    kind = v.text(item.get("type"))
    kinds = v.unique((kind, v.text(item.get("subtype"))))
    reference_type = ris_type([kind])
    trials = [v.text(trial.get("clinical-trial-number")) for trial in v.dicts(item.get("clinical-trial-number"))]
    event = v.text(v.at(item, "event", "name")) if reference_type == "CPAPER" else ""
    return Entry(
        title=title,
        abstract=v.text(item.get("abstract")),
        authors=names(item.get("author"), "name") or names(item.get("editor"), "name"),
        year=year_of(printed, online),
        dates=dates,
        venue=v.text(item.get("container-title")) or event or v.text(v.at(item, "institution", 0, "name")),
        volume=v.text(item.get("volume")),
        issue=v.text(item.get("issue")),
        pages=n.pages(v.text(item.get("page")), "", v.text(item.get("article-number"))),
        issn=n.issn(" ".join(v.texts(item.get("ISSN")))),
        isbn=n.isbn(" ; ".join(v.texts(item.get("ISBN")))),
        publisher=v.text(item.get("publisher")),
        type=RecordType.DATASET if reference_type == "DATA" else RecordType.PUBLICATION,
        reference_type=reference_type,
        publication_types=kinds,
        language=v.text(item.get("language")),
        keywords=v.texts(item.get("subject")),
        url=v.text(item.get("URL")) or v.text(v.at(item, "resource", "primary", "URL")),
        doi=n.doi(v.text(item.get("DOI"))),
        arxiv=n.arxiv(n.doi(v.text(item.get("DOI")))),
        registry=n.registry_numbers(" ; ".join(trials)),
        relations=v.relations(_relations(item)),
    )


def _relations(item: Item) -> Iterator[Relation | None]:
    for update in v.dicts(item.get("update-to")):
        kind = _NOTICE_OF.get(v.text(update.get("type")).lower().replace(" ", "_"), RelationKind.UPDATE_OF)
        yield v.relation(kind, doi=update.get("DOI"))
    for update in v.dicts(item.get("updated-by")):
        kind = _NOTICE_OF.get(v.text(update.get("type")).lower().replace(" ", "_"), RelationKind.UPDATE_OF)
        yield v.relation(_NOTICE_IN[kind], doi=update.get("DOI"))
    related = item.get("relation")
    for name, others in related.items() if isinstance(related, dict) else ():
        if kind_of := _RELATIONS.get(name):
            for other in v.dicts(others):
                yield v.relation(kind_of, doi=other.get("id"), pmid=_pmid_of(other), citation=other.get("id"))


def _pmid_of(other: Item) -> Any:
    return other.get("id") if v.text(other.get("id-type")).lower() == "pmid" else None


def _is_csl(item: Item) -> bool:
    """Return whether an item has a type of CSL, and none of the names that plain rows have instead of CSL's."""
    kind = item.get("type")
    if not isinstance(kind, str) or not ris_type([kind], "csl") or isinstance(item.get("title"), list):
        return False
    return ("title" in item or "DOI" in item) and _PLAIN_NAMES.isdisjoint(item)


def _csl(item: Item) -> Entry:
    kind = v.text(item.get("type"))
    issued = date_parts("published", item.get("issued"))
    note = v.text(item.get("note"))  # Zotero's "Extra" has what its types have no field for
    noted = {name: match[1] for name in ("PMID", "PMCID", "DOI", "arXiv")
             if (match := re.search(rf"\b{name}:\s*(\S+)", note, re.IGNORECASE))}  # fmt: skip
    doi = n.doi(v.text(item.get("DOI"))) or n.doi(noted.get("DOI")) or n.doi(v.text(item.get("URL")))
    number = v.text(item.get("number"))
    paper = (
        n.arxiv(f"arXiv:{noted['arXiv']}")
        if "arXiv" in noted
        else n.arxiv(number)
        if "arxiv" in number.lower()
        else None
    )
    reference_type = ris_type([kind], "csl")
    if kind == "article" and (paper or v.text(item.get("genre")).casefold() == "preprint"):
        reference_type = "UNPB"
    return Entry(
        title=v.text(item.get("title")) or v.text(item.get("title-short")),
        abstract=v.text(item.get("abstract")),
        authors=names(item.get("author"), "literal", "name") or names(item.get("editor"), "literal", "name"),
        year=year_of(issued),
        dates=v.known_dates(issued),
        venue=v.text(item.get("container-title")) or v.text(item.get("event-title") or item.get("event")),
        volume=v.text(item.get("volume")),
        issue=v.text(item.get("issue")),
        pages=n.pages(v.text(item.get("page")), "", "" if paper else number),
        issn=n.issn(" ".join(v.texts(item.get("ISSN")))),
        isbn=n.isbn(" ; ".join(v.texts(item.get("ISBN")))),
        publisher=v.text(item.get("publisher")),
        type=RecordType.DATASET if reference_type == "DATA" else RecordType.PUBLICATION,
        reference_type=reference_type,
        publication_types=v.texts(item.get("genre")),
        language=v.text(item.get("language")),
        keywords=v.unique(word.strip() for word in re.split("[;,]", v.text(item.get("keyword")))),
        url=v.text(item.get("URL")),
        doi=doi,
        pmid=n.pmid(v.text(item.get("PMID")) or noted.get("PMID")) or n.pmid(v.text(item.get("URL"))),
        pmcid=n.pmcid(v.text(item.get("PMCID")) or noted.get("PMCID")),
        arxiv=paper or n.arxiv(doi) or n.arxiv(v.text(item.get("URL"))),
        registry=n.registry_numbers(f"{note} ; {number}"),
    )


CROSSREF = Dialect("Crossref JSON", "Crossref", _is_work, _work, (("message", "items"), ("items",)), (("message",),),
                   ("message", "total-results"))  # fmt: skip
CSL = Dialect("CSL JSON", "", _is_csl, _csl, (("items",),))
