"""What a column of a table holds, by its name."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Row = Mapping[str, Any]

# The names that tools give to a column, in the order in which they are preferred. Case, blanks and underscores don't matter.
COLUMNS: dict[str, tuple[str, ...]] = {
    "given_id": ("id", "record id", "recordid", "rayyan id", "covidence #", "refid", "ref id", "item id", "itemid", "key"),
    "title": ("title", "article title", "primary title", "document title", "dc:title", "ti", "t1", "item title", "paper title",
              "display name", "study title", "public title", "brief title", "scientific title", "official title", "title (english)",
              "original title", "translated title", "titles", "title of the trial", "trial title", "full title", "ct title"),
    "abstract": ("abstract", "notes abstract", "abstract note", "abstract text", "ab", "n2", "abstracts", "original abstract",
                 "brief summary", "summary"),
    "authors": ("author full names", "authors", "author", "author(s)", "author/s", "author names", "authors/contributors",
                "first authors", "au", "a1", "authorships.author.display name", "author string", "author list", "contributors",
                "creators", "creator", "book authors", "group authors", "corporate author"),
    "year": ("year", "publication year", "pub year", "pubyear", "published year", "year published", "year of publication", "py",
             "y1", "published"),
    "date": ("publication date", "date published", "date of publication", "pub date", "pubdate", "publication date (print)",
             "first publication date", "issue date", "date", "cover date", "da"),
    "month": ("month", "published month", "publication month"),
    "day": ("day", "publication day"),
    "early_access": ("early access date", "publication date (online)", "online date", "epub date", "electronic publication date"),
    "venue": ("venue", "source title", "journal", "journal/book", "journal title", "journal name", "publication title",
              "publication name", "pubtitle", "secondary title", "publication", "parent title", "container title", "host venue",
              "primary location.source.display name", "book title", "booktitle", "anthology title", "book series title",
              "conference title", "conference name", "periodical", "jo", "t2", "jf", "source", "abbreviated source title",
              "journal abbreviation", "ja"),
    "volume": ("volume", "journal volume", "vol", "volume number", "biblio.volume", "vl"),
    "issue": ("issue", "journal issue", "issue number", "number", "biblio.issue", "no"),
    "pages": ("pages", "page range", "pagination", "page numbers", "page info", "page", "pg"),
    "first_page": ("start page", "page start", "first page", "startpage", "biblio.first page", "sp"),
    "last_page": ("end page", "page end", "last page", "endpage", "biblio.last page", "ep"),
    "article": ("article number", "art. no.", "article no", "article no.", "elocation id", "e location id"),
    "issn": ("issn", "issns", "eissn", "e-issn", "issn-l", "issn l", "electronic issn", "print issn", "journal issn", "issn print",
             "issn electronic", "issnelectronic", "primary location.source.issn l", "sn"),
    "isbn": ("isbn", "isbns", "eisbn", "e-isbn", "electronic isbn", "print isbn"),
    "publisher": ("publisher", "publisher name", "book publisher", "pb", "primary location.source.host organization name"),
    "doi": ("doi", "item doi", "digital object identifier", "doi link", "doi url", "ids.doi", "di", "do"),
    "pmid": ("pmid", "pubmed id", "pubmedid", "medline pmid", "ids.pmid", "pm"),
    "pmcid": ("pmcid", "pmc id", "ids.pmcid"),
    "arxiv": ("arxiv", "arxiv id", "eprint"),
    "wos": ("wos id", "wos", "ut (unique wos id)", "ut"),
    "accession": ("accession number", "accession id", "accession", "an", "eid", "lens id", "publication id", "embase accession id",
                  "pui", "embase id", "openalex id", "ids.openalex", "openalex", "store id", "storeid", "eric number",
                  "cochrane id", "central id"),
    "registry": ("clinical trial numbers", "clinical trial number", "nct number", "nct id", "trial id", "trialid", "main id",
                 "trial registration number", "trial registration", "registry number", "registry", "registration number", "isrctn", "drks-id", "eudract number",
                 "trial number", "eu ct number", "eu trial number"),
    "database": ("database", "source database", "database name", "long db name", "db name", "db"),
    "url": ("url", "urls", "link", "external url", "article url", "document url", "study url", "web address", "permalink", "plink",
            "pdf link", "full text link", "fulltext url", "embase link", "source linkout", "dimensions url", "source urls",
            "open url link", "ur"),
    "keywords": ("keywords", "author keywords", "keyword", "de", "kw", "mesh terms", "mesh headings", "mesh", "index keywords",
                 "keywords plus", "subjects", "subject terms", "identifier keywords", "ieee terms", "inspec controlled terms",
                 "fields of study", "keywords.display name", "emtree drug index terms", "emtree medical index terms", "manual tags",
                 "automatic tags"),
    "language": ("language", "language of original document", "article language", "language of article", "languages", "la"),
    "publication_types": ("document type", "publication type", "publication types", "content type", "doc type", "doctype",
                          "doc types", "article type", "item type", "pub type", "type", "pt", "dt", "type of work"),
    "reference_type": ("reference type", "type of reference", "ty"),
    "integrity": ("integrity", "is retracted", "retracted"),
    "relations": ("relations",),
    "open_access": ("open access",),
    "indexed": ("indexed",),
    "updated": ("updated",),
    "record_type": ("record type",),
}  # fmt: skip
ALL_COLUMNS = ("issn", "isbn", "accession", "registry", "keywords", "publication_types")
"""Fields that are put together from all their columns; of the others the first column counts in which a row has a value."""
CERTAIN = "title"
"""The field without which a line of names is none."""


@dataclass(frozen=True, eq=False)  # a tool is told from another by which it is
class Layout:
    """The columns of one tool. `name` is what `import` calls it, `source` the database where the tool is one.

    It is known by the `signatures`, sets of names of which one is there whole. `columns` replaces entries of `COLUMNS`;
    `only` says that no other field is read, for tags that mean something else elsewhere.
    """

    name: str
    signatures: tuple[frozenset[str], ...]
    source: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: bool = False

    def known_by(self, names: Iterable[str]) -> bool:
        """Return whether a table of these columns is of this tool."""
        return any(signature <= set(names) for signature in self.signatures)


def plain_name(column: str) -> str:
    """Return a column's name in small letters, without blanks and underscores: `Page start`, `page_start`, `pageStart`."""
    return re.sub(r"[\s_\ufeff]+", "", column).casefold()


