"""`screener retrieve --enrich`: what records lack is looked up elsewhere, compared with the records, and entered."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from ..core.errors import BadInput
from ..ledger import Ledger, reads
from ..ledger.enrichments import (
    Enrichment,
    EnrichmentCandidate,
    EnteredEnrichments,
    add_enrichments,
    enrichment_candidates,
    settle_enrichment,
)
from ..protocol import Review
from ..records import Record
from ..sources import LOOK_UPS, Client, Judged, Known, LookUp, LookUpMemory, SourceError, Verdict, addition, judged
from .changes import after_change

NO_SOURCE = "no source named"


@dataclass(frozen=True)
class RefusedWork:
    """A work to which a record's identifier or page leads, and which has another title."""

    record: str
    service: str
    key: str
    title: str
    other_title: str


@dataclass(frozen=True)
class SourceRow:
    """Of the records of a source: how many have no abstract before and after, and what came of looking for one.

    A record of several sources counts with the first of them. `found` is by service; a record that was refused by one
    service may have been found by another.
    """

    source: str
    records: int
    without: int
    found: Mapping[str, int]
    refused: int
    candidates: int

    @property
    def still_without(self) -> int:
        """Return how many have no abstract still."""
        return self.without - sum(self.found.values())

    def as_json(self) -> dict[str, Any]:
        """Return it as `retrieve --enrich --json` lists it."""
        return {**vars(self), "found": dict(self.found), "still_without": self.still_without}


@dataclass(frozen=True)
class ServiceRow:
    """What was asked of a service: about how many records, with how many requests at most, and what it filled in."""

    service: str
    records: int
    requests: int
    filled: Mapping[str, int] = field(default_factory=dict)
    """By field how many records it was filled in of."""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as `retrieve --enrich --json` lists it."""
        return {**vars(self), "filled": dict(self.filled)}


@dataclass(frozen=True)
class EnrichResult:
    """What came of looking up: by source of the records, and by service. `sent` is how many requests were sent."""

    sources: tuple[SourceRow, ...]
    services: tuple[ServiceRow, ...]
    refused: tuple[RefusedWork, ...] = ()
    candidates: tuple[EnrichmentCandidate, ...] = ()
    """All works on which a person has to decide, those of earlier calls among them."""
    entered: EnteredEnrichments = field(default_factory=EnteredEnrichments)
    sent: int = 0
    dry_run: bool = False

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what went wrong, one line each."""
        return tuple(dict.fromkeys(service.error for service in self.services if service.error))

    def as_json(self) -> dict[str, Any]:
        """Return what `retrieve --enrich --json` prints."""
        return {
            "dry_run": self.dry_run,
            "records": [row.as_json() for row in self.sources],
            "services": [row.as_json() for row in self.services],
            "refused": [vars(work) for work in self.refused],
            "candidates": [candidate_as_json(candidate) for candidate in self.candidates],
            "update": self.entered.id or None,
            "imports": list(self.entered.imports),
            "text_changed": self.entered.text_changed,
            "requests": self.sent,
            "errors": list(self.errors),
        }


def candidate_as_json(candidate: EnrichmentCandidate) -> dict[str, Any]:
    """Return a candidate as `--json` lists it."""
    entry, known = candidate.entry, candidate.known
    return {
        "number": candidate.number, "record": candidate.record, "service": candidate.service, "title": entry.title,
        "authors": list(entry.authors), "year": entry.year, "doi": entry.doi, "abstract": bool(entry.abstract),
        "of": {"title": known.title, "authors": list(known.authors), "year": known.year, "doi": known.doi},
    }  # fmt: skip


Progress = Callable[[str, int, int], None]
"""Called with a service, how many of its requests are answered, and how many there are."""


@dataclass(frozen=True)
class EnrichOptions:
    """How to look up: whether only to count, how many requests at most, who asks, in which services, for records of which
    sources; where none are named, in all and for all.
    """

    dry_run: bool = False
    most_requests: int | None = None
    who: str = "reviewer"
    services: Sequence[str] = ()
    sources: Sequence[str] = ()


class EnrichKeywords(TypedDict, total=False):
    """The fields of `EnrichOptions`, as `OpenReview.enrich` takes them beside the sources."""

    dry_run: bool
    most_requests: int | None
    who: str
    services: Sequence[str]


