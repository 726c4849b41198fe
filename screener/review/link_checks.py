"""The addresses that included studies give for code, weights and data, looked at: an observation beside what they claim."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from ..core.judgement import ItemStatus
from ..forms import FormSpec, bare
from ..ledger import Ledger
from ..ledger.link_checks import LinkCheck, add_link_check, last_link_checks
from ..protocol import Review
from ..reporting.tables import ExtractedStudy, extracted_studies
from ..sources import Client, OutOfBudgetError, look_at
from ..stages import check_name, form_of

Progress = Callable[[str, bool], None]
"""Is told how far it is; the second argument says that it ends."""


class LinkKeywords(TypedDict, total=False):
    """How addresses are looked at."""

    again: bool
    """Whether also those that have answered before."""
    dry_run: bool
    """Whether nothing is sent."""
    most_requests: int | None
    """So many requests at most in this call."""


@dataclass(frozen=True)
class LinksResult:
    """The last look at each address; `looked` how many were looked at now, `open` those that were not; `stopped` says why."""

    checks: Sequence[LinkCheck]
    looked: int
    open: Sequence[str]
    stopped: str = ""

    @property
    def unanswered(self) -> list[LinkCheck]:
        """Return the looks that had no answer."""
        return [check for check in self.checks if check.status is None]

    def as_json(self) -> dict[str, Any]:
        """Return what `links --json` prints."""
        checks = [{**asdict(check), "answers": check.answers} for check in self.checks]
        return {"links": checks, "looked": self.looked, "open": list(self.open), "stopped": self.stopped}


def addresses_of(form: FormSpec, studies: Sequence[ExtractedStudy]) -> list[str]:
    """Return the addresses that items of the form hold, each once, in the order of the studies."""
    return list(dict.fromkeys(value for study in studies for _, value in given_addresses(form, study)))


def given_addresses(form: FormSpec, study: ExtractedStudy) -> Iterator[tuple[str, str]]:
    """Yield the addresses that a study gives, each with the path of its item."""
    urls = {path for path, field in form.by_path.items() if field.kind == "url"}
    for path, answer in study.items.items():
        given = answer.status is ItemStatus.REPORTED and isinstance(answer.value, str) and answer.value.strip()
        if given and bare(path) in urls:
            yield path, answer.value


def check_links(
    ledger: Ledger, review: Review, who: str, progress: Progress = lambda *_: None, **options: Any
) -> LinksResult:
    """Look at the addresses that had no answer yet, or at all; each look is kept at once. Options are `LinkKeywords`.

    Raises `BadInput` where the review extracts nothing, and for a name that is no person's.
    """
    person, form = check_name(review, who), form_of(review)
    addresses = addresses_of(form, extracted_studies(ledger, review))
    with ledger.read() as connection:
        seen = last_link_checks(connection)
    waiting = [address for address in addresses if options.get("again") or not _answered(seen.get(address))]
    if options.get("dry_run"):
        return LinksResult([seen[address] for address in addresses if address in seen], 0, waiting)
    client, stopped, looked = Client(most_requests=options.get("most_requests")), "", 0
    for number, address in enumerate(waiting, start=1):
        progress(f"{number:,} of {len(waiting):,}: {address[:80]}", number == len(waiting))
        try:
            found = look_at(client, address)
        except OutOfBudgetError as error:
            stopped = str(error)
            break
        with ledger.write() as connection:
            add_link_check(connection, LinkCheck(**asdict(found), who=person))
        looked += 1
    with ledger.read() as connection:
        seen = last_link_checks(connection)
    present = [seen[address] for address in addresses if address in seen]
    return LinksResult(present, looked, waiting[looked:], stopped)


def _answered(check: LinkCheck | None) -> bool:
    return check is not None and check.status is not None
