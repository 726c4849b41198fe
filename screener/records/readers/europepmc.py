"""Europe PMC's search, as JSON (`resultType=core` or `lite`).

Source: https://europepmc.org/docs/Europe_PMC_RESTful_Release_Notes.pdf
"""

import re

from .. import normalise as n
from ..model import Entry
from ..reference_types import ris_type
from . import values as v
from .json_dialects import Dialect, Item, year_of

_KNOWN = frozenset({"title", "authorString", "pubYear", "firstPublicationDate"})
"""What a record has of these; some have no title."""


def _is_result(item: Item) -> bool:
    # Its sources have codes of three letters: MED, PMC, PPR, AGR, …
    return "id" in item and not _KNOWN.isdisjoint(item) and bool(re.fullmatch("[A-Z]{3}", v.text(item.get("source"))))


def _result(item: Item) -> Entry:
    info, book = item.get("journalInfo"), item.get("bookOrReportDetails")
    kinds = v.texts(v.at(item, "pubTypeList", "pubType")) or v.unique(re.split(r"\s*;\s*", v.text(item.get("pubType"))))
    printed = n.published(
        v.text(item.get("pubYear")), v.text(v.at(info, "printPublicationDate") or v.at(info, "dateOfPublication"))
    )
    online = n.date("early_access", v.text(item.get("electronicPublicationDate")))
    first = n.published(v.text(item.get("firstPublicationDate")), None)
    corrections = v.dicts(v.at(item, "commentCorrectionList", "commentCorrection"))
    source, number = v.text(item.get("source")), v.text(item.get("id"))
    serials = (v.at(info, "journal", "issn"), v.at(info, "journal", "essn"), item.get("journalIssn"))
    return Entry(
        title=v.text(item.get("title")),
        abstract=v.text(item.get("abstractText")),
        authors=_authors(item),
        year=year_of(printed, first),
        dates=v.known_dates(printed or first, online, n.date("indexed", v.text(item.get("firstIndexDate"))),
                            n.date("updated", v.text(item.get("dateOfRevision")))),
        venue=v.text(v.at(info, "journal", "title")) or v.text(item.get("journalTitle")) or v.text(v.at(book, "comprisingTitle")),
        volume=v.text(v.at(info, "volume")) or v.text(item.get("journalVolume")),
        issue=v.text(v.at(info, "issue")) or v.text(item.get("issue")),
        pages=n.full_pages(v.text(item.get("pageInfo"))),
        issn=n.issn(" ; ".join(map(v.text, serials))),
        isbn=n.isbn(" ; ".join((v.text(v.at(book, "isbn13")), v.text(v.at(book, "isbn10"))))),
        publisher=v.text(v.at(book, "publisher")),
        reference_type=ris_type(kinds, "pubmed") or ("UNPB" if source == "PPR" else ris_type(kinds)),
        publication_types=kinds,
        language=v.text(item.get("language")),
        keywords=v.unique((*v.texts(v.at(item, "keywordList", "keyword")),
                           *(v.text(word.get("descriptorName")) for word in v.dicts(v.at(item, "meshHeadingList", "meshHeading"))))),
        url=f"https://europepmc.org/article/{source}/{number}",
        open_access=v.unique(
            v.text(place.get("url")) for place in v.dicts(v.at(item, "fullTextUrlList", "fullTextUrl"))
            if v.text(place.get("availabilityCode")) in ("OA", "F")
        ),
        doi=n.doi(v.text(item.get("doi"))),
        pmid=n.pmid(v.text(item.get("pmid"))) or (n.pmid(number) if source == "MED" else None),
        pmcid=n.pmcid(v.text(item.get("pmcid"))),
        arxiv=n.arxiv(n.doi(v.text(item.get("doi")))),
        accession=(f"europepmc:{number}",) if source not in ("MED", "PMC") else (),
        relations=v.relations(
            v.relation(kind, pmid=other.get("id") if other.get("source") == "MED" else None, citation=other.get("reference") or other.get("id"))
            for other in corrections
            if (kind := v.LINKS.get(re.sub(r"\W+", "", v.text(other.get("type"))).casefold()))
        ),
    )  # fmt: skip


def _authors(item: Item) -> tuple[str, ...]:
    people = v.dicts(v.at(item, "authorList", "author"))
    names = [
        ", ".join(
            filter(None, (v.text(person.get("lastName")), v.text(person.get("firstName") or person.get("initials"))))
        )
        or v.text(person.get("collectiveName") or person.get("fullName"))
        for person in people
    ]
    return v.unique(names) or v.unique(name.strip() for name in v.text(item.get("authorString")).rstrip(".").split(","))


EUROPE_PMC = Dialect("Europe PMC JSON", "Europe PMC", _is_result, _result, (("resultList", "result"),), (("result",),),
                     ("hitCount",))  # fmt: skip
