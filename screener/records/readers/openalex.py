"""OpenAlex, Semantic Scholar and DBLP.

Sources: https://docs.openalex.org/api-entities/works/work-object, https://api.semanticscholar.org/api-docs/graph,
https://dblp.org/faq/How+to+use+the+dblp+search+API.html
"""

import re
from typing import Any

from .. import normalise as n
from ..model import Entry, Integrity, RecordType
from ..reference_types import ris_type
from . import values as v
from .json_dialects import Dialect, Item, year_of

LONGEST_ABSTRACT = 50_000
"""Words. An index that names later places is damaged."""


def abstract_of(index: Any) -> str:
    """Return the text of an `abstract_inverted_index`: words by the places where they stand."""
    if not isinstance(index, dict):
        return ""
    places = {place: word for word, at in index.items() if isinstance(at, list)
              for place in at if isinstance(place, int) and 0 <= place < LONGEST_ABSTRACT}  # fmt: skip
    return n.clean(" ".join(places[place] for place in sorted(places)))


def _is_openalex(item: Item) -> bool:
    return bool(re.search(r"openalex\.org/W\d+$|^W\d+$", v.text(item.get("id")))) and (
        "display_name" in item or "title" in item
    )


def _openalex(item: Item) -> Entry:
    ids, biblio = v.at(item, "ids"), item.get("biblio")
    place = item.get("primary_location") or v.at(item, "locations", 0)
    kinds = v.unique((v.text(item.get("type")), v.text(item.get("type_crossref"))))
    published = n.published(v.text(item.get("publication_year")), v.text(item.get("publication_date")))
    doi = n.doi(v.text(item.get("doi")) or v.text(v.at(ids, "doi")))
    page = v.text(v.at(place, "landing_page_url"))
    # A paper and its preprint are one work there: the preprint is among the places where it can be had.
    pages = [page, *(v.text(v.at(other, "landing_page_url")) for other in v.dicts(item.get("locations")))]
    papers = [n.arxiv(address) or n.arxiv(n.doi(address)) for address in pages if "arxiv" in address.lower()]
    reference_type = ris_type(kinds)
    central = v.text(v.at(ids, "pmcid")).rpartition("/")[2]
    return Entry(
        title=v.text(item.get("display_name")) or v.text(item.get("title")),
        abstract=abstract_of(item.get("abstract_inverted_index")) or v.text(item.get("abstract")),
        authors=v.unique(v.text(v.at(person, "author", "display_name")) or v.text(person.get("raw_author_name"))
                         for person in v.dicts(item.get("authorships"))),
        year=year_of(published),
        dates=v.known_dates(published, n.date("indexed", v.text(item.get("created_date")))),
        venue=v.text(v.at(place, "source", "display_name")) or v.text(v.at(item, "host_venue", "display_name")),
        volume=v.text(v.at(biblio, "volume")),
        issue=v.text(v.at(biblio, "issue")),
        pages=n.pages(v.text(v.at(biblio, "first_page")), v.text(v.at(biblio, "last_page"))),
        issn=n.issn(" ".join((*v.texts(v.at(place, "source", "issn")), v.text(v.at(place, "source", "issn_l"))))),
        publisher=v.text(v.at(place, "source", "host_organization_name")),
        type=RecordType.DATASET if reference_type == "DATA" else RecordType.PUBLICATION,
        reference_type=reference_type,
        publication_types=kinds,
        language=v.text(item.get("language")),
        keywords=v.unique(v.text(word.get("display_name") or word.get("keyword") or word.get("descriptor_name"))
                          for field in ("keywords", "mesh") for word in v.dicts(item.get(field))),
        url=page or v.text(item.get("id")),
        open_access=_free(item),
        doi=doi,
        pmid=n.pmid(v.text(v.at(ids, "pmid")).rpartition("/")[2]),
        pmcid=n.pmcid(f"PMC{central}") if central.isdigit() else n.pmcid(central),
        arxiv=n.arxiv(doi) or next(filter(None, papers), None),
        accession=(f"openalex:{v.text(item.get('id')).rpartition('/')[2]}",),
        integrity=Integrity.RETRACTED if item.get("is_retracted") is True else Integrity.UNMARKED,
    )  # fmt: skip


def _free(item: Item) -> tuple[str, ...]:
    """Return where the full text is free: the file of the best place first, then what OpenAlex names beside it."""
    best = v.at(item, "best_oa_location", "pdf_url"), v.at(item, "open_access", "oa_url")
    return v.unique(address for address in map(v.text, best) if address.startswith("http"))


def _is_semantic_scholar(item: Item) -> bool:
    return isinstance(item.get("paperId"), str) and "title" in item


