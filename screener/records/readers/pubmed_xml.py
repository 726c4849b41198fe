"""PubMed's XML, as EFetch and the baseline files give it.

Source: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/index.html
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .. import normalise as n
from ..model import Entry, KnownDate, Relation
from ..reference_types import ris_type
from . import values as v
from .rows import RowCollector
from .xml_documents import BrokenFileError, content, elements, every, first, root_name

ROOTS = frozenset({"PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle"})
_RECORDS = frozenset({"PubmedArticle", "PubmedBookArticle", "DeleteCitation"})
_NOT_THERE = re.compile(r"\[?\s*(?:title )?not available\W*", re.IGNORECASE)


def looks_like_pubmed_xml(text: str) -> bool:
    """Return whether a text is a set of PubMed's articles."""
    return root_name(text) in ROOTS


def read_pubmed_xml(text: str, into: RowCollector) -> list[str]:
    """Read PubMed's XML. Returns notes: which citations PubMed has deleted."""
    deleted: list[str] = []
    row = 0
    try:
        for element in elements(text, _RECORDS):
            if element.tag == "DeleteCitation":
                deleted += every(element, "PMID")
                continue
            row += 1
            into.add(row, entry_of(element))
    except BrokenFileError as problem:
        into.reject(row + 1, f"{problem}; fetch the file again")
    if not deleted:
        return []
    shown = f"{', '.join(deleted[:20])}{' …' * (len(deleted) > 20)}"
    return [f"PubMed has deleted {len(deleted):,} citations, which are left out: {shown}"]


def entries_of(document: str) -> Iterator[Entry]:
    """Yield the entries of a document. Raises `BrokenFileError` where it breaks off."""
    for element in elements(document, _RECORDS):
        if element.tag != "DeleteCitation":
            yield entry_of(element)


def pmids_of(document: str) -> Iterator[str]:
    """Yield the PMID of each entry of a document, empty where it has none. Raises `BrokenFileError` where it breaks off."""
    for element in elements(document, _RECORDS):
        if element.tag != "DeleteCitation":
            yield first(element, "MedlineCitation/PMID", "BookDocument/PMID")


def entry_of(element: Element) -> Entry:
    """Return the entry of a `PubmedArticle` or a `PubmedBookArticle`."""
    return _book(element) if element.tag == "PubmedBookArticle" else _article(element)


def _article(element: Element) -> Entry:
    article = _child(element, "MedlineCitation/Article")
    citation, journal = _child(element, "MedlineCitation"), _child(article, "Journal")
    types = tuple(every(article, "PublicationTypeList/PublicationType"))
    printed = _date("published", journal.find("JournalIssue/PubDate"))
    online = next((_date("early_access", date) for date in article.iterfind("ArticleDate")), None)
    dated = printed or online
    numbers = every(article, "DataBankList/DataBank/AccessionNumberList/AccessionNumber")
    return Entry(
        title=_title(article, "ArticleTitle"),
        abstract=_abstract(article, citation),
        authors=_authors(article.findall("AuthorList/Author")),
        year=n.year(dated.value) if dated else None,
        dates=v.known_dates(printed, online, _indexed(element), _date("updated", citation.find("DateRevised"))),
        venue=first(journal, "Title", "ISOAbbreviation") or first(citation, "MedlineJournalInfo/MedlineTA"),
        volume=first(journal, "JournalIssue/Volume"),
        issue=first(journal, "JournalIssue/Issue"),
        pages=_pages(article),
        issn=n.issn(" ".join([first(journal, "ISSN"), first(citation, "MedlineJournalInfo/ISSNLinking")])),
        reference_type=ris_type(types, "pubmed") or "JOUR",
        publication_types=types,
        language="; ".join(every(article, "Language")),
        keywords=_keywords(citation),
        **_identifiers(element, citation, article),
        registry=n.registry_numbers(" ; ".join(numbers)),
        relations=v.relations(map(_relation, citation.iterfind("CommentsCorrectionsList/CommentsCorrections"))),
    )