def enrich(
    review: Review,
    open_ledger: Callable[[], Ledger],
    options: EnrichOptions = EnrichOptions(),
    progress: Progress = lambda *_: None,
) -> EnrichResult:
    """Look up what the review's records lack, and enter it as one update that can be taken back.

    A service that fails stops no other one; what was answered is kept on disk for 30 days, so that the next call asks for
    the rest. With `dry_run` nothing is asked and nothing is written.
    """
    ledger = open_ledger()
    with ledger.read() as connection:
        records = _of_sources(list(reads.records(connection)), options.sources)
    look_ups = _chosen(options.services)
    memory = LookUpMemory(review.hidden / "http" / "look-ups.jsonl")
    if options.dry_run:
        planned = [ServiceRow(one.name, *_counted(one, records, memory)) for one in look_ups]
        return EnrichResult(tuple(_rows(records, {}, (), ())), tuple(_joined(planned)), dry_run=True)
    client = Client(review.hidden / "http", most_requests=options.most_requests)
    run = _Run(client, memory, {record.id: record for record in records}, progress)
    services = [run.ask(look_up) for look_up in look_ups]
    entered = add_enrichments(ledger, run.found, options.who)
    if entered.id:
        after_change(ledger, review)
    with ledger.read() as connection:
        candidates = tuple(enrichment_candidates(connection))
    waiting = {candidate.record for candidate in candidates}
    rows = _rows(records, run.abstract_of, [work.record for work in run.refused], waiting)
    return EnrichResult(tuple(rows), tuple(_joined(services)), tuple(run.refused), candidates, entered, client.requests)


def settle(
    review: Review, ledger: Ledger, accepted: Sequence[int], refused: Sequence[int], who: str
) -> list[tuple[int, str]]:
    """Have candidates fill in their records, or not, by a person's decision; return each number with its record's id."""
    if both := set(accepted) & set(refused):
        raise BadInput(f"retrieve: {min(both)} cannot be accepted and rejected at once")
    settled = [(number, settle_enrichment(ledger, number, who, accept=True)) for number in accepted]
    settled += [(number, settle_enrichment(ledger, number, who, accept=False)) for number in refused]
    after_change(ledger, review)
    return settled


def _chosen(names: Sequence[str]) -> Sequence[LookUp]:
    known = dict.fromkeys(look_up.name for look_up in LOOK_UPS)
    wanted = {name.casefold() for name in names}
    for name in names:
        if name.casefold() not in {one.casefold() for one in known}:
            raise BadInput(f"retrieve --enrich: nothing is looked up in {name}; it is in: {', '.join(known)}")
    return [look_up for look_up in LOOK_UPS if not wanted or look_up.name.casefold() in wanted]


def _of_sources(records: Sequence[Record], names: Sequence[str]) -> Sequence[Record]:
    known = {source.casefold(): source for record in records for source in record.sources}
    for name in names:
        if name.casefold() not in known:
            raise BadInput(
                f"retrieve --enrich: no record is from {name}; there are: {', '.join(known.values()) or 'none'}"
            )
    wanted = {known[name.casefold()] for name in names}
    return [record for record in records if not wanted or not wanted.isdisjoint(record.sources)]


