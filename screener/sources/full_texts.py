"""The full text of a work, looked for where it may be had for free: arXiv, PubMed Central, open-access locations.

In this order: arXiv by the work's id; PubMed Central by its PMCID (see `central`); the page that its own row names, where it
is one of a conference whose files are known (see `venue_files`) or says itself where its PDF is; the open-access locations of
OpenAlex and Unpaywall (see `free_places`). What comes is looked at before it is kept (see `file_kinds`): no web page is taken
for a paper.

Sources: https://info.arxiv.org/help/robots.html, https://info.arxiv.org/help/bulk_data.html (arXiv's PDFs under `/pdf/ID`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ..records import Record
from ..records.normalise import arxiv
from . import central
from .file_kinds import JATS, PDF, file_link, kind_of
from .free_places import FreePlaces, arxiv_number, by_openalex, by_unpaywall, central_number
from .full_text_outcome import Attempt, FoundText, Outcome, Supplement, Supplements
from .http import Answer, Client, ElsewhereError, OutOfBudgetError, SourceError, UnusableAddressError, title
from .services import ARXIV_PDF, OPENALEX, PMC, PMC_CLOUD, PUBMED, UNPAYWALL, Service, host_service
from .venue_files import addresses, venue_files

MOST_BYTES = 100_000_000
"""Bytes of a file that are read at most."""
NOT_FETCHED = "not fetched"
"""What is said of a supplement that is known to be there and was not wanted."""
NOTHING_KNOWN = "it has no DOI, PMID, PMCID, arXiv id or link to look for it by"
_ABSENT = (400, 401, 402, 403, 404, 405, 406, 410, 418, 451)
"""Statuses by which a server says that it has not, or does not give, a file."""
_READABLE = (".pdf", ".txt", ".md", ".html", ".htm", ".xml")
CENTRAL = "PubMed Central"

Refused = Callable[[bytes, str], str]
"""Says why a file, by its content and ending, is not taken for the full text; empty for one that is."""


class FullTextFinder:
    """Looks for full texts, one work after the other. A service that does not answer is not asked again by the same finder."""

    def __init__(self, client: Client, *, supplements: bool = False) -> None:
        """`supplements` are fetched too, where they are known to be."""
        self.client = client
        self.supplements = supplements
        self.down = dict[str, str]()
        """What services that do not answer say, by their address."""

    def places(self, record: Record) -> list[str]:
        """Return the names of what would be asked for a record, in order."""
        return [name for name, can_ask, _ in _Search(self, record).steps() if can_ask]

    def find(self, record: Record, refused: Refused = lambda *_: "") -> Outcome:
        """Look for the full text of a record; a file that is `refused` is not taken, and the search goes on.

        Raises `OutOfBudgetError` where no more may be asked in this run.
        """
        return _Search(self, record, refused).run()

    def beside(self, record: Record) -> Supplements:
        """Fetch the supplements of a work whose full text is there. Raises as `find`."""
        return _Search(self, record).beside_it()


@dataclass
class _Search:
    """The search for one full text."""

    finder: FullTextFinder
    record: Record
    refused: Refused = lambda *_: ""
    attempts: list[Attempt] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    package: str = ""
    beside: tuple[str, ...] | None = None
    """The addresses of supplements, None where nothing lists them."""
    packed: list[tuple[str, bytes]] | None = None
    """The supplements of a package that was fetched."""
    venue: str = ""
    """The address at which a conference keeps a supplement, if there is one."""

    @property
    def client(self) -> Client:
        return self.finder.client

    def steps(self) -> Iterator[tuple[str, bool, Callable[[], FoundText | None]]]:
        """Yield what is asked: its name, whether the record has what it takes, and how."""
        record, pmcid = self.record, self.pmcid()
        number = record.arxiv or arxiv(record.doi) or next(filter(None, map(arxiv_number, addresses(record))), "")
        yield "arXiv", bool(number), lambda: self.from_arxiv(number)
        yield CENTRAL, bool(pmcid), lambda: self.from_central(pmcid)
        yield "its own link", any(self.own_links()), self.links
        yield "OpenAlex", bool(record.doi or record.pmid), lambda: self.free("OpenAlex", OPENALEX, by_openalex)
        unpaywall = bool(record.doi and self.client.contact)
        yield "Unpaywall", unpaywall, lambda: self.free("Unpaywall", UNPAYWALL, by_unpaywall)

    def pmcid(self) -> str:
        """Return the work's number in PubMed Central, empty if none is known."""
        return self.record.pmcid or next(filter(None, map(central_number, addresses(self.record))), "")

    def run(self) -> Outcome:
        """Ask one after the other until there is a file."""
        steps = [step for _, can_ask, step in self.steps() if can_ask]
        if not steps:
            self.note("", "", NOTHING_KNOWN)
        for step in steps:
            file = step()
            if file is not None:
                return Outcome(file, tuple(self.attempts), self.supplements(file))
        return Outcome(None, tuple(self.attempts))

    def note(self, source: str, url: str, why: str, *, passes: bool = False) -> None:
        self.attempts.append(Attempt(source, url, why, passes))

    def answer(self, source: str, service: Service, ask: Callable[[], Answer], url: str) -> Answer | None:
        """Return what a service answers; None where it does not, which is noted."""
        if service.base in self.finder.down:
            self.note(source, url, self.finder.down[service.base], passes=True)
            return None
        try:
            return ask()
        except UnusableAddressError as error:
            self.note(source, url, _said(service, error))
        except SourceError as error:
            self.failed(source, service, url, error)
        return None

    def failed(self, source: str, service: Service, url: str, error: SourceError) -> None:
        """Note that a service cannot be asked now. Raises where no more may be asked at all."""
        if isinstance(error, OutOfBudgetError) and self.client.is_spent:
            raise error
        if isinstance(error, ElsewhereError):
            self.note(source, url, _said(service, error), passes=True)
            return
        self.finder.down[service.base] = _said(service, error)
        self.note(source, url, self.finder.down[service.base], passes=True)

    def fetch(
        self,
        source: str,
        url: str,
        service: Service | None = None,
        params: dict[str, str] | None = None,
        *,
        follow: bool = True,
    ) -> FoundText | None:
        """Return the full text at an address, or at the one that the page there names; None where there is none."""
        if url in self.asked:
            return None
        self.asked.add(url)
        where = service or host_service(url)
        options = {"most": MOST_BYTES, "allowed": _ABSENT}
        answer = self.answer(source, where, lambda: self.client.get(where, url, params, **options), url)  # type: ignore[arg-type]
        if answer is None:
            return None
        if answer.status >= 400:
            denied = answer.status in (401, 402, 403, 418, 451)
            self.note(source, url, f"{'access is refused' if denied else 'nothing is there'} (status {answer.status})")
            return None
        suffix, why = kind_of(answer)
        if suffix:
            return self.taken(FoundText(source, url, suffix, answer.body))
        link = file_link(answer) if follow else ""
        if link.startswith(("http://", "https://")) and link not in self.asked:
            return self.fetch(source, link, follow=False)
        self.note(source, url, why)
        return None

    def taken(self, file: FoundText) -> FoundText | None:
        """Return a file that is not refused."""
        why = self.refused(file.body, file.suffix)
        if why:
            self.note(file.source, file.url, why)
        return None if why else file

    def from_arxiv(self, number: str) -> FoundText | None:
        """Return the PDF of arXiv's newest version."""
        return self.fetch("arXiv", ARXIV_PDF.url(number), ARXIV_PDF)

    def from_central(self, pmcid: str) -> FoundText | None:
        """Return the PDF of an article in PubMed Central, else the article in JATS."""
        if pmcid in self.asked:
            return None
        self.asked.add(pmcid)
        said = list[str]()
        for files in self.central_files(pmcid):
            for url in filter(None, (files.pdf, files.xml)):
                if file := self.fetch(CENTRAL, url, follow=False):
                    return file
            if files.package and not files.pdf and (file := self.unpacked()):
                return file
            said += [files.why] if files.why else []
        url, params = central.jats_address(self.client, pmcid)
        address = f"{url}?db=pmc&id={params['id']}"
        answer = self.answer(
            CENTRAL, PUBMED, lambda: self.client.get(PUBMED, url, params, most=MOST_BYTES, allowed=_ABSENT), address
        )
        if answer is not None and answer.status < 400 and kind_of(answer)[0] == JATS:
            return self.taken(FoundText(CENTRAL, address, JATS, answer.body))
        if answer is not None:
            self.note(CENTRAL, "", "; ".join(said) or "it has no text of it")
        return None

    def central_files(self, pmcid: str) -> Iterator[central.CentralFiles]:
        """Yield what each service of PubMed Central has of an article; where its supplements are is kept."""
        for service, look in ((PMC, central.by_open_access_service), (PMC_CLOUD, central.by_cloud_service)):
            files = self.listed(service, look, pmcid)
            if files is not None:
                self.package = self.package or files.package
                self.beside = files.beside if files.beside is not None else self.beside
                yield files

    def listed(
        self, service: Service, look: Callable[[Client, str], central.CentralFiles], pmcid: str
    ) -> central.CentralFiles | None:
        if service.base in self.finder.down:
            self.note(CENTRAL, "", self.finder.down[service.base], passes=True)
            return None
        try:
            return look(self.client, pmcid)
        except SourceError as error:
            self.failed(CENTRAL, service, "", error)
        return None

    def unpacked(self) -> FoundText | None:
        """Return the article in a package of PubMed Central, and keep its supplements."""
        where = host_service(self.package)
        answer = self.answer(
            CENTRAL, where, lambda: self.client.get(where, self.package, most=MOST_BYTES, allowed=_ABSENT), self.package
        )
        if answer is None or answer.status >= 400:
            return None
        try:
            articles, self.packed = central.sorted_package(answer.body)
        except SourceError as error:
            self.note(CENTRAL, self.package, str(error))
            return None
        for name, body in articles:
            suffix, _ = kind_of(Answer(self.package, 200, {}, body))
            if suffix and (file := self.taken(FoundText(CENTRAL, f"{self.package}#{name}", suffix, body))):
                return file
        self.note(CENTRAL, self.package, "its package has neither PDF nor text")
        return None

    def own_links(self) -> Iterator[str]:
        """Yield the addresses of the record's own row that may lead to a file."""
        for url in addresses(self.record):
            host = urlsplit(url).hostname or ""
            elsewhere = host == "doi.org" or arxiv_number(url) or central_number(url)
            is_free = url in self.record.open_access
            if not elsewhere and (venue_files(url)[0] or is_free or url.lower().endswith(".pdf")):
                yield url

    def links(self) -> FoundText | None:
        """Return the file that the record's own row leads to."""
        for url in self.own_links():
            pdf, supplement = venue_files(url)
            if file := self.fetch(urlsplit(url).hostname or "its own link", pdf or url):
                self.venue = supplement
                return file
        return None

    def free(self, name: str, service: Service, look: Callable[[Client, Record], FreePlaces]) -> FoundText | None:
        """Return the first file of the open-access locations that a service knows."""
        if service.base in self.finder.down:
            self.note(name, "", self.finder.down[service.base], passes=True)
            return None
        try:
            places = look(self.client, self.record)
        except SourceError as error:
            self.failed(name, service, "", error)
            return None
        if places.arxiv and ARXIV_PDF.url(places.arxiv) not in self.asked and (file := self.from_arxiv(places.arxiv)):
            return file
        if places.pmcid and (file := self.from_central(places.pmcid)):
            return file
        for url in places.addresses:
            if file := self.fetch(f"{urlsplit(url).hostname} (by {name})", url):
                return file
        return None

    def beside_it(self) -> Supplements:
        """Find where the supplements of the work are, without its text, and fetch them."""
        if pmcid := self.pmcid():
            list(self.central_files(pmcid))  # it keeps where they are
        self.venue = next(filter(None, (venue_files(url)[1] for url in self.own_links())), "")
        return self.wanted_supplements()

    def supplements(self, file: FoundText) -> Supplements:
        """Return what is known of the supplements of a paper, with their content where they are wanted."""
        if self.packed is not None:
            files = tuple(
                Supplement(name, f"{self.package}#{name}", *_usable(name, body)) for name, body in self.packed
            )
            return Supplements("known" if files else "none", files)
        if self.finder.supplements and (wanted := self.wanted_supplements()).status != "not looked for":
            return wanted
        if self.beside is not None:
            known = tuple(Supplement(_name(url), url, why=NOT_FETCHED) for url in self.beside)
            return Supplements("known" if known else "none", known)
        if file.suffix == JATS:
            names = central.supplements_named(file.body)
            return Supplements(
                "known" if names else "none", tuple(Supplement(name, "", why=NOT_FETCHED) for name in names)
            )
        return Supplements()

    def wanted_supplements(self) -> Supplements:
        """Fetch the supplements of which the places are known."""
        if self.beside is not None:
            files = tuple(self.supplement(url) for url in self.beside)
            return Supplements("known" if files else "none", files)
        if self.package and (self.unpacked() is not None or self.packed is not None):
            files = tuple(
                Supplement(name, f"{self.package}#{name}", *_usable(name, body)) for name, body in self.packed or ()
            )
            return Supplements("known" if files else "none", files)
        if self.venue:
            file = self.supplement(self.venue)
            gone = file.why == "nothing is there"
            return Supplements("none") if gone else Supplements("known", (file,))
        return Supplements()

    def supplement(self, url: str) -> Supplement:
        """Return the supplement at an address, with its content where it can be read."""
        if _suffix(url) not in ("", *_READABLE):
            return Supplement(_name(url), url, why=f"{_suffix(url)} is not read")
        where = host_service(url)
        try:
            answer = self.client.get(where, url, most=MOST_BYTES, allowed=_ABSENT)
        except SourceError as error:
            if isinstance(error, OutOfBudgetError) and self.client.is_spent:
                raise
            return Supplement(_name(url), url, why=_said(where, error))
        if answer.status >= 400:
            absent = answer.status in (400, 404, 410)
            return Supplement(
                _name(url), url, why="nothing is there" if absent else f"access is refused (status {answer.status})"
            )
        name = _name(url) if _suffix(url) else f"supplement{PDF if kind_of(answer)[0] == PDF else ''}"
        return Supplement(name, url, *_usable(name, answer.body, answer))


def _usable(name: str, body: bytes, answer: Answer | None = None) -> tuple[bytes, str]:
    """Return the content of a supplement that can be read, else why not."""
    suffix = _suffix(name)
    if suffix not in _READABLE:
        return b"", f"{suffix or 'a file of no known kind'} is not read"
    if suffix == PDF:
        kind, why = kind_of(answer or Answer(name, 200, {}, body))
        return (body, "") if kind == PDF else (b"", why or "is no PDF")
    return body, ""


def _said(service: Service, error: SourceError) -> str:
    """Return what is said of a service, without its name."""
    return str(error).removeprefix(title(service)).lstrip(": ")


def _name(url: str) -> str:
    parts = urlsplit(url)
    return PurePosixPath(unquote(parts.path)).name or parts.hostname or "supplement"


def _suffix(name: str) -> str:
    return PurePosixPath(unquote(urlsplit(name).path)).suffix.lower()