def _book(element: Element) -> Entry:
    document, book = _child(element, "BookDocument"), _child(element, "BookDocument/Book")
    chapter, whole = _title(document, "ArticleTitle"), first(book, "BookTitle")
    published = _date("published", document.find("ContributionDate")) or _date("published", book.find("PubDate"))
    persons = document.findall("AuthorList/Author") or book.findall("AuthorList/Author")
    types = tuple(every(document, "PublicationType"))
    return Entry(
        title=chapter or whole,
        abstract=_abstract(document, document),
        authors=_authors(persons),
        year=n.year(published.value) if published else None,
        dates=v.known_dates(published, _indexed(element), _date("updated", document.find("DateRevised"))),
        venue=(whole if chapter else "") or first(book, "CollectionTitle"),
        volume=first(book, "Volume"),
        pages=_pages(document),
        isbn=n.isbn(" ; ".join(every(book, "Isbn"))),
        publisher=first(book, "Publisher/PublisherName"),
        reference_type="CHAP" if chapter else "BOOK",
        publication_types=types,
        language="; ".join(every(document, "Language")),
        keywords=_keywords(document),
        **_identifiers(element, document, document),
    )


def _child(element: Element, path: str) -> Element:
    """Return the element under a path; an empty one where there is none."""
    child = element.find(path)
    return Element("none") if child is None else child


def _title(article: Element, path: str) -> str:
    """Return the title; the one in the paper's language where PubMed has no other (`[Not Available].`)."""
    title = first(article, path)
    return first(article, "VernacularTitle") or title if not title or _NOT_THERE.fullmatch(title) else title


def _abstract(article: Element, citation: Element) -> str:
    """Return all abstracts, the journal's own first, with the labels of their parts."""
    parts: list[str] = []
    for abstract in [*article.findall("Abstract"), *citation.findall("OtherAbstract")]:
        for part in abstract.findall("AbstractText"):
            label, written = n.clean(part.get("Label")), content(part)
            named = label and label.upper() != "UNLABELLED" and not written.upper().startswith(f"{label.upper()}:")
            parts.append(f"{label}: {written}" if named and written else written)
    return " ".join(filter(None, parts))


def _authors(persons: list[Element]) -> tuple[str, ...]:
    names = []
    for person in persons:
        given = first(person, "ForeName", "Initials")
        name = ", ".join(filter(None, (first(person, "LastName"), given, first(person, "Suffix"))))
        names.append(name or first(person, "CollectiveName"))
    return v.unique(names)


def _pages(article: Element) -> str:
    """Return the pages in full (`105-14` is 105 to 114), else the article number that stands in their place."""
    written = first(article, "Pagination/MedlinePgn")
    if written:
        return n.full_pages(written)
    start, end = first(article, "Pagination/StartPage"), first(article, "Pagination/EndPage")
    numbers = [content(place) for place in article.iterfind("ELocationID") if place.get("EIdType") == "pii"]
    number = next((number for number in numbers if re.fullmatch(r"[a-z]{0,4}\d{1,9}", number, re.IGNORECASE)), "")
    return n.pages(start, end, number)


def _keywords(citation: Element) -> tuple[str, ...]:
    headings = every(citation, "MeshHeadingList/MeshHeading/DescriptorName")
    return v.unique([*every(citation, "KeywordList/Keyword"), *headings])


def _date(kind: str, element: Element | None) -> KnownDate | None:
    if element is None:
        return None
    parts = first(element, "Year"), first(element, "Month"), first(element, "Day")
    if not parts[0]:  # `2000 Nov-Dec`, `Spring 1990`
        return n.published(content(element), None) if kind == "published" else n.date(kind, content(element))
    written = "-".join(part.zfill(2) for part in parts if part) if parts[1].isdigit() else " ".join(parts)
    return n.published(written, None) if kind == "published" else n.date(kind, written)


def _indexed(element: Element) -> KnownDate | None:
    history = {date.get("PubStatus"): date for date in element.iterfind(".//History/PubMedPubDate")}
    return _date("indexed", history.get("entrez", history.get("pubmed")))


def _identifiers(element: Element, citation: Element, article: Element) -> dict[str, str | None]:
    """Return the identifiers of the article itself, not those of its references."""
    paths = ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId")
    ids = {item.get("IdType"): content(item) for path in paths for item in element.iterfind(path)}
    places = [content(item) for item in article.iterfind("ELocationID") if item.get("EIdType") == "doi"]
    doi = n.doi(next(iter(places), None)) or n.doi(ids.get("doi"))
    return {
        "doi": doi,
        "pmid": n.pmid(first(citation, "PMID")) or n.pmid(ids.get("pubmed")),
        "pmcid": n.pmcid(ids.get("pmc")),
        "arxiv": n.arxiv(doi),
    }


def _relation(element: Element) -> Relation | None:
    kind = v.LINKS.get(str(element.get("RefType")).casefold())
    if kind is None:
        return None
    return v.relation(kind, pmid=first(element, "PMID"), citation=first(element, "RefSource"))
