"""Searches by citation from the studies that are included: `forwards: included`, `backwards: included`.

Each call of `retrieve` is a round: it begins with the studies that are included by then and were no seeds of an earlier
round, so that what a round finds is screened before the next one, until a round has no seeds.
"""

import re
from collections.abc import Sequence

from ..ledger import DoneSearch, Ledger, reads
from ..protocol import Review
from ..protocol.searches import Query
from ..records import Record
from ..reporting.previous import included_studies
from ..stages import load_stages

_INCLUDED = re.compile(r"\s*(forwards|backwards)\s*:\s*included\s*", re.IGNORECASE)


def begins_with_included(query: Query) -> bool:
    """Return whether a query begins with the included studies."""
    return _INCLUDED.fullmatch(query.query) is not None


def next_round(ledger: Ledger, review: Review, query: Query, done: Sequence[DoneSearch]) -> Query | None:
    """Return the query with the identifiers of its seeds; None where no study is included that was not one before.

    `done` are the searches of the source that were entered. Studies without DOI and PMID cannot be looked up.
    """
    direction = query.query.partition(":")[0].strip().lower()
    before = {seed for search in done if search.name == query.name for seed in search.query.split()}
    included = {name for study in included_studies(ledger, load_stages(ledger, review)) for name in study}
    with ledger.read() as connection:
        records = [record for record in reads.records(connection) if record.id in included]
    seeds = [seed for record in records if (seed := _seed(record)) and seed not in before]
    return query.model_copy(update={"query": f"{direction}: {' '.join(seeds)}"}) if seeds else None


def _seed(record: Record) -> str:
    return f"doi:{record.doi}" if record.doi else f"pmid:{record.pmid}" if record.pmid else ""