def _semantic_scholar(item: Item) -> Entry:
    ids, journal = item.get("externalIds"), item.get("journal")
    published = n.published(v.text(item.get("year")), v.text(item.get("publicationDate")))
    kinds = v.texts(item.get("publicationTypes"))
    plain = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind) for kind in kinds]
    dblp = v.text(v.at(ids, "DBLP"))
    doi = n.doi(v.text(v.at(ids, "DOI")))
    pmcid = v.text(v.at(ids, "PubMedCentral"))
    return Entry(
        title=v.text(item.get("title")),
        abstract=v.text(item.get("abstract")),
        authors=v.unique(v.text(person.get("name")) for person in v.dicts(item.get("authors"))),
        year=year_of(published),
        dates=v.known_dates(published),
        venue=v.text(v.at(journal, "name"))
        or v.text(item.get("venue"))
        or v.text(v.at(item, "publicationVenue", "name")),
        volume=v.text(v.at(journal, "volume")),
        pages=n.full_pages(v.text(v.at(journal, "pages"))),
        issn=n.issn(v.text(v.at(item, "publicationVenue", "issn"))),
        reference_type=ris_type(["conference paper" if kind == "Conference" else kind for kind in plain]),
        publication_types=kinds,
        keywords=v.texts(item.get("fieldsOfStudy")),
        url=v.text(item.get("url")),
        open_access=v.unique(filter(None, [v.text(v.at(item, "openAccessPdf", "url"))])),
        doi=doi,
        pmid=n.pmid(v.text(v.at(ids, "PubMed"))),
        pmcid=n.pmcid(f"PMC{pmcid.upper().removeprefix('PMC')}") if pmcid else None,
        arxiv=n.arxiv(v.text(v.at(ids, "ArXiv"))) or n.arxiv(doi),
        accession=v.unique((f"s2:{v.text(item.get('paperId'))}", f"dblp:{dblp}" if dblp else "")),
    )


def _is_dblp(item: Item) -> bool:
    return isinstance(v.at(item, "info", "title") or v.at(item, "info", "key"), str)


def _dblp(item: Item) -> Entry:
    info = item["info"]
    people = v.as_list(v.at(info, "authors", "author"))
    # Persons of one name are told apart by a number: `Wei Wang 0001`.
    authors = (re.sub(r" \d{4}$", "", v.text(v.at(person, "text") or person)) for person in people)
    kinds, volume, pages = v.texts(info.get("type")), v.text(info.get("volume")), v.texts(info.get("ee"))
    published = n.published(v.text(info.get("year")), None)
    # Of several electronic editions one may be the preprint's.
    dois = [n.doi(v.text(info.get("doi"))), *map(n.doi, pages)]
    doi = next((value for value in dois if value and not n.arxiv(value)), None) or next(filter(None, dois), None)
    papers = [n.arxiv(page) or n.arxiv(n.doi(page)) for page in pages if "arxiv" in page.lower()]
    paper = n.arxiv(volume) if volume.startswith("abs/") else n.arxiv(doi)
    title = v.text(info.get("title"))
    return Entry(
        title=title[:-1] if title.endswith(".") and not title.endswith("..") else title,
        authors=v.unique(authors),
        year=year_of(published),
        dates=v.known_dates(published),
        venue=v.text(info.get("venue")),
        volume="" if volume.startswith("abs/") else volume,
        issue=v.text(info.get("number")),
        pages=n.pages(v.text(info.get("pages"))),
        isbn=n.isbn(v.text(info.get("isbn"))),
        publisher=v.text(info.get("publisher")),
        type=RecordType.DATASET if ris_type(kinds) == "DATA" else RecordType.PUBLICATION,
        reference_type=ris_type(kinds),
        publication_types=kinds,
        url=next(iter(pages), "") or v.text(info.get("url")),
        doi=doi,
        arxiv=paper or next(filter(None, papers), None),
        accession=v.unique(f"dblp:{key}" for key in [v.text(info.get("key"))] if key),
    )


OPENALEX = Dialect("OpenAlex JSON", "OpenAlex", _is_openalex, _openalex, (("results",),), (), ("meta", "count"))
SEMANTIC_SCHOLAR = Dialect("Semantic Scholar JSON", "Semantic Scholar", _is_semantic_scholar, _semantic_scholar,
                           (("data",),), (), ("total",))  # fmt: skip
DBLP = Dialect("DBLP JSON", "DBLP", _is_dblp, _dblp, (("result", "hits", "hit"), ("hits", "hit")), (),
               ("result", "hits", "@total"))  # fmt: skip
