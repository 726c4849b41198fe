"""EPPI-Reviewer's JSON: references with the codes that were given to them, and the code sets that explain these.

The keys are those of EPPI-Reviewer's own JSON report, all of which its mapping tools ask for. The standing decision is a code
of a code set for screening, its reason the code's text. An `ItemId` is a number there: the record's own id is `OldItemId`.
"""

import json
from collections.abc import Sequence
from typing import Any

from ...core.judgement import Decision
from ...records import Record
from ..decisions.reference_files import OWN_CODE_SET
from ..other_tools import ToolRecord
from .fields import MONTHS, date_of, hyphened, line, reference_type

_TYPES = {
    "ABST": "Conference Proceedings",
    "BOOK": "Book, Whole",
    "CHAP": "Book, Chapter",
    "CONF": "Conference Proceedings",
    "CPAPER": "Conference Proceedings",
    "EBOOK": "Book, Whole",
    "ECHAP": "Book, Chapter",
    "EDBOOK": "Book, Whole",
    "EJOUR": "Journal, Article",
    "ELEC": "Web Site",
    "INPR": "Journal, Article",
    "INTV": "Interview",
    "JOUR": "Journal, Article",
    "MGZN": "Article In A Periodical",
    "NEWS": "Article In A Periodical",
    "RPRT": "Report",
    "THES": "Dissertation",
    "VIDEO": "DVD, Video, Media",
}
_CODES = {Decision.INCLUDE: (1, "Include"), Decision.UNCLEAR: (2, "Unclear"), Decision.EXCLUDE: (3, "Exclude")}
_SCREENING = {
    "SetTypeName": "Screening",
    "SetTypeDescription": "A code set for screening: its codes include or exclude a reference.",
}


def as_eppi(records: Sequence[ToolRecord]) -> str:
    """Return one JSON document with all records."""
    codes = [
        {
            "AttributeSetId": number,
            "AttributeId": number,
            "OriginalAttributeID": 0,
            "AttributeSetDescription": "",
            "AttributeType": "Include" if decision.kept else "Exclude",
            "AttributeName": name,
            "AttributeDescription": "",
            "ExtURL": "",
            "ExtType": "",
        }
        for decision, (number, name) in _CODES.items()
    ]
    code_set = {
        "SetName": "Screening",
        "ReviewSetId": 1,
        "SetId": 1,
        "SetType": _SCREENING,
        "SetDescription": OWN_CODE_SET,
        "Attributes": {"AttributesList": codes},
    }
    references = [_reference(number, record) for number, record in enumerate(records, start=1)]
    return json.dumps({"CodeSets": [code_set], "References": references}, ensure_ascii=False, indent=1) + "\n"


def _reference(number: int, tool_record: ToolRecord) -> dict[str, Any]:
    record, final = tool_record.record, tool_record.final
    excluded = final is not None and not final.kept
    first = record.authors[0].split(",")[0] if record.authors else ""
    short = line(f"{first} ({record.year or 'n.d.'})")
    fields = {
        "Title": record.shown_title,
        "ParentTitle": record.venue,
        "ShortTitle": short,
        "DateCreated": "",
        "CreatedBy": "",
        "DateEdited": "",
        "EditedBy": "",
        "Year": record.year or "",
        "Month": _month(record),
        "StandardNumber": ", ".join((*record.issn, *record.isbn)),
        "City": "",
        "Country": "",
        "Publisher": record.publisher,
        "Institution": "",
        "Volume": record.volume,
        "Pages": hyphened(record.pages),
        "Edition": "",
        "Issue": record.issue,
        "Availability": "",
        "URL": record.url,
        "OldItemId": record.id,
        "Abstract": record.abstract,
        "Comments": _numbers(record),
        "TypeName": _TYPES.get(reference_type(record), "Generic"),
        "Authors": "; ".join(record.authors),
        "ParentAuthors": "",
        "DOI": record.doi,
        "Keywords": "; ".join(record.keywords),
        "ItemStatus": "E" if excluded else "I",
        "ItemStatusTooltip": "Excluded from review" if excluded else "Included in review",
        "QuickCitation": ". ".join(filter(None, (short, record.title, record.venue, record.locator))),
    }
    outcome = {"Codes": _codes(tool_record), "Outcomes": [], "ItemId": number}
    return outcome | {name: line(value) for name, value in fields.items()}


def _codes(tool_record: ToolRecord) -> list[dict[str, Any]]:
    if tool_record.final is None:
        return []
    number, _ = _CODES[tool_record.final]
    text = line(tool_record.reason)
    return [
        {"AttributeId": number, "AdditionalText": text, "ArmId": 0, "ArmTitle": "", "ItemAttributeFullTextDetails": []}
    ]


def _month(record: Record) -> str:
    month = date_of(record, "published")[5:7]
    return MONTHS[int(month) - 1] if month else ""


def _numbers(record: Record) -> str:
    """Return the identifiers for which EPPI-Reviewer has no field."""
    named = (("PMID", record.pmid), ("PMCID", record.pmcid), ("arXiv", record.arxiv))
    others = (record.wos, *record.accession, *record.registry)
    return "; ".join(
        [f"{name}: {number}" for name, number in named if number] + [number for number in others if number]
    )
