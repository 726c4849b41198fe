"""ClinicalTrials.gov's API, version 2: studies with `pageToken`, a count with the first page, and a filter by update.

As documented in https://clinicaltrials.gov/data-api/api.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from screener.sources.services import CLINICAL_TRIALS

from .base import Asked, Reply, json_reply


def registered_study(number: int, **modules: Any) -> dict[str, Any]:
    """A registration that is invented."""
    day = f"2024-01-{number % 28 + 1:02}"
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": f"synthetic study {number}", "orgStudyIdInfo": {"id": f"S-{number}"}},
            "statusModule": {"overallStatus": "COMPLETED", "studyFirstPostDateStruct": {"date": day}, "lastUpdatePostDateStruct": {"date": day}},
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": "Synthetic sponsor"}},
            "descriptionModule": {"briefSummary": f"Synthetic summary of study {number}."},
            "conditionsModule": {"conditions": ["Arrhythmia"]}, "designModule": {"studyType": "OBSERVATIONAL"}, **modules,
        },
        "hasResults": False,
    }  # fmt: skip


@dataclass
class ClinicalTrialsApi:
    """`query` is the only expression that can be parsed."""

    records: Sequence[dict[str, Any]]
    query: str = "synthetic"
    stated: int | None = None
    service = CLINICAL_TRIALS

    def answer(self, asked: Asked) -> Reply:
        given = asked.params
        if asked.path != "/studies":
            return Reply(b"not found", 404)
        if given.get("query.term", self.query) != self.query:
            return Reply(b"`query.term` parameter is invalid: mismatched input", 400, {"Content-Type": "text/plain"})
        since = re.search(r"AREA\[LastUpdatePostDate\]RANGE\[([\d-]+),MAX\]", given.get("filter.advanced", ""))
        found = [one for one in self.records if not since or _updated(one) >= since[1]]
        token, size = given.get("pageToken", ""), min(int(given.get("pageSize", 10)), 1_000)
        if token and not token.startswith("ZVNj"):
            return Reply(b"`pageToken` parameter is invalid", 400, {"Content-Type": "text/plain"})
        start = int(token.removeprefix("ZVNj") or 0)
        body: dict[str, Any] = {"studies": found[start : start + size]}
        if not token and given.get("countTotal") == "true":
            body["totalCount"] = len(found) if self.stated is None else self.stated
        if start + size < len(found):
            body["nextPageToken"] = f"ZVNj{start + size}"
        return json_reply(body)


def _updated(study: dict[str, Any]) -> str:
    return str(study["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"])
