"""PubMed's E-utilities: ESearch with history, and EFetch of articles as XML.

As documented in https://www.ncbi.nlm.nih.gov/books/NBK25499/; the limit of 9,999 records and the errors are those that the
service gives.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from screener.sources.services import PUBMED

from .base import Asked, Reply, json_reply

_SPAN = re.compile(r"\((?P<query>.*)\) NOT (?P<begin>[\d/]+):(?P<end>[\d/]+)\[edat\]", re.DOTALL)


@dataclass(frozen=True)
class Citation:
    """A record of PubMed. `more` is XML that stands at the end of its citation, say corrections."""

    pmid: str
    title: str
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: str = ""
    entered: str = "2020/01/01"
    changed: str = ""
    doi: str = ""
    pmcid: str = ""
    more: str = ""

    @property
    def xml(self) -> str:
        persons = "".join(
            f"<Author><LastName>{escape(family)}</LastName><Initials>{escape(initials)}</Initials></Author>"
            for family, _, initials in (author.rpartition(" ") for author in self.authors)
        )
        given = {"pubmed": self.pmid, "doi": self.doi, "pmc": self.pmcid}
        ids = "".join(f'<ArticleId IdType="{kind}">{escape(n)}</ArticleId>' for kind, n in given.items() if n)
        changed = _day(self.changed or self.entered)
        return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{self.pmid}</PMID>
<DateRevised>{changed}</DateRevised><Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print">
<PubDate><Year>{self.year}</Year></PubDate></JournalIssue><Title>{escape(self.journal)}</Title></Journal>
<ArticleTitle>{escape(self.title)}</ArticleTitle>
<Abstract><AbstractText Label="BACKGROUND">Synthetic abstract of record {self.pmid}.</AbstractText>
<AbstractText Label="METHODS">There are none.</AbstractText></Abstract>
<AuthorList CompleteYN="Y">{persons}</AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList></Article>
{self.more}</MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="entrez">{_day(self.entered)}</PubMedPubDate>
</History><PublicationStatus>ppublish</PublicationStatus><ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>
"""


def citations_of_table(path: Path) -> list[Citation]:
    """The rows of a summary that PubMed saved as CSV. What it does not have is synthetic: abstracts and languages."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Citation(
                pmid=row["PMID"],
                title=row["Title"],
                authors=tuple(filter(None, row["Authors"].rstrip(".").split(", "))),
                journal=row["Journal/Book"],
                year=row["Publication Year"],
                entered=row["Create Date"],
                doi=row["DOI"],
                pmcid=row["PMCID"],
            )
            for row in csv.DictReader(file)
        ]


def synthetic(number: int, **facts: str) -> Citation:
    """A record that nobody wrote."""
    return Citation(
        str(10_000_000 + number), f"synthetic record {number}", ("Synthetic A",), "Synthetic", "2020", **facts
    )


@dataclass
class PubMedApi:
    """PubMed with some records. Every query finds them all, but those that are in `searches` or `refused`."""

    records: list[Citation]
    searches: dict[str, list[Citation]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """What ESearch says of a query that it rejects."""
    key: str = "right"
    most: int = 9_999
    stated_more: int = 0
    """By how many the stated count is wrong."""
    lost: set[str] = field(default_factory=set)
    """Records that are found and do not come."""
    trouble: str = ""
    """XML that ESearch adds: lists of errors and warnings."""

    def __post_init__(self) -> None:
        self.service = PUBMED
        self.histories: dict[str, list[str]] = {}
        self.articles = "<PubmedArticleSet>{}</PubmedArticleSet>"

    def forget(self) -> None:
        """Drop all histories, as the server does after some hours."""
        self.histories.clear()

    def answer(self, asked: Asked) -> Reply:
        if asked.params.get("api_key", self.key) != self.key:
            return json_reply({"error": "API key invalid", "api-key": asked.params["api_key"], "type": "unknown"}, 400)
        if asked.params.get("db") != "pubmed":
            return _xml("<eSearchResult><ERROR>Database is not specified</ERROR></eSearchResult>")
        known = {"/esearch.fcgi": self._esearch, "/efetch.fcgi": self._efetch}
        return known[asked.path](asked.params) if asked.path in known else Reply(status=404)

    def _esearch(self, params: dict[str, str]) -> Reply:
        term = params["term"]
        if term in self.refused:
            return _xml(f"<eSearchResult><ERROR>{escape(self.refused[term])}</ERROR></eSearchResult>")
        found = self._found(term)
        if "datetype" in params:
            begin, end = _date(params["mindate"]), _date(params["maxdate"])
            entry = params["datetype"] == "edat"
            found = [
                one for one in found if begin <= _date(one.entered if entry else one.changed or one.entered) <= end
            ]
        history = ""
        if params.get("usehistory") == "y" and found:
            environment = f"MCID_{len(self.histories)}"
            self.histories[environment] = [one.pmid for one in found]
            history = f"<QueryKey>1</QueryKey><WebEnv>{environment}</WebEnv>"
        return _xml(
            f"<eSearchResult><Count>{len(found) + self.stated_more}</Count><RetMax>0</RetMax><RetStart>0</RetStart>{history}"
            f"<IdList/><TranslationSet/><QueryTranslation>{escape(term)}[All Fields]</QueryTranslation>{self.trouble}"
            "</eSearchResult>",
            "eSearchResult",
        )

    def _found(self, term: str) -> Iterable[Citation]:
        if span := _SPAN.fullmatch(term):
            begin, end = _date(span["begin"]), _date(span["end"])
            return [one for one in self._found(span["query"]) if not begin <= _date(one.entered) <= end]
        return self.searches.get(term, self.records)

    def _efetch(self, params: dict[str, str]) -> Reply:
        if "id" in params:
            numbers = params["id"].split(",")
        else:
            start, most = int(params["retstart"]), int(params["retmax"])
            if start > self.most - 1:
                return _xml(
                    "<eFetchResult><ERROR>Search backend cannot retrieve history data. Reason: Exception: 'retstart' "
                    f"cannot be larger than {self.most - 1}.</ERROR></eFetchResult>",
                    status=400,
                )
            history = self.histories.get(params["WebEnv"])
            if history is None:
                return _xml("<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", status=400)
            numbers = history[: self.most][start : start + most]
        if params.get("rettype") == "uilist":
            return Reply("\n".join(numbers).encode())
        known = {one.pmid: one for one in self.records}
        articles = "".join(known[number].xml for number in numbers if number in known and number not in self.lost)
        return _xml(self.articles.format(articles), "PubmedArticleSet")


def _xml(text: str, doctype: str = "", status: int = 200) -> Reply:
    kind = f'<!DOCTYPE {doctype} PUBLIC "-//NLM//DTD {doctype}//EN" "https://dtd.nlm.nih.gov/{doctype}.dtd">\n'
    head = f'<?xml version="1.0" encoding="UTF-8" ?>\n{kind if doctype else ""}'
    return Reply((head + text).encode(), status, {"Content-Type": "text/xml; charset=UTF-8"})


def _date(written: str) -> date:
    return date.fromisoformat(written.replace("/", "-"))


def _day(written: str) -> str:
    year, month, day = written.split("/")
    return f"<Year>{year}</Year><Month>{month}</Month><Day>{day}</Day>"
