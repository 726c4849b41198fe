"""Databases that are asked for records over the network, and the one HTTP client through which everything is asked.

A database is in a module of its own and in `DATABASES`, by the name that a review's sources file gives it. A package that
adds one declares it as an entry point of the group `screener.sources`:

    [project.entry-points."screener.sources"]
    mydatabase = "my_package:DATABASE"
"""

from ..core.registry import Registry
from . import arxiv, citations, clinicaltrials, crossref, dblp, europepmc, huggingface, openalex, pubmed, zenodo
from .addresses import SeenAddress, look_at, web_address
from .database import Database, Page, Search
from .foreign import ForeignDatabase
from .http import Client, OutOfBudgetError, RejectedError, SourceError
from .look_up_memory import LookUpMemory
from .look_up_numbers import (
    ArXivNumbers,
    CrossrefNumbers,
    EuropePmcNumbers,
    OpenAlexNumbers,
    PubMedNumbers,
    SemanticScholarNumbers,
)
from .look_up_pages import VENUES, OpenReviewNotes
from .look_up_titles import OpenAlexTitles, SemanticScholarTitles
from .look_ups import Judged, Known, LookUp, Verdict, addition, judged
from .snapshots import KeptPage, SearchSnapshot, begin, fetch, snapshots_in

__all__ = [
    "DATABASES",
    "LOOK_UPS",
    "Client",
    "Database",
    "ForeignDatabase",
    "Judged",
    "KeptPage",
    "Known",
    "LookUp",
    "LookUpMemory",
    "OutOfBudgetError",
    "Page",
    "RejectedError",
    "Search",
    "SearchSnapshot",
    "SeenAddress",
    "SourceError",
    "Verdict",
    "addition",
    "begin",
    "fetch",
    "judged",
    "look_at",
    "snapshots_in",
    "web_address",
]

_BUILT_IN: dict[str, Database] = {
    "arxiv": arxiv.DATABASE,
    "clinicaltrials": clinicaltrials.DATABASE,
    "crossref": crossref.DATABASE,
    "dblp": dblp.DATABASE,
    "europepmc": europepmc.DATABASE,
    "huggingface": huggingface.DATABASE,
    "openalex": openalex.DATABASE,
    "openalexcitations": citations.DATABASE,
    "pubmed": pubmed.DATABASE,
    "zenodo": zenodo.DATABASE,
}
DATABASES: Registry[Database] = Registry("screener.sources", Database, _BUILT_IN)  # type: ignore[type-abstract]
"""The databases by name, in lower case without blanks: `pubmed`, `huggingface`."""
LOOK_UPS: tuple[LookUp, ...] = (
    EuropePmcNumbers(), OpenAlexNumbers(), CrossrefNumbers(), PubMedNumbers(), ArXivNumbers(), SemanticScholarNumbers(),
    OpenReviewNotes(), *VENUES, SemanticScholarTitles(), OpenAlexTitles(),
)  # fmt: skip
"""The services that are asked about single records, in this order: by identifier, where they were published, by title."""