def _layout(name: str, source: str, *signatures: str, only: bool = False, **columns: tuple[str, ...]) -> Layout:
    sets = tuple(frozenset(map(plain_name, signature.split(","))) for signature in signatures)
    return Layout(name, sets, source, columns, only)


# Column names as the tools write them in their exports of 2023 to 2026.
LAYOUTS: tuple[Layout, ...] = (
    _layout("Web of Science", "Web of Science", "article title, ut (unique wos id)", publication_types=("document type",)),
    # Tab-delimited, its columns named by the field tags (https://images.webofknowledge.com/images/help/WOS/hs_wos_fieldtags.html).
    _layout("Web of Science (tab)", "Web of Science", "pt, au, ti, so, ut", "pt, au, ti, so, py, ab", only=True,
            title=("ti",), abstract=("ab",), authors=("af", "au", "ba", "ca", "gp"), year=("py",), date=("pd",),
            early_access=("ea",), venue=("so", "se", "j9", "ji"), volume=("vl",), issue=("is",), first_page=("bp",),
            last_page=("ep",), article=("ar",), issn=("sn", "ei"), isbn=("bn",), publisher=("pu",), doi=("di",), pmid=("pm",),
            wos=("ut",), keywords=("de", "id"), language=("la",), publication_types=("dt",)),
    _layout("Scopus", "Scopus", "eid, source title", "author(s) id, source title",
            accession=("eid",), keywords=("author keywords", "index keywords")),
    _layout("IEEE Xplore", "IEEE Xplore", "document title, date added to xplore", "document title, document identifier",
            publication_types=("document identifier",)),
    _layout("Lens", "Lens", "lens id, title"),
    _layout("Dimensions", "Dimensions", "publication id, pubyear", "publication id, dimensions url"),
    _layout("OpenAlex", "OpenAlex", "display name, authorships.author.display name", "title, authorships.author.display name",
            given_id=(), accession=("id", "ids.openalex")),
    _layout("Embase", "Embase", "author names, emtree medical index terms", "author names, source, title", "embase accession id, title", "pui, embase link",
            accession=("pui", "embase accession id")),
    _layout("EBSCO", "", "accession number, plink", "long db name, an", "article title, doctype, plink"),
    _layout("ProQuest", "", "store id, title", "storeid, title"),
    _layout("SpringerLink", "SpringerLink", "item title, item doi"),
    _layout("Europe PMC", "Europe PMC", "author string, pub year", "extid, source, title"),
    _layout("Covidence", "", "covidence #, title"),
    _layout("Rayyan", "", "key, title, notes, authors", "rayyan id, title"),
    _layout("Zotero", "", "key, item type, abstract note"),
    _layout("ASReview", "", "title, asreview label", "record id, title, asreview ranking"),
    _layout("DistillerSR", "", "refid, title"),
    _layout("EPPI-Reviewer", "", "item id, title, short title", "itemid, title, short title",
            issn=("standard number",), publication_types=("type name", "item type")),
    _layout("Publish or Perish", "", "cites, gsrank, title"),
)  # fmt: skip


