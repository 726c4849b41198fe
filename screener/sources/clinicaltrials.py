"""ClinicalTrials.gov: searching registrations of studies by version 2 of its API, page after page by `pageToken`.

A query is an expression in the search of all terms (`query.term`); other parameters of the API may be named instead:
`query.cond=asthma&filter.overallStatus=COMPLETED`. What is new was posted or updated since (`LastUpdatePostDate`). The
number of studies is stated with the first page alone. Results of studies, which are large, are not asked for.

Source: https://clinicaltrials.gov/data-api/api
"""

import json
from collections.abc import Iterable
from typing import Any

from ..records import Entry
from .database import Page, Search
from .http import Client
from .json_pages import ask, at, digest_of, document_of, listed, number, parameters, read
from .services import CLINICAL_TRIALS as SERVICE

PAGE = 100


class ClinicalTrials:
    """ClinicalTrials.gov. A cursor is `pageToken` and the number of studies that was stated."""

    name = "ClinicalTrials.gov"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many studies the search has. Raises `SourceError`."""
        return number(at(self._ask(client, search, "", 1)[1], "totalCount"))

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of studies. Raises `SourceError`."""
        token, stated = json.loads(cursor) if cursor else ("", None)
        body, document = self._ask(client, search, token, PAGE)
        studies = listed(SERVICE, document, "studies")
        stated = number(at(document, "totalCount")) if not token else stated
        following = at(document, "nextPageToken")
        later = json.dumps([following, stated]) if following else None
        digest = digest_of(studies, "protocolSection", "identificationModule", "nctId")
        return Page(body, len(studies), stated, later, digest=digest)

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body), "studies"))

    def _ask(self, client: Client, search: Search, token: str, size: int) -> tuple[bytes, Any]:
        given = parameters(search.query, "query.term")
        if search.since:
            new = f"AREA[LastUpdatePostDate]RANGE[{search.since},MAX]"
            filtered = given.get("filter.advanced")
            given["filter.advanced"] = f"({filtered}) AND {new}" if filtered else new
        fixed = {"format": "json", "pageSize": size, "fields": "ProtocolSection"}
        place = {"pageToken": token} if token else {"countTotal": "true"}
        answer, document = ask(client, SERVICE, "studies", {**given, **fixed, **place})
        return answer.body, document


DATABASE = ClinicalTrials()
