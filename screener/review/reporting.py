"""The report as a page, its drawings, and the audit ZIP that recomputes it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..exchange import write_file
from ..ledger import Ledger
from ..ledger.synthetic import read_synthetic
from ..protocol import Review
from ..reporting import write_pictures
from ..reporting.audit import WrittenAudit, write_audit
from ..reporting.audit.writing import Progress
from ..reporting.figures import figures as collect
from ..reporting.page import page


@dataclass(frozen=True)
class ReportResult:
    """A report. `path` is the page or ZIP that was written, None where none was; `drawings` how many were drawn."""

    path: Path | None
    drawings: int
    figures: dict[str, Any] = field(repr=False)
    """All figures of the report: `flow`, `gold`, accuracy, agreement and the rest."""
    audit: WrittenAudit | None = None
    """Of an audit ZIP, what is in it and the SHA-256 of its manifest."""

    def as_json(self) -> dict[str, Any]:
        """Return what `report --json` prints: all figures, or of an audit what was written."""
        return self.figures if self.audit is None else self.audit.as_json()


def refuse_synthetic(ledger: Ledger, what: str, remedy: str = "") -> None:
    """Raise `BadInput` where rows of test servers are in the review: `what` would present them as found."""
    with ledger.read() as connection:
        synthetic = read_synthetic(connection)
    if synthetic.count:
        raise BadInput(f"{what}: {synthetic.sentence}{remedy}")


def refuse_report(ledger: Ledger, *, with_synthetic: bool) -> None:
    """Raise `BadInput` for a report of a review that holds rows of test servers, unless `with_synthetic`."""
    if not with_synthetic:
        refuse_synthetic(ledger, "report", ". A report for trial, marked as synthetic: --with-synthetic")


def make_report(
    ledger: Ledger, review: Review, output: Path | None, drawings: Path | None = None, *, short: bool = False
) -> ReportResult:
    """Collect all figures, write the page or its `short` form to `output` and the drawings, as SVG and PNG, into a folder.

    Without `output` no page is written. Raises `BadInput` where a file cannot be written.
    """
    document = collect(ledger, review)
    if output is not None:
        write_file([page(document, short=short).encode()], output)
    return ReportResult(output, _draw(document, drawings), document)


def make_audit(
    ledger: Ledger,
    review: Review,
    output: Path,
    drawings: Path | None = None,
    *,
    with_texts: bool = True,
    progress: Progress = lambda *_: None,
) -> ReportResult:
    """Write the ZIP with the page and all that it was made from; abstracts, documents and answers only `with_texts`."""
    written = write_audit(ledger, review, output, with_texts=with_texts, progress=progress)
    return ReportResult(output, _draw(written.document, drawings), written.document, written)


def _draw(document: dict[str, Any], folder: Path | None) -> int:
    if folder is None:
        return 0
    try:
        return len(write_pictures(document, folder)) // 2
    except OSError as error:
        raise BadInput(f"--figures: {folder} cannot be written: {error.strerror}") from None