# What tools say of a work beside what identifies and describes it, parted by semicolons.
_LEFT_OUT = """
    book editors; book group authors; book author full names; editors; editor; book series subtitle; series; series title; number;
    conference title; conference name; conference date; conference location; conference sponsor; conference host; conference code;
    sponsors; meeting date; addresses; affiliations; affiliation; reprint addresses; correspondence address; author addresses;
    author affiliations; authors with affiliations; email addresses; researcher ids; orcids; author(s) id; country of author;
    country of source; source country; funding; funding orgs; funding name preferred; funding text; funding texts; funding details;
    funding information; references; cited references; cited reference count; number of references; reference count;
    times cited, wos core; times cited, all databases; 180 day usage count; since 2013 usage count; cited by; cited by count;
    times cited; recent citations; rcr; fcr; altmetric; article citation count; patent citation count; citing patents count;
    citing works count; publisher city; publisher address; place published; place; location; journal abbreviation;
    journal iso abbreviation; abbreviated source title; part number; supplement; special issue; meeting abstract; book doi; doi link;
    number of pages; page count; num pages; number of volumes; wos categories; web of science index; research areas; ids number;
    open access designations; highly cited status; hot paper status; date of export; web of science record; publication stage;
    open access; is open access; open access license; open access colour; source; coden; molecular sequence numbers; chemicals/cas;
    chemicals; tradenames; manufacturers; drug tradenames; drug manufacturer; device tradenames; device manufacturer; copyright;
    cas registry numbers; aip/ip entry date; full record entry date; summary language; emtree drug index terms (major focus);
    emtree medical index terms (major focus); entrez gene id; date added to xplore; copyright year; license; microsoft academic id;
    inspec non-controlled terms; inspec controlled terms; rank; acknowledgements; corresponding authors; authors (raw affiliation);
    authors affiliations; research organizations - standardized; grid ids; city of standardized research organization;
    state of standardized research organization; country of standardized research organization; funder; funder group; funder country;
    uids of supporting grants; supporting grants; rcdc categories; hrcs hc categories; hrcs rac categories; cancer types;
    cso categories; units of assessment; sustainable development goals; date added; date modified; access date; rights; archive;
    archive location; library catalog; call number; extra; notes; file attachments; link attachments; short title; study; tags; ref;
    journal abbreviation; customizations; classification; classification codes; copyright holder; document url; find a copy;
    place of publication; country of publication; language of summary; entry date; company; companies; start date; authorships.author.id;
    authorships.author.orcid; authorships.countries; authorships.institutions.display name; authorships.institutions.id;
    authorships.is corresponding; best oa location.license; citation normalized percentile.value; corresponding institution ids;
    funders.display name; fwci; open access.is oa; open access.oa status; primary location.source.id;
    primary location.source.type; primary topic.display name; peer reviewed; image quick views; degree; publication type; pub types; extid;
    has pdf; is open access; in epmc; in pmc; has book; has suppl; series number; series text; series editor; translator; contributor;
    attorney agent; book author; cast member; commenter; composer; cosponsor; counsel; interviewer; producer; recipient;
    reviewed author; scriptwriter; words by; guest; edition; running time; scale; medium; artwork size; filing date;
    application number; assignee; issuing authority; country; meeting name; court; reporter; legal status; priority numbers;
    programming language; version; system; code; code number; section; session; committee; history; legislative body;
    number of volumes
"""
_TAGS_LEFT_OUT = """
    pt; be; bf; bs; ct; cy; cl; sp; ho; c1; c3; rp; em; ri; oi; fu; fp; fx; cr; nr; tc; z9; u1; u2; pi; pa; pn; su; si; ma; d2; dl; pg; wc;
    we; sc; ga; oa; hc; hp; da; ba; gp; ca; se; j9; ji
"""
"""The same by the field tags of Web of Science."""
LEFT_OUT = frozenset(map(plain_name, f"{_LEFT_OUT};{_TAGS_LEFT_OUT}".split(";")))
"""The columns of tools that are known of which nothing is read, as `plain_name`: nobody need be told of them each time."""


