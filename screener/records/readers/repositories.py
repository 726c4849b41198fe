"""Zenodo and Hugging Face: repositories of data sets, models and reports.

Sources: https://developers.zenodo.org, https://inveniordm.docs.cern.ch/reference/metadata,
https://huggingface.co/docs/hub/api
"""

import re
from collections.abc import Iterator
from typing import Any

from .. import normalise as n
from ..model import Entry, RecordType, Relation, RelationKind
from ..reference_types import ris_type
from . import values as v
from .json_dialects import Dialect, Item, year_of

# DataCite's relations to the same work or about it; what is only cited is none.
_RELATIONS = {
    "isnewversionof": RelationKind.UPDATE_OF,
    "ispreviousversionof": RelationKind.UPDATE_IN,
    "obsoletes": RelationKind.UPDATE_OF,
    "isobsoletedby": RelationKind.UPDATE_IN,
    **dict.fromkeys(
        [
            "isversionof",
            "hasversion",
            "issupplementto",
            "issupplementedby",
            "isdocumentedby",
            "documents",
            "isdescribedby",
            "describes",
            "isidenticalto",
            "isalternateidentifier",
            "isvariantformof",
            "isoriginalformof",
            "isderivedfrom",
            "issourceof",
            "ispartof",
            "haspart",
            "ispublishedin",
            "istranslationof",
            "hastranslation",
            "ispreprintof",
        ],
        RelationKind.LINKED,
    ),
}
# Tags of the Hub: `name:value` for facts, else words.
_FACTS = frozenset(
    [
        "arxiv",
        "doi",
        "license",
        "dataset",
        "language",
        "region",
        "base_model",
        "size_categories",
        "format",
        "modality",
        "library",
    ]
)


_HUB = "10.57967/"
"""The prefix of the Hub's own DOIs."""
_PAPER = re.compile(
    r"(?:(?:arxiv|ar5iv)\.org/(?:abs|pdf|html)/|huggingface\.co/papers/|hf\.co/papers/|alphaxiv\.org/abs/|arxiv[:\s]\s*"
    r"|\beprint\s*=\s*[{\"]\s*(?:arxiv:)?)((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?)",
    re.IGNORECASE,
)
"""Numbers of arXiv in a card: only where arXiv is named, or BibTeX's `eprint`."""
_DOI = re.compile(r"(?:doi\.org/|\bdoi:\s*|\bdoi\s*=\s*[{\"]\s*|\bDOI\s+)(10\.\d{4,9}/[^\s\"<>{}\]|]+)", re.IGNORECASE)

_PUBLISHERS = re.compile(
    r"https?://(?!(?:dx\.)?doi\.org/)[^\s\"<>{}\]|]*?/(10\.\d{4,9}/[^\s\"<>{}\]|?#]+)", re.IGNORECASE
)
"""A DOI in the address of a publisher's page or a preprint server's."""
_BEHIND = re.compile(
    r"(?:(?<=\d)v\d+)?(?:\.full)?(?:[.-](?:pdf|text|svg))?(?:/(?:full|pdf|epdf|abstract|fulltext|meta))?/?[).,;]*$"
)
"""What such an address has behind the DOI: which version it is, and in what form."""
_NATURE = re.compile(r"nature\.com/articles/([a-z0-9][\w-]+)", re.IGNORECASE)
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,9})\b")


def _is_zenodo(item: Item) -> bool:
    return isinstance(item.get("metadata"), dict) and not {"conceptrecid", "links", "doi", "pids", "recid"}.isdisjoint(
        item
    )


