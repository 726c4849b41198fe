"""Looking up works by their titles, for records without any identifier.

Sources: https://developers.openalex.org/guides/searching (`title.search`),
https://api.semanticscholar.org/api-docs/graph (`/paper/search/match`).
"""

from collections.abc import Sequence

from ..records import Record, RecordType, normalise_title
from . import openalex
from .http import Client
from .json_pages import ask, listed, read
from .look_up_numbers import PAPER, who
from .look_ups import Known
from .services import OPENALEX, SEMANTIC_SCHOLAR

_LEAST_WORDS = 4
"""Words of a title that is looked for; shorter ones are those of too many works."""
_RESULTS = 5


def _key(record: Record) -> str:
    """Return the normalised title as a key, of a publication without an identifier."""
    if record.type is not RecordType.PUBLICATION or record.doi or record.pmid or record.arxiv:
        return ""
    title = normalise_title(record.title)
    return f"title:{title}" if len(title.split()) >= _LEAST_WORDS else ""


class SemanticScholarTitles:
    """Semantic Scholar's best match of a title."""

    name, together, everything = "Semantic Scholar", 1, False

    def key(self, record: Record) -> str:
        """Return a record's title."""
        return _key(record)

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return the best match of each title; 404 says that there is none. Raises `SourceError`."""
        known = {}
        for key in keys:
            params = {"query": key.partition(":")[2], "fields": PAPER}
            _, document = ask(
                client, SEMANTIC_SCHOLAR, "paper/search/match", params, headers=who(), allowed=(404,), look_up=True
            )
            if document is not None:
                known[key] = read(SEMANTIC_SCHOLAR, listed(SEMANTIC_SCHOLAR, document, "data"))
        return known


class OpenAlexTitles:
    """OpenAlex's works with the words of a title."""

    name, together, everything = "OpenAlex", 1, False

    def key(self, record: Record) -> str:
        """Return a record's title."""
        return _key(record)

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return the first works of each title. Raises `SourceError`, `OutOfBudgetError` where the budget does not reach."""
        known = {}
        for key in keys:
            params = {"filter": f"title.search:{key.partition(':')[2]}", "per_page": _RESULTS}
            _, document = openalex.works(client, params, look_up=True)
            known[key] = read(OPENALEX, listed(OPENALEX, document, "results"))
        return known
