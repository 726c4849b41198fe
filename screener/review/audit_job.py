"""The audit ZIP as a job: written into the review's own folder, under a name that nobody chooses."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.job_work import ReportsProgress, StoppedEarly
from ..protocol import Review
from .reporting import make_audit

if TYPE_CHECKING:
    from .jobs_of_review import JobReview


def audit_file(review: Review, *, with_texts: bool) -> Path:
    """Return where the newest audit of a review is kept, once it was made."""
    return review.hidden / "made" / f"audit{'' if with_texts else '-without-texts'}.zip"


def audit_job(given: "JobReview", report: ReportsProgress, stop: threading.Event) -> Any:
    """Write the audit ZIP, whole or not at all; the result is what `report --audit --json` prints, without the path."""

    def progress(done: int, of: int) -> None:
        if stop.is_set():
            raise StoppedEarly
        report(done, of, f"{done:,} of {of:,} parts are written")

    with given.opened() as opened:
        with_texts = given.args.get("texts") is True
        path = audit_file(opened.review, with_texts=with_texts)
        report(0, None, "All figures are counted first")
        try:
            path.parent.mkdir(exist_ok=True)
            written = make_audit(opened.ledger, opened.review, path, with_texts=with_texts, progress=progress).audit
        except OSError as error:
            raise BadInput(f"The audit cannot be written: {error.strerror}.") from None
        except BadInput as error:
            raise BadInput(str(error).replace(f"{path.parent}/", "")) from None
    assert written is not None
    return {name: value for name, value in written.as_json().items() if name != "path"}