def layout_of(columns: Sequence[str]) -> Layout | None:
    """Return the tool that writes these columns, as far as it is known."""
    names = [plain_name(column) for column in columns]
    return next((layout for layout in LAYOUTS if layout.known_by(names)), None)


@cache
def _plain_names(layout: Layout | None) -> dict[str, tuple[str, ...]]:
    """Return what the columns of each field are called, the preferred ones first, as `plain_name`."""
    if layout and layout.only:
        return {name: tuple(map(plain_name, names)) for name, names in layout.columns.items()}
    names_of = {**COLUMNS, **(layout.columns if layout else {})}
    return {name: tuple(map(plain_name, (*names, name))) for name, names in names_of.items()}


def columns_by_field(columns: Sequence[str]) -> dict[str, list[str]]:
    """Return which columns hold which field, the preferred ones first. No column holds two."""
    by_name = {plain_name(column): column for column in reversed(columns)}
    taken: set[str] = set()
    found: dict[str, list[str]] = {}
    for name, names in _plain_names(layout_of(columns)).items():
        for column_name in names:
            column = by_name.get(column_name)
            if column is not None and column not in taken:
                taken.add(column)
                found.setdefault(name, []).append(column)
    return found


def has_known_column(columns: Sequence[str]) -> bool:
    """Return whether any of these columns holds something that is known."""
    return bool(columns_by_field(columns))


def identifying(columns: Sequence[str]) -> dict[str, str]:
    """Return which column holds what a record can be known by, as `plain_entry` names it."""
    fields = ("given_id", "doi", "pmid", "arxiv", "wos", "url", "title")
    return {name: found[0] for name, found in columns_by_field(columns).items() if name in fields}


def names_in(cells: Sequence[str]) -> int:
    """Return how likely a line names the columns of a table: the number of known fields, 0 without a title."""
    found = columns_by_field([cell for cell in cells if cell.strip()])
    return len(found) if CERTAIN in found else 0


def names_columns(line: str) -> int:
    """Return how likely a line of text names the columns of a table, whatever sign parts them; see `names_in`."""
    return max(names_in(next(csv.reader([line], delimiter=delimiter), [])) for delimiter in ",;\t|")
