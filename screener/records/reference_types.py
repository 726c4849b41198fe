"""Types of references: one table of how RIS, BibTeX, CSL, EndNote and databases name them.

RIS's codes are the common language: the most complete list that all reference managers write. Sources: the RIS
specification (`TY`), BibLaTeX's manual (entry types), CSL 1.0.2 (`type`), EndNote's reference types with the numbers its
XML gives them, MEDLINE's publication types, Web of Science's document types, and the type lists of the APIs of Crossref,
OpenAlex, DBLP, DataCite and Zenodo.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class ReferenceType:
    """A type of reference. Of several names in one vocabulary, separated by `;`, the first is the one to write.

    `endnote` is its name in `%0` and in EndNote XML, `number` that XML's number of it (0: EndNote has none).
    `databases` are names that databases give it, `pubmed` those of MEDLINE, whose other publication types (trial, review,
    legal case, video) are kinds of articles in journals.
    """

    ris: str
    endnote: str = ""
    number: int = 0
    bibtex: str = ""
    csl: str = ""
    pubmed: str = ""
    databases: str = ""


# The order matters: of several names that one record has, the type that comes first here is taken, so what tells most
# stands above "article" and "other".
REFERENCE_TYPES: tuple[ReferenceType, ...] = (
    ReferenceType("THES", "Thesis", 32, "phdthesis;thesis;mastersthesis;bathesis;bachelorthesis;masterthesis", "thesis",
                  "Academic Dissertation;Dissertation", "dissertation;thesis;doctoral thesis;publication-thesis"
                  ";Dissertations and Theses;doctoral dissertation;phd thesis;Books and Theses"),
    ReferenceType("PAT", "Patent", 25, "patent", "patent", "Patent", "patent;publication-patent"),
    ReferenceType("DATA", "Dataset", 59, "dataset;data", "dataset", "", "dataset;data set;data study;database"
                  ";Data and Artifacts;component"),
    ReferenceType("COMP", "Computer Program", 9, "software;softwareversion;softwaremodule", "software", "", "software;computer program"
                  ";workflow;computationalnotebook;model"),
    ReferenceType("CTLG", "Catalog", 8, "", "", "", "catalog"),
    ReferenceType("EDBOOK", "Edited Book", 28, "collection;mvcollection", "", "", "edited-book;Editorship"
                  ";Books and Proceedings"),
    ReferenceType("CHAP", "Book Section", 5, "incollection;inbook;bookinbook;suppbook;suppcollection", "chapter",
                  "Book Chapter", "book-chapter;book-section;book-part;book-track;reference-entry;bookchapter"
                  ";publication-section;Parts in Books or Collections;book chapter;bookitem;chapter"),
    ReferenceType("ECHAP", "Electronic Book Section", 60, "", "", "", "electronic book section"),
    ReferenceType("CPAPER", "Conference Paper", 47, "inproceedings;conference", "paper-conference", "Congress",
                  "proceedings-article;Proceedings Paper;Conference and Workshop Papers;publication-conferencepaper"
                  ";conference paper;conferencepaper;conference-paper;conference item;Conference Proceedings;conference presentation"),
    ReferenceType("ABST", "", 0, "", "", "Meeting Abstract", "meeting abstract;conference abstract;conferenceabstract"
                  ";conference-abstract;Abstract of Published Item"),
    ReferenceType("CONF", "Conference Proceedings", 10, "proceedings;mvproceedings", "periodical-proceedings", "",
                  "proceedings;proceedings-series;publication-proceeding;conferenceproceeding;conference proceeding"
                  ";Consensus Development Conference"),
    ReferenceType("ENCYC", "Encyclopedia", 53, "inreference;reference", "entry-encyclopedia", "", "Reference Works"
                  ";encyclopedia;encyclopediaarticle"),
    ReferenceType("DICT", "Dictionary", 52, "", "entry-dictionary", "", "dictionary;dictionaryentry"),
    ReferenceType("UNPB", "Unpublished Work", 34, "unpublished", "manuscript", "Preprint", "posted-content;preprint"
                  ";publication-preprint;publication-workingpaper;working paper;workingpaper;unpublished work;unpublished"
                  ";Informal Publications;Informal and Other Publications;repository;publication-technicalnote"),
    ReferenceType("INPR", "", 0, "", "", "", "article in press;in press"),
    ReferenceType("EBOOK", "Electronic Book", 44, "ebook", "", "", "electronic book;e-book"),
    ReferenceType("BOOK", "Book", 6, "book;mvbook", "book", "Monograph", "book;monograph;reference-book;book-set;book-series"
                  ";publication-book;Book;Books;multi-volume work;whole book;Book, Whole"),
    ReferenceType("RPRT", "Report", 27, "techreport;report", "report", "",
                  "report;report-component;report-series;publication-report;publication-deliverable;technical report"
                  ";publication-projectdeliverable;publication-milestone;clinical trial report;publication-datamanagementplan"),
    ReferenceType("GOVDOC", "Government Document", 46, "", "", "", "government document"),
    ReferenceType("STAND", "Standard", 58, "standard", "standard", "", "standard;standard-series"),
    ReferenceType("GRANT", "Grant", 54, "", "", "", "grant;award;award grant;Awarded Grant"),
    ReferenceType("SLIDE", "", 0, "", "speech", "", "presentation;slides;poster;lecture;speech"),
    ReferenceType("VIDEO", "Audiovisual Material", 3, "video;movie", "motion_picture;broadcast", "",
                  "video;audiovisual;DVD, Video, Media;video recording;videorecording"),
    ReferenceType("MPCT", "Film or Broadcast", 21, "", "", "", "film;motion picture;film or broadcast;tvbroadcast"),
    ReferenceType("SOUND", "Podcast", 0, "audio", "song", "", "sound;audio recording;audiorecording;podcast;audio"),
    ReferenceType("MUSIC", "Music", 61, "music", "musical_score", "", "music score;music"),
    ReferenceType("BLOG", "Blog", 56, "", "post-weblog", "", "blog;blog post;blogpost"),
    ReferenceType("ELEC", "Web Page", 12, "online;electronic;www;webpage", "webpage;post", "",
                  "web page;webpage;website;electronic source;Internet resource;web"),
    ReferenceType("NEWS", "Newspaper Article", 23, "", "article-newspaper", "Newspaper Article", "newspaper article"
                  ";newspaper;newspaperarticle;News Item"),
    ReferenceType("MGZN", "Magazine Article", 19, "", "article-magazine", "", "magazine article;magazine;Article In A Periodical;trade journal"
                  ";magazinearticle"),
    ReferenceType("EJOUR", "Electronic Article", 43, "", "", "", "electronic article;electronic journal article"),
    ReferenceType("PAMP", "Pamphlet", 24, "booklet", "pamphlet", "", "pamphlet;booklet"),
    ReferenceType("MANSCPT", "Manuscript", 36, "", "", "", "manuscript"),
    ReferenceType("PCOMM", "Personal Communication", 26, "letter", "personal_communication", "",
                  "personal communication;e-mail;email"),
    ReferenceType("ICOMM", "", 0, "", "", "", "internet communication;forum post;instant message"),
    ReferenceType("INTV", "Interview", 0, "", "interview", "", "interview"),
    ReferenceType("MAP", "Map", 20, "", "map", "", "map"),
    ReferenceType("ART", "Artwork", 2, "artwork;image", "graphic", "", "artwork;art work;image;image-photo"),
    ReferenceType("FIGURE", "Figure", 37, "", "figure", "", "image-figure;figure;image-diagram"),
    ReferenceType("CHART", "Chart or Table", 38, "", "", "", "chart;image-plot"),
    ReferenceType("EQUA", "Equation", 39, "", "", "", "equation"),
    ReferenceType("DBASE", "Online Database", 45, "", "", "", "online database"),
    ReferenceType("AGGR", "Aggregated Database", 55, "", "", "", "aggregated database"),
    ReferenceType("MULTI", "Online Multimedia", 48, "", "", "", "online multimedia;interactiveresource"),
    ReferenceType("BILL", "Bill", 4, "legislation", "bill", "", "bill"),
    ReferenceType("CASE", "Case", 7, "jurisdiction", "legal_case", "", "case"),
    ReferenceType("HEAR", "Hearing", 14, "", "hearing", "", "hearing"),
    ReferenceType("LEGAL", "Legal Rule or Regulation", 50, "legal", "legislation;regulation", "", "legal rule"),
    ReferenceType("STAT", "Statute", 31, "", "", "", "statute"),
    ReferenceType("ANCIENT", "Ancient Text", 51, "", "classic", "", "ancient text"),
    ReferenceType("CLSWK", "Classical Work", 49, "", "", "", "classical work"),
    ReferenceType("SER", "Serial", 57, "", "", "", "serial;book-series;journal-volume"),
    ReferenceType("PRESS", "Press Release", 0, "", "", "", "press release"),
    ReferenceType("JFULL", "", 0, "periodical", "periodical", "", "journal;journal-issue;whole journal"),
    ReferenceType("JOUR", "Journal Article", 17, "article;suppperiodical;review;newsarticle",
                  "article-journal;article;review;review-book", "Journal Article", "journal-article;article;review;letter;editorial"
                  ";Journal Articles;publication-article;Editorial Material;Note;Short Survey;Erratum;Correction;Retraction"
                  ";Retracted Publication;Letter;Book Review;Correction, Addition;Data Paper;Reprint;Biographical-Item"
                  ";journal article;peer-review;journalarticle;review article;retraction note;paratext"
                  ";News;Discussion;Software Review;Hardware Review;Expression of Concern;Early Access"),
    ReferenceType("GEN", "Generic", 13, "misc;bibnote;set;xdata;manual", "document;entry;treaty;collection;performance", "",
                  "other;libguides;supplementary-materials;peer review;generic;miscellaneous;lesson;publication-other"),
)  # fmt: skip
_VOCABULARIES = ("ris", "bibtex", "csl", "endnote", "pubmed", "databases")
CODES = frozenset(kind.ris for kind in REFERENCE_TYPES)
"""RIS's codes that have a line here."""


