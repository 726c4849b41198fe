"""The formats of decision files, and which of them a file has."""

from collections.abc import Mapping
from pathlib import Path

from ...core.errors import BadInput
from ...core.judgement import Decision, Stage
from ...core.registry import Registry
from ...records import Export, looks_like_ris
from . import reference_files, tables
from .asreview import is_project, read_project
from .decision_file import DecisionFile, DecisionFileRequest, DecisionReader
from .identifiers import is_list_of_identifiers, read_identifiers
from .ris import read_ris

_BUILT_IN = {
    "asreview_project": DecisionReader(
        "", lambda file: is_project(file.export.raw), lambda file: read_project(file.export.path)
    ),
    "ris": DecisionReader("", lambda file: looks_like_ris(file.export.text), read_ris),
    "bibtex": DecisionReader("BibTeX with a field `screening`", reference_files.is_bibtex, reference_files.read_bibtex),
    "nbib": DecisionReader("MEDLINE with a note `Screening`", reference_files.is_medline, reference_files.read_medline),
    "eppi": DecisionReader("EPPI-Reviewer (JSON)", reference_files.is_eppi, reference_files.read_eppi),
    "identifiers": DecisionReader("a list of bare DOIs or PMIDs", is_list_of_identifiers, read_identifiers),
    # What the user says of a table goes before what its columns are called.
    "named_columns": DecisionReader("", lambda file: bool(file.columns), tables.read_named_columns),
    "list": DecisionReader("", lambda file: file.decision is not None, tables.read_list),
    "decisions": DecisionReader(
        "a table with `decision` (and optionally `reviewer`, `reason`, criteria)",
        tables.has_decisions,
        tables.read_plain,
    ),
    "columns": DecisionReader(
        "a table with a column a reviewer (`label_reviewer_1`, …, or --column)", tables.has_reviewers, tables.read_wide
    ),
    "rayyan": DecisionReader("Rayyan (CSV or RIS)", tables.has_rayyan_notes, tables.read_rayyan),
    "asreview": DecisionReader("ASReview (CSV, Excel, RIS, project)", tables.has_asreview_labels, tables.read_asreview),
    "covidence": DecisionReader("Covidence (CSV)", tables.is_covidence, tables.read_covidence),
}
FORMATS = (
    *(reader.readable for reader in _BUILT_IN.values() if reader.readable),
    "judgements of another review (`export --format judgements`)",
)
"""What can be read without any other package, as messages name it."""
DECISION_FILES = Registry("screener.decision_files", DecisionReader, _BUILT_IN)
"""The formats of decision files, in the order in which they are tried."""


def read_decisions(
    path: Path,
    columns: Mapping[str, str],
    decision: Decision | None,
    criteria: tuple[str, ...] = (),
    stage: str = Stage.ABSTRACT,
) -> DecisionFile:
    """Return what a file says, whatever tool wrote it; `BadInput` for one that cannot be used.

    `criteria` are the ids of the criteria of the `stage` at which it was decided.
    """
    file = DecisionFileRequest(Export.of(path), columns, decision, criteria, stage)
    for reader in DECISION_FILES.values():
        if reader.recognises(file):
            return reader.read(file)
    readable = "; ".join(reader.readable for reader in DECISION_FILES.values() if reader.readable)
    raise BadInput(
        f"{path}: no column is called `decision` (columns: {', '.join(file.export.table[0][:8])}); can be read: {readable}; "
        "name columns with --column COLUMN=REVIEWER"
    )