def _zenodo(item: Item) -> Entry:
    data: Item = item["metadata"]
    kind = data.get("resource_type")
    kinds = v.unique(map(v.text, (v.at(kind, "title"), v.at(kind, "title", "en"), v.at(kind, "type"), v.at(kind, "subtype"),
                                  v.at(kind, "id"))))  # fmt: skip
    reference_type = ris_type(kinds)
    journal, imprint, part = data.get("journal"), data.get("imprint"), data.get("part_of")
    published = n.published(v.text(data.get("publication_date")), None)
    added = n.date("indexed", v.text(item.get("created")))
    changed = n.date("updated", v.text(item.get("updated") or item.get("modified")))
    people = [v.text(v.at(person, "person_or_org", "name")) or v.text(v.at(person, "name"))
              for person in v.as_list(data.get("creators"))]  # fmt: skip
    doi = n.doi(v.text(item.get("doi")) or v.text(data.get("doi")) or v.text(v.at(item, "pids", "doi", "identifier")))
    number = v.text(item.get("id")) or v.text(item.get("recid"))
    related = [*v.dicts(data.get("related_identifiers")), *v.dicts(data.get("alternate_identifiers"))]
    others = " ".join(v.text(other.get("identifier")) for other in v.dicts(data.get("identifiers")))
    return Entry(
        title=v.text(data.get("title")),
        abstract=" ".join(filter(None, (v.text(data.get("description")), v.text(data.get("method"))))),
        authors=v.unique(person.rstrip(", ") for person in people),
        year=year_of(published),
        dates=v.known_dates(published, added, changed),
        venue=v.text(v.at(journal, "title")) or v.text(v.at(part, "title")) or v.text(v.at(data, "meeting", "title")),
        volume=v.text(v.at(journal, "volume")),
        issue=v.text(v.at(journal, "issue")),
        pages=n.pages(v.text(v.at(journal, "pages")) or v.text(v.at(part, "pages"))),
        issn=n.issn(v.text(v.at(journal, "issn"))),
        isbn=n.isbn(f"{v.text(v.at(imprint, 'isbn'))} ; {others}"),
        publisher=v.text(v.at(imprint, "publisher")) or v.text(data.get("publisher"))
        or v.text(v.at(data, "thesis", "university")) or "Zenodo",
        type=RecordType.MODEL if "model" in map(str.casefold, kinds)
        else RecordType.DATASET if reference_type == "DATA" else RecordType.PUBLICATION,
        reference_type=reference_type,
        publication_types=kinds,
        language=v.text(data.get("language")) or v.text(v.at(data, "languages", 0, "id")),
        keywords=v.unique((*v.texts(data.get("keywords")),
                           *(v.text(word.get("subject") or word.get("term")) for word in v.dicts(data.get("subjects"))))),
        url=v.text(v.at(item, "links", "html") or v.at(item, "links", "self_html")),
        doi=doi,
        arxiv=n.arxiv(doi),
        accession=(f"zenodo:{number}",) if number else (),
        relations=v.relations(_relations(item, related)),
    )  # fmt: skip


def _relations(item: Item, related: list[Item]) -> Iterator[Relation | None]:
    for other in related:
        name = v.text(v.at(other, "relation_type", "id") or other.get("relation")).casefold() or "isalternateidentifier"
        if kind := _RELATIONS.get(name):
            written = v.text(other.get("identifier"))
            scheme = v.text(other.get("scheme")).casefold()
            paper = n.arxiv(written) if scheme == "arxiv" else None
            if paper:
                yield Relation(kind=kind, identifier=f"arxiv:{paper}")
            else:
                yield v.relation(kind, doi=written, pmid=written if scheme == "pmid" else None, citation=written)
    concept = n.doi(v.text(item.get("conceptdoi")) or v.text(v.at(item, "parent", "pids", "doi", "identifier")))
    if concept:  # all versions of a record together
        yield v.relation(RelationKind.LINKED, doi=concept)


def _is_hugging_face(item: Item) -> bool:
    marks = {
        "modelId",
        "pipeline_tag",
        "library_name",
        "downloads",
        "likes",
        "siblings",
        "gated",
        "cardData",
        "lastModified",
    }
    name = item.get("id") or item.get("modelId")
    return (
        isinstance(name, str)
        and "title" not in item
        and "/" not in name.strip("/").replace("/", "", 1)
        and not marks.isdisjoint(item)
    )


