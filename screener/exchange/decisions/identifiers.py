"""A list of bare DOIs, PMIDs or arXiv ids, one a line: the records that were all decided alike."""

import re
from collections.abc import Mapping

from ...core.errors import BadInput
from ...records import arxiv, doi, pmid
from .decision_file import DecisionFile, DecisionFileRequest, DecisionRow, Opinion

_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)
_PMID = re.compile(r"(?:pmid:?\s*)?\d{1,8}|https?://\S*pubmed\S*", re.IGNORECASE)
_ARXIV = re.compile(r"(?:arxiv:\s*|https?://arxiv\.org/\S+/)\S+", re.IGNORECASE)


def is_list_of_identifiers(file: DecisionFileRequest) -> bool:
    """Return whether every line of a text is an identifier, and nothing else."""
    lines = _lines(file)
    return bool(lines) and all(_identifier(line) for line in lines)


def read_identifiers(file: DecisionFileRequest) -> DecisionFile:
    """Read a list of identifiers with the decision that the user says; `BadInput` without one."""
    if file.decision is None:
        raise BadInput(
            f"{file.export.path}: a list of identifiers does not say what was decided; say it with --decision include or "
            "--decision exclude"
        )
    opinions = (Opinion(file.decision),)
    rows = [DecisionRow(number, _identifier(line), opinions) for number, line in enumerate(_lines(file), start=1)]
    return DecisionFile("list of identifiers", tuple(rows))


def _lines(file: DecisionFileRequest) -> list[str]:
    return [line.strip().strip("\"',;") for line in file.export.text.splitlines() if line.strip().strip("\"',;")]


def _identifier(line: str) -> Mapping[str, str]:
    """Return the identifier that a line is, by its kind, or nothing."""
    for kind, pattern, read in (("doi", _DOI, doi), ("pmid", _PMID, pmid), ("arxiv", _ARXIV, arxiv)):
        if pattern.fullmatch(line) and (value := read(line)):
            return {kind: value}
    return {}
