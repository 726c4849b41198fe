"""Where OpenAlex and Unpaywall know the full text of a work to be free.

Both list locations with a landing page and, where they know it, the address of the PDF. Unpaywall wants an e-mail address.

Sources: https://docs.openalex.org/api-entities/works/work-object/location-object, https://unpaywall.org/data-format
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..records import Record
from ..records.normalise import arxiv, pmcid
from . import openalex
from .http import Client
from .json_pages import Item, ask, at
from .services import UNPAYWALL


@dataclass(frozen=True)
class FreePlaces:
    """What a service knows of a work: the addresses of its free copies, best first, and its numbers elsewhere."""

    addresses: tuple[str, ...] = ()
    arxiv: str = ""
    pmcid: str = ""
    unknown: bool = False
    """Whether the service does not know the work."""


def by_openalex(client: Client, record: Record) -> FreePlaces:
    """Return what OpenAlex knows of a record with a DOI or PMID. Raises `SourceError`, `OutOfBudgetError`."""
    name = f"doi:{quote(record.doi, safe='/')}" if record.doi else f"pmid:{record.pmid}"
    _, work = openalex.works(client, {}, path=f"works/{name}", allowed=(404,))
    if not isinstance(work, dict):
        return FreePlaces(unknown=True)
    places = [at(work, "best_oa_location"), *_items(at(work, "locations"))]
    addresses = [place.get("pdf_url") or place.get("landing_page_url") for place in places if _is_free(place)]
    pages = [place.get("landing_page_url") for place in places if isinstance(place, dict)]
    central = str(at(work, "ids", "pmcid") or "").rstrip("/").rpartition("/")[2]
    if central.isdigit():
        central = f"PMC{central}"
    return _places([*addresses, at(work, "open_access", "oa_url")], pages, central)


def by_unpaywall(client: Client, record: Record) -> FreePlaces:
    """Return what Unpaywall knows of a record with a DOI. Raises `SourceError`."""
    path = quote(record.doi or "", safe="/")
    _, work = ask(client, UNPAYWALL, path, {"email": client.contact}, allowed=(404,))
    if not isinstance(work, dict):
        return FreePlaces(unknown=True)
    places = [at(work, "best_oa_location"), *_items(at(work, "oa_locations"))]
    addresses = [place.get("url_for_pdf") or place.get("url") for place in places if isinstance(place, dict)]
    return _places(addresses, [], "")


def _items(value: Any) -> list[Item]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_free(place: Any) -> bool:
    return isinstance(place, dict) and bool(place.get("is_oa") or place.get("pdf_url"))


def _places(addresses: Iterable[Any], pages: Iterable[Any], central: str) -> FreePlaces:
    usable = dict.fromkeys(url for url in addresses if isinstance(url, str) and url.startswith(("http://", "https://")))
    everywhere = [*usable, *(page for page in pages if isinstance(page, str))]
    number = next(filter(None, map(arxiv_number, everywhere)), "")
    central = pmcid(central) or next(filter(None, map(central_number, everywhere)), "")
    left = tuple(url for url in usable if not arxiv_number(url) and not central_number(url))
    return FreePlaces(left, number, central)


def arxiv_number(address: str) -> str:
    """Return the arXiv id that an address of arXiv, or a DOI of its, has; empty for another address."""
    known = "arxiv.org/" in address.lower() or "10.48550/arxiv" in address.lower()
    return (arxiv(address.partition("arxiv.org/")[2] or address) or "") if known else ""


def central_number(address: str) -> str:
    """Return the PMCID that an address of PubMed Central or Europe PMC has; empty for another address."""
    known = "ncbi.nlm.nih.gov/" in address.lower() or "europepmc.org/" in address.lower()
    return (pmcid(address) or "") if known else ""