def _hugging_face(item: Item) -> Entry:
    name = v.text(item.get("id")) or v.text(item.get("modelId"))
    tags, card = v.texts(item.get("tags")), item.get("cardData")
    is_model = not {"modelId", "pipeline_tag", "library_name", "config", "transformersInfo"}.isdisjoint(item)
    facts = [tag.split(":", 1) for tag in tags if tag.partition(":")[0] in _FACTS and ":" in tag]
    words = [tag for tag in tags if tag.partition(":")[0] not in _FACTS or ":" not in tag]
    of = {fact: [value for key, value in facts if key == fact] for fact in ("arxiv", "doi", "language")}
    created, changed = v.text(item.get("createdAt")), v.text(item.get("lastModified"))
    published = n.published(created or changed, None)
    text = next((text for key in ("readme", "card", "cardText") if isinstance(text := item.get(key), str)), "")
    papers, dois, pmids = _works_of(text)
    tagged = v.unique(filter(None, map(n.doi, of["doi"])))
    own = next((doi for doi in tagged if doi.startswith(_HUB)), None)
    dois = v.unique((*tagged, *dois))
    papers = v.unique((*filter(None, map(n.arxiv, of["arxiv"])), *papers))
    related = [Relation(kind=RelationKind.LINKED, identifier=f"arxiv:{paper}") for paper in papers]
    related += [Relation(kind=RelationKind.LINKED, identifier=f"doi:{doi}") for doi in dois if doi != own]
    related += [Relation(kind=RelationKind.LINKED, identifier=f"pmid:{number}") for number in pmids]
    path = name if is_model else f"datasets/{name}"
    return Entry(
        title=v.text(v.at(card, "pretty_name")) or name,
        abstract=_card(text or item.get("description")),
        authors=v.unique((v.text(item.get("author")) or (name.partition("/")[0] if "/" in name else ""),)),
        year=year_of(published),
        dates=v.known_dates(published, n.date("indexed", created), n.date("updated", changed)),
        publisher="Hugging Face",
        type=RecordType.MODEL if is_model else RecordType.DATASET,
        reference_type="COMP" if is_model else "DATA",
        publication_types=("model" if is_model else "dataset",),
        language="; ".join(of["language"] or v.texts(v.at(card, "language"))),
        keywords=v.unique((v.text(item.get("pipeline_tag")), v.text(item.get("library_name")), *words)),
        url=f"https://huggingface.co/{path}",
        doi=own,
        accession=(f"huggingface:{path}",),
        relations=v.relations(related),
    )


def _works_of(card: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the arXiv numbers, DOIs and PMIDs that a card names: in links, in BibTeX, and as `arXiv:2101.00001`."""
    papers = [n.arxiv(match[1]) for match in _PAPER.finditer(card)]
    dois = [n.doi(match[1]) for match in _DOI.finditer(card)]
    dois += [n.doi(_BEHIND.sub("", match[1])) for match in _PUBLISHERS.finditer(card)]
    dois += [n.doi(f"10.1038/{match[1]}") for match in _NATURE.finditer(card)]
    papers += [n.arxiv(doi) for doi in dois]
    pmids = v.unique(match[1] for match in _PUBMED.finditer(card))
    return v.unique(filter(None, papers)), v.unique(doi for doi in dois if doi and not n.arxiv(doi)), pmids


def _card(value: Any) -> str:
    """Return the text of a model or data card without its YAML header."""
    written = value if isinstance(value, str) else ""
    return n.clean(re.sub(r"\A\s*---\n.*?\n---\s*\n", "", written, flags=re.DOTALL))


ZENODO = Dialect("Zenodo JSON", "Zenodo", _is_zenodo, _zenodo, (("hits", "hits"),), (), ("hits", "total"))
HUGGING_FACE = Dialect("Hugging Face JSON", "Hugging Face", _is_hugging_face, _hugging_face)