class _Run:
    """One call: the records as they are filled in step by step, and what was found."""

    def __init__(self, client: Client, memory: LookUpMemory, records: dict[str, Record], progress: Progress) -> None:
        self.client, self.memory, self.records, self.progress = client, memory, records, progress
        self.found: list[Enrichment] = []
        self.refused: list[RefusedWork] = []
        self.abstract_of: dict[str, str] = {}
        """The service that gives a record's abstract, by the record's id."""

    def ask(self, look_up: LookUp) -> ServiceRow:
        """Ask a service about all records that lack something it may know."""
        wanted = _wanted(look_up, self.records.values())
        kept = self.memory.known(look_up.name, wanted)
        filled, error = self._compare(look_up.name, wanted, kept), ""
        batches = _batches(look_up, wanted.keys() - kept.keys())
        for place, keys in enumerate(batches, start=1):
            try:
                known = look_up.ask(self.client, keys)
            except SourceError as problem:
                error = str(problem)
                break
            self.memory.keep(look_up.name, keys, known, self.client.test_server)
            filled.update(self._compare(look_up.name, wanted, known))
            self.progress(look_up.name, place, len(batches))
        return ServiceRow(look_up.name, sum(map(len, wanted.values())), len(batches), dict(filled), error)

    def _compare(self, service: str, wanted: Mapping[str, Sequence[str]], known: Known) -> Counter[str]:
        """Compare what came with the records that it was asked for; return how many each field was filled in of."""
        filled = Counter[str]()
        for key in sorted(known):
            for name in wanted.get(key, ()):
                if (work := judged(self.records[name], key, known[key])) is not None:
                    filled.update(self._take(service, name, key, work))
        return filled

    def _take(self, service: str, name: str, key: str, work: Judged) -> list[str]:
        """Take what a work adds to a record; return the fields that it fills in."""
        record = self.records[name]
        if work.verdict is Verdict.REFUSED:
            self.refused.append(RefusedWork(name, service, key, record.title, work.entry.title))
            return []
        entry = addition(record, work.entry)
        if entry is None or (work.verdict is Verdict.CANDIDATE and not entry.abstract):
            return []
        sure = work.verdict is Verdict.SAME
        test_server = self.memory.test_server(service, key)
        self.found.append(Enrichment(name, service, entry, key.partition(":")[0], work.score, sure, test_server))
        if not sure:
            return []
        fields = entry.model_dump(exclude_defaults=True, exclude={"title", "authors", "year", "relations"})
        self.records[name] = record.model_copy(update={field: getattr(entry, field) for field in fields})
        if entry.abstract:
            self.abstract_of[name] = service
        return list(fields)


def _wanted(look_up: LookUp, records: Iterable[Record]) -> dict[str, list[str]]:
    """Return the keys that a service can be asked for, each with the records that have it."""
    wanted = defaultdict[str, list[str]](list)
    for record in records:
        if (look_up.everything or not record.abstract) and (key := look_up.key(record)):
            wanted[key].append(record.id)
    return dict(wanted)


def _batches(look_up: LookUp, keys: Iterable[str]) -> list[list[str]]:
    """Return keys as they are asked for together, those of one request of one kind."""
    by_kind = defaultdict[str, list[str]](list)
    for key in sorted(keys):
        by_kind[key.partition(":")[0]].append(key)
    size = look_up.together
    return [names[at : at + size] for names in by_kind.values() for at in range(0, len(names), size)]


def _counted(look_up: LookUp, records: Sequence[Record], memory: LookUpMemory) -> tuple[int, int]:
    """Return about how many records a service would be asked, and with how many requests."""
    wanted = _wanted(look_up, records)
    fresh = wanted.keys() - memory.known(look_up.name, wanted).keys()
    return sum(len(wanted[key]) for key in fresh), len(_batches(look_up, fresh))


def _joined(rows: Iterable[ServiceRow]) -> Iterator[ServiceRow]:
    """Yield the rows of services that are asked, those of one that is asked in two ways as one."""
    by_name = defaultdict[str, list[ServiceRow]](list)
    for row in rows:
        by_name[row.service].append(row)
    for name, of in by_name.items():
        if any(row.records for row in of):
            filled = Counter[str]()
            for row in of:
                filled.update(row.filled)
            error = next((row.error for row in of if row.error), "")
            yield ServiceRow(name, sum(row.records for row in of), sum(row.requests for row in of), dict(filled), error)


def _rows(
    records: Sequence[Record], abstract_of: Mapping[str, str], refused: Iterable[str], candidates: Iterable[str]
) -> Iterator[SourceRow]:
    """Yield a row for each source, those with the most records without an abstract first."""
    refused, candidates = set(refused), set(candidates)
    by_source = defaultdict[str, list[Record]](list)
    for record in records:
        by_source[next(iter(record.sources), NO_SOURCE)].append(record)
    rows = list[SourceRow]()
    for source, of in by_source.items():
        without = [record.id for record in of if not record.abstract]
        found = Counter(abstract_of[name] for name in without if name in abstract_of)
        lacking = {name for name in without if name not in abstract_of}
        rows.append(
            SourceRow(
                source, len(of), len(without), dict(found.most_common()), len(refused & set(without)),
                len(candidates & lacking),
            )
        )  # fmt: skip
    yield from sorted(rows, key=lambda row: -row.without)
