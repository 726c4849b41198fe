"""What is final in files for reference managers, as our own export writes it, and screening codes of EPPI-Reviewer's JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Decision
from ...records import (
    Entry,
    bibtex_entry,
    bibtex_text,
    looks_like_bibtex,
    looks_like_medline,
    medline_entry,
    parse_bibtex,
    parse_medline,
)
from .decision_file import DecisionFile, DecisionFileRequest, DecisionRow, Opinion, decision_of

OWN_CODE_SET = "What stands for each record."
"""The description of the code set that our own export writes."""
_FIELDS = {"given_id", "title", "doi", "pmid", "arxiv", "wos", "url"}
_NOTE = re.compile(r"Screening: (\w+)(?:; (.*))?", re.DOTALL)


def is_bibtex(file: DecisionFileRequest) -> bool:
    """Return whether a file is BibTeX."""
    return not file.export.is_workbook and looks_like_bibtex(file.export.text)


def read_bibtex(file: DecisionFileRequest) -> DecisionFile:
    """Read the fields `screening` and `screening_reason`; the key is the record's id."""
    rows = []
    for number, fields in enumerate(parse_bibtex(file.export.text), start=1):
        if isinstance(fields, str):
            rows.append(DecisionRow(number, {}, fault=fields))
            continue
        entry = bibtex_entry(fields).model_copy(update={"given_id": fields["=key"]})
        rows.append(
            _row(number, entry, bibtex_text(fields, "screening"), bibtex_text(fields, "screening_reason"), file)
        )
    return _file("BibTeX", "a field `screening`", rows, file)


def is_medline(file: DecisionFileRequest) -> bool:
    """Return whether a file has MEDLINE's lines."""
    return not file.export.is_workbook and looks_like_medline(file.export.text)


def read_medline(file: DecisionFileRequest) -> DecisionFile:
    """Read the general note `Screening: include; reason`. There is no id: the record is known by its identifiers."""
    rows = []
    for number, record in enumerate(parse_medline(file.export.text).records, start=1):
        note = next(filter(None, map(_NOTE.fullmatch, record.all("GN"))), None)
        word, reason = (note[1], note[2] or "") if note else ("", "")
        rows.append(_row(number, medline_entry(record), word, reason, file))
    return _file("MEDLINE", "a note `Screening: …`", rows, file)


def is_eppi(file: DecisionFileRequest) -> bool:
    """Return whether a file is EPPI-Reviewer's JSON report."""
    return not file.export.is_workbook and isinstance(_eppi(file).get("References"), list)


def read_eppi(file: DecisionFileRequest) -> DecisionFile:
    """Read the codes of code sets for screening: of our own with the id, of others by name and kind of the code."""
    document = _eppi(file)
    sets = [each for each in _dicts(document.get("CodeSets")) if _is_screening(each)]
    ours = any(each.get("SetDescription") == OWN_CODE_SET for each in sets)
    codes = {code.get("AttributeId"): code for each in sets for code in _codes(each) if _type(code)}
    rows = []
    for number, reference in enumerate(document["References"], start=1):
        if not isinstance(reference, dict):
            rows.append(DecisionRow(number, {}, fault="not a JSON object"))
            continue
        record = {
            "given_id": reference.get("OldItemId") if ours else None,
            **{name: reference.get(key) for name, key in (("title", "Title"), ("doi", "DOI"), ("url", "URL"))},
        }
        given = [code for code in _dicts(reference.get("Codes")) if code.get("AttributeId") in codes]
        opinions = [_opinion(codes[code["AttributeId"]], code, ours) for code in given]
        decisions = {opinion.decision for opinion in opinions}
        if file.decision is not None:
            rows.append(DecisionRow(number, record, (Opinion(file.decision),)))
        elif len(decisions) > 1:
            rows.append(DecisionRow(number, record, fault="its codes say both include and exclude"))
        else:
            rows.append(DecisionRow(number, record, tuple(sorted(opinions, key=lambda o: o.reason, reverse=True))[:1]))
    return _file("EPPI-Reviewer", "a code of a code set for screening", rows, file, foreign=not ours)


def _row(number: int, entry: Entry, word: str, reason: str, file: DecisionFileRequest) -> DecisionRow:
    record = entry.model_dump(include=_FIELDS)
    try:
        decision = file.decision or decision_of(word)
    except BadInput as error:
        return DecisionRow(number, record, fault=str(error))
    opinions = (Opinion(decision, reason=reason if file.decision is None else ""),) if decision else ()
    return DecisionRow(number, record, opinions)


def _file(
    name: str, place: str, rows: list[DecisionRow], file: DecisionFileRequest, *, foreign: bool = False
) -> DecisionFile:
    if not any(row.opinions for row in rows):
        raise BadInput(
            f"{file.export.path}: no record of this {name} file has {place}; for a list of included or excluded records say "
            "--decision include or exclude"
        )
    return DecisionFile(name, tuple(rows), foreign_ids=foreign)


def _eppi(file: DecisionFileRequest) -> dict[str, Any]:
    text = file.export.text
    if not text.lstrip().startswith("{") or '"References"' not in text:
        return {}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_screening(code_set: Mapping[str, Any]) -> bool:
    kind = code_set.get("SetType")
    return isinstance(kind, dict) and kind.get("SetTypeName") == "Screening"


def _codes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the codes of a code set, those within others too."""
    inner = node.get("Attributes")
    for code in _dicts(inner.get("AttributesList") if isinstance(inner, dict) else None):
        yield code
        yield from _codes(code)


def _opinion(code: Mapping[str, Any], given: Mapping[str, Any], ours: bool) -> Opinion:
    """Return what a code says: our own by its name, another by its kind, with its name as the reason of an exclusion."""
    name, text = str(code.get("AttributeName") or "").strip(), str(given.get("AdditionalText") or "").strip()
    decision = Decision(name.lower() if ours and name.lower() in set(Decision) else _type(code))
    return Opinion(decision, reason=text or (name if not ours and not decision.kept else ""))


def _type(code: Mapping[str, Any]) -> str:
    """Return whether a code includes or excludes; empty for one that does neither, as a heading."""
    kind = str(code.get("AttributeType") or "").casefold()
    return kind if kind in ("include", "exclude") else ""


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
