"""Looking up works by their identifiers, many with one request.

Sources: https://europepmc.org/searchsyntax (`EXT_ID`, `SRC`, `DOI`),
https://developers.openalex.org/guides/filters (`doi:a|b`, at most 100 values),
https://github.com/CrossRef/rest-api-doc (`filter=doi:a,doi:b`: values of one filter are alternatives),
https://www.ncbi.nlm.nih.gov/books/NBK25499/ (EFetch), https://api.semanticscholar.org/api-docs/graph (`/paper/batch`).
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ..records import Entry, Record
from . import arxiv, openalex, pubmed
from .http import Client, SourceError, no_json, title
from .json_pages import ask, at, listed, read
from .look_ups import Known
from .services import CROSSREF, EUROPE_PMC, OPENALEX, SEMANTIC_SCHOLAR

_ENDING = frozenset(",|")
"""Signs that end a value in a filter: a DOI with one is asked for alone."""
PAPER = "paperId,title,abstract,authors,year,externalIds,openAccessPdf,url"
"""The fields that are asked of Semantic Scholar."""


def _key(record: Record, *kinds: str) -> str:
    """Return the first identifier of some kinds that a record has, as a key."""
    return next((f"{kind}:{value}" for kind in kinds if (value := getattr(record, kind))), "")


def _by_key(keys: Sequence[str], entries: Sequence[Entry]) -> Known:
    """Return entries by those of the keys that they have."""
    known, wanted = defaultdict[str, list[Entry]](list), set(keys)
    for entry in entries:
        for kind in ("doi", "pmid", "pmcid", "arxiv"):
            if (name := f"{kind}:{getattr(entry, kind)}") in wanted:
                known[name].append(entry)
    return known


class EuropePmcNumbers:
    """Europe PMC, by PMID or DOI."""

    name, together, everything = "Europe PMC", 50, False

    def key(self, record: Record) -> str:
        """Return a record's PMID, else its DOI."""
        return _key(record, "pmid", "doi")

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what Europe PMC has, preprints among it. Raises `SourceError`."""
        values = [key.partition(":")[2].replace('"', "") for key in keys]
        if keys[0].startswith("pmid:"):
            query = f"({' OR '.join(f'EXT_ID:{value}' for value in values)}) AND SRC:MED"
        else:
            query = " OR ".join(f'DOI:"{value}"' for value in values)
        params = {"query": query, "format": "json", "resultType": "core", "pageSize": 2 * self.together}
        params |= {"email": client.contact} if client.contact else {}
        _, document = ask(client, EUROPE_PMC, "search", params, look_up=True)
        if message := at(document, "errMsg"):
            raise SourceError(f"{title(EUROPE_PMC)} rejects the look-up (it says: {str(message)[:200]})")
        return _by_key(keys, read(EUROPE_PMC, listed(EUROPE_PMC, document, "resultList", "result")))


class OpenAlexNumbers:
    """OpenAlex, by DOI or PMID: also the language, free full texts and retractions."""

    name, together, everything = "OpenAlex", 50, True

    def key(self, record: Record) -> str:
        """Return a record's DOI, else its PMID."""
        return _key(record, "doi", "pmid")

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what OpenAlex has. Raises `SourceError`, `OutOfBudgetError` where the day's budget does not reach."""
        kind, values = keys[0].partition(":")[0], [key.partition(":")[2] for key in keys]
        entries = list[Entry]()
        plain = [value for value in values if not set(value) & _ENDING]
        if plain:
            params = {"filter": f"{kind}:{'|'.join(plain)}", "per_page": openalex.PAGE}
            _, document = openalex.works(client, params, look_up=True)
            entries += read(OPENALEX, listed(OPENALEX, document, "results"))
        for value in (value for value in values if value not in plain):
            path = f"works/{kind}:{quote(value, safe='/')}"
            _, work = openalex.works(client, {}, path=path, allowed=(404,), look_up=True)
            entries += read(OPENALEX, [work])
        return _by_key(keys, entries)


class CrossrefNumbers:
    """Crossref, by DOI: abstracts of some publishers, and retractions with those that Retraction Watch knows."""

    name, together, everything = "Crossref", 40, True

    def key(self, record: Record) -> str:
        """Return a record's DOI, but for arXiv's, which are DataCite's."""
        return "" if record.doi and record.doi.startswith("10.48550/") else _key(record, "doi")

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what Crossref has. Raises `SourceError`."""
        values, items = [key.partition(":")[2] for key in keys], list[Any]()
        who = {"mailto": client.contact} if client.contact else {}
        plain = [value for value in values if not set(value) & _ENDING]
        if plain:
            params = {"filter": ",".join(f"doi:{value}" for value in plain), "rows": len(plain), **who}
            _, document = ask(client, CROSSREF, "works", params, look_up=True)
            items += listed(CROSSREF, document, "message", "items")
        for value in (value for value in values if value not in plain):
            _, document = ask(client, CROSSREF, f"works/{quote(value, safe='')}", who, allowed=(404,), look_up=True)
            items += [work] if (work := at(document, "message")) else []
        return _by_key(keys, read(CROSSREF, items))


class PubMedNumbers:
    """PubMed, by PMID."""

    name, together, everything = "PubMed", 200, False

    def key(self, record: Record) -> str:
        """Return a record's PMID."""
        return _key(record, "pmid")

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what PubMed has. Raises `SourceError`."""
        numbers = [key.partition(":")[2] for key in keys]
        return _by_key(keys, list(pubmed.DATABASE.entries(pubmed.look_up(client, numbers))))


class ArXivNumbers:
    """arXiv, by its own id."""

    name, together, everything = "arXiv", 100, False

    def key(self, record: Record) -> str:
        """Return a record's arXiv id."""
        return _key(record, "arxiv")

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what arXiv has, of each paper the newest version. Raises `SourceError`."""
        numbers = [key.partition(":")[2] for key in keys]
        return _by_key(keys, list(arxiv.DATABASE.entries(arxiv.look_up(client, numbers))))


class SemanticScholarNumbers:
    """Semantic Scholar, by DOI, PMID or arXiv id."""

    name, together, everything = "Semantic Scholar", 400, False

    def key(self, record: Record) -> str:
        """Return a record's DOI, else its arXiv id, else its PMID."""
        return _key(record, "doi", "arxiv", "pmid")

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what Semantic Scholar has, in the order of the keys, with gaps. Raises `SourceError`."""
        ids = [":".join((kind.upper(), value)) for kind, _, value in (key.partition(":") for key in keys)]
        url = SEMANTIC_SCHOLAR.url(f"paper/batch?fields={PAPER}")
        # Where it knows none of the works it answers 400.
        answer = client.post_json(
            SEMANTIC_SCHOLAR,
            url,
            {"ids": ids},
            headers=who(),
            allowed=(400,),
            lasting=(400,),
            look_up=True,
            fault=no_json,
        )
        works = json.loads(answer.body)
        if answer.status == 400 and "No valid paper ids" in str(at(works, "error")):
            return {}
        if not isinstance(works, list) or len(works) != len(keys):
            raise SourceError(f"{title(SEMANTIC_SCHOLAR)} sent something else than one answer for each paper")
        return {
            key: read(SEMANTIC_SCHOLAR, [work]) for key, work in zip(keys, works, strict=True) if isinstance(work, dict)
        }


def who() -> dict[str, str]:
    """Return the header with Semantic Scholar's key; none without one."""
    return {"x-api-key": SEMANTIC_SCHOLAR.key} if SEMANTIC_SCHOLAR.key else {}
