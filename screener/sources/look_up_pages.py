"""Looking up papers where they were published: OpenReview, PMLR, NeurIPS, CVF, ACL Anthology and AAAI.

A paper is found by the address that DBLP gives it (its electronic edition), or by a DOI from which the address follows.

Sources: https://docs.openreview.net/reference/api-v2/openapi-definition (notes; in the first version of the API a field is
its value, in the second it has one), and the pages themselves.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..records import Entry, Record
from .http import Answer, Client, no_json
from .json_pages import at, listed
from .look_ups import Known
from .paper_pages import paper_of
from .services import AAAI, ACL, CVF, NEURIPS, OPENREVIEW, OPENREVIEW_1, PMLR, Service

PAGE_BYTES = 5_000_000


def _addresses(record: Record) -> list[str]:
    return [record.url, *record.open_access]


@dataclass(frozen=True)
class VenuePages:
    """The pages of a venue. `hosts` are its own; `of_doi` finds the path of a page in a DOI."""

    name: str
    service: Service
    hosts: tuple[str, ...]
    of_doi: re.Pattern[str] | None = None
    path_of_doi: str = ""
    adapt: Callable[[str], str] = field(default=lambda path: path)
    """Makes of the path of an address that of the paper's page."""
    together: int = 1
    everything: bool = False

    def key(self, record: Record) -> str:
        """Return the path of a record's page as a key; empty where it has none here."""
        for address in _addresses(record):
            parts = urlsplit(address)
            if parts.hostname in self.hosts and len(parts.path) > 1:
                path = self.adapt(parts.path)
                return "" if path.lower().endswith(".pdf") else f"page:{path}"
        match = self.of_doi.fullmatch(record.doi) if self.of_doi and record.doi else None
        return f"page:{match.expand(self.path_of_doi)}" if match else ""

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what the page says; nothing where it is gone. Raises `SourceError`."""
        known = dict[str, list[Entry]]()
        for key in keys:
            url = self.service.url(key.partition(":")[2])
            answer = client.get(self.service, url, look_up=True, most=PAGE_BYTES, allowed=(404, 410))
            paper = paper_of(answer.body.decode("utf-8", "replace")) if answer.status < 400 else None
            if paper is not None:
                known[key] = [paper]
        return known


class OpenReviewNotes:
    """OpenReview, by its API."""

    name, together, everything = "OpenReview", 1, False

    def key(self, record: Record) -> str:
        """Return the number of a record's forum."""
        for address in _addresses(record):
            parts = urlsplit(address)
            if parts.hostname in ("openreview.net", "www.openreview.net") and (
                found := parse_qs(parts.query).get("id")
            ):
                return f"page:{found[0]}"
        return ""

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return the paper of a forum; where the second version of the API has none, that of the first."""
        known = dict[str, list[Entry]]()
        for key in keys:
            for service in (OPENREVIEW, OPENREVIEW_1):
                if papers := _notes(client, service, key.partition(":")[2]):
                    known[key] = papers
                    break
        return known


def _notes(client: Client, service: Service, number: str) -> list[Entry]:
    # A forum of the other version of the API is refused or not found.
    absent, lasting = (400, 403, 404), (400, 404)

    def fault(answer: Answer) -> str:
        return "" if answer.status in absent else no_json(answer)

    params = {"id": number}
    answer = client.get(
        service, service.url("notes"), params, look_up=True, allowed=absent, lasting=lasting, fault=fault
    )
    if answer.status in absent:
        return []
    notes = listed(service, json.loads(answer.body), "notes")
    return [paper for note in notes if (paper := _paper(note)) is not None]


def _paper(note: Any) -> Entry | None:
    title, abstract = _value(note, "title"), _value(note, "abstract")
    if not isinstance(title, str) or not title.strip():
        return None
    authors = _value(note, "authors")
    stamp = at(note, "pdate") or at(note, "cdate")
    return Entry(
        title=" ".join(title.split()),
        abstract=" ".join(abstract.split()) if isinstance(abstract, str) else "",
        authors=tuple(name for name in authors if isinstance(name, str)) if isinstance(authors, list) else (),
        year=datetime.fromtimestamp(stamp / 1000, UTC).year if isinstance(stamp, int) else None,
    )


def _value(note: Any, name: str) -> Any:
    value = at(note, "content", name)
    return value.get("value") if isinstance(value, dict) else value


def _pmlr(path: str) -> str:
    """Return the path of a page for that of its PDF: `/v97/name19a/name19a.pdf`."""
    return re.sub(r"^(/v\d+/[^/]+)(?:/[^/]+)?\.pdf$", r"\1.html", path)


def _neurips(path: str) -> str:
    """Return the path of a page for that of its PDF: `…/file/HASH-Paper-Conference.pdf`."""
    return re.sub(r"/file/([^/]+)-Paper(.*)\.pdf$", r"/hash/\1-Abstract\2.html", path)


def _cvf(path: str) -> str:
    return re.sub(r"/papers/([^/]+)\.pdf$", r"/html/\1.html", path)


def _acl(path: str) -> str:
    return re.sub(r"^(?:/anthology)?(/[^/]+?)(?:\.pdf)?/?$", r"\1", path)


VENUES: tuple[VenuePages, ...] = (
    VenuePages("PMLR", PMLR, ("proceedings.mlr.press",), adapt=_pmlr),
    VenuePages("NeurIPS", NEURIPS, ("papers.nips.cc", "papers.neurips.cc", "proceedings.neurips.cc"), adapt=_neurips),
    VenuePages("CVF", CVF, ("openaccess.thecvf.com",), adapt=_cvf),
    VenuePages(
        "ACL Anthology", ACL, ("aclanthology.org", "www.aclweb.org", "aclweb.org"),
        re.compile(r"10\.18653/v1/([a-z0-9.-]+)"), r"/\1", _acl,
    ),
    VenuePages(
        "AAAI", AAAI, ("ojs.aaai.org",), re.compile(r"10\.1609/aaai\.v\d+i\d+\.(\d+)"), r"/index.php/AAAI/article/view/\1"
    ),
)  # fmt: skip