def ris_type(names: Iterable[object], vocabulary: str = "databases") -> str:
    """Return RIS's code for the type names that a source gives one record, the most telling of them; empty for none.

    `vocabulary` is `ris`, `bibtex`, `csl`, `endnote` (names or numbers), `pubmed` or `databases` (Web of Science, Scopus,
    Crossref, OpenAlex, DBLP, DataCite, Zenodo). Case, blanks and hyphens don't matter.
    """
    places = _places(vocabulary)
    known = [places[key] for name in names if (key := _key(name)) in places]
    return REFERENCE_TYPES[min(known)].ris if known else ""


def type_name(ris: str, vocabulary: str) -> str:
    """Return how a vocabulary writes a type that has this RIS code: the name for a generic reference where it has none."""
    names = {kind.ris: str(getattr(kind, vocabulary)).split(";")[0] for kind in REFERENCE_TYPES}
    return names.get(ris) or _NEAREST.get((vocabulary, ris), "") or names["GEN"]


# Where a vocabulary has no such type, the nearest one that it has.
_NEAREST = {
    **{("bibtex", ris): "article" for ris in ("EJOUR", "INPR", "NEWS", "MGZN", "ABST", "SER")},
    **{("csl", ris): "article-journal" for ris in ("EJOUR", "INPR", "SER")},
    **{("endnote", ris): "Journal Article" for ris in ("INPR", "JFULL")},
    **{(vocabulary, "ECHAP"): name for vocabulary, name in (("bibtex", "incollection"), ("csl", "chapter"))},
    **{(vocabulary, ris): "book" for vocabulary in ("bibtex", "csl") for ris in ("EBOOK", "EDBOOK")},
    ("csl", "ABST"): "paper-conference",
    ("endnote", "ABST"): "Conference Paper",
    ("csl", "GOVDOC"): "report",
    ("bibtex", "GOVDOC"): "techreport",
    ("bibtex", "DBASE"): "dataset",
    ("csl", "DBASE"): "dataset",
    ("csl", "AGGR"): "dataset",
    ("csl", "VIDEO"): "motion_picture",
    ("csl", "MANSCPT"): "manuscript",
    ("bibtex", "MANSCPT"): "unpublished",
    ("bibtex", "BLOG"): "online",
}


@cache
def _places(vocabulary: str) -> dict[str, int]:
    if vocabulary not in _VOCABULARIES:
        raise ValueError(f"no vocabulary `{vocabulary}`; there are {', '.join(_VOCABULARIES)}")
    places: dict[str, int] = {}
    for place, kind in enumerate(REFERENCE_TYPES):
        names = str(getattr(kind, vocabulary)).split(";")
        if vocabulary == "endnote" and kind.number:
            names.append(str(kind.number))
        for name in filter(None, map(_key, names)):
            places.setdefault(name, place)
    return places


def _key(name: object) -> str:
    return re.sub(r"[\W_]+", "", str(name or "")).casefold()
