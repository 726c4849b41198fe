"""Full texts that were sent through the browser: matched as a job, and those that were not, given to a record by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from ..core.job_work import ReportsProgress, StoppedEarly
from ..core.words import counted
from ..documents import Role
from ..exchange import BY_HAND, FullText, attach_as, left_out, without_pdfium
from ..exchange.document_folders import SUFFIXES
from ..ledger import Ledger, reads
from ..ledger.documents import AttachedFile
from ..protocol import Review
from .changes import after_change
from .importing import import_full_texts
from .uploads import Drop, Uploads

if TYPE_CHECKING:
    from .jobs_of_review import JobReview

ENDINGS = SUFFIXES
"""The endings of what is read."""
WAITING = ("ambiguous", "unmatched", "unreadable")


@dataclass(frozen=True)
class HeldText:
    """A file that waits for a person to say whose text it is, and what came of matching it."""

    drop: str
    number: int
    name: str
    status: str
    reason: str
    candidates: Sequence[str]
    encrypted: bool


def attach_sent(job: "JobReview", progress: ReportsProgress, stop: Event) -> dict[str, Any]:
    """Match the files that were handed over under the argument `drop` to records, and attach them; what came of each.

    What was matched, or is nothing that can be read, is removed. The other files are kept until a person has decided. What was
    noted stays, so that the job may be done again where its end could not be written.
    """
    drop = Uploads(Review(job.folder).hidden).of_job(str(job.args["drop"]))
    folder, warning = drop.folder / "files", ""
    for file in left_out(folder):
        _settled(
            drop, file.path, {"name": file.path.name, "status": "left out", "reason": file.reason, "encrypted": False}
        )
    for sent_before in drop.files():  # it ended before the file was removed
        if "status" in sent_before.known and sent_before.known["status"] not in WAITING:
            drop.remove(sent_before.number, with_note=False)
    sent = drop.files()

    def entered(text: FullText) -> None:
        nonlocal warning
        warning = warning or without_pdfium([text])
        keep = _is_kept(text)
        _settled(drop, text.path, _told(text), keep=keep)
        done = sum("status" in known for known in drop.noted().values())
        progress(min(done, len(sent)), len(sent), f"Read {text.path.name}")
        if stop.is_set():
            raise StoppedEarly(_texts_result(drop, warning))

    if sent:
        progress(0, len(sent), f"Reading {counted(len(sent), 'file')}")
        with job.opened() as opened:
            try:
                import_full_texts(opened.ledger, opened.review, folder, entered, name_of=lambda path: path.name)
            except StoppedEarly:
                after_change(opened.ledger, opened.review)
                raise
            _name_records(opened.ledger, drop)
    return _texts_result(drop, warning)


def _name_records(ledger: Ledger, drop: Drop) -> None:
    """Note the titles of the records to which files were matched."""
    noted = drop.noted()
    with ledger.read() as connection:
        titles = reads.titles(connection, {known["record"] for known in noted.values() if known.get("record")})
    for number, known in noted.items():
        if known.get("record"):
            drop.note(number, {**known, "title": titles.get(known["record"], "")})


def held_texts(review: Review) -> list[HeldText]:
    """Return the files that wait for a person, those sent last first."""
    return [
        HeldText(
            name, sent.number, sent.name, str(sent.known["status"]), str(sent.known["reason"]),
            tuple(sent.known.get("candidates", ())), bool(sent.known.get("encrypted")),
        )
        for name, drop in Uploads(review.hidden).jobs()
        for sent in drop.files()
        if sent.known.get("status") in WAITING
    ]  # fmt: skip


@dataclass(frozen=True)
class GivenText:
    """To which record a person gives a file, as what, and the password of one that is encrypted."""

    record: str
    who: str
    role: Role = Role.MAIN
    password: str = ""


def give_text(review: Review, ledger: Ledger, drop: Drop, number: int, given: GivenText) -> FullText:
    """Attach a file to a record by a person's decision, and remove it from what was sent.

    `BadInput` for an unknown record and for a file that cannot be read; then it stays.
    """
    sent = drop.one(number)
    file = AttachedFile(sent.name, "", given.role, BY_HAND, given.who)
    attached = attach_as(ledger, review, given.record, sent.path, file, [given.password] if given.password else [])
    after_change(ledger, review)
    drop.remove(number)
    _clear_where_empty(drop)
    return attached


def discard_text(drop: Drop, number: int) -> str:
    """Remove a file that waits; return its name."""
    name = drop.one(number).name
    drop.remove(number)
    _clear_where_empty(drop)
    return name


def _is_kept(text: FullText) -> bool:
    return text.status in ("ambiguous", "unmatched") or _is_encrypted(text)


def _is_encrypted(text: FullText) -> bool:
    return text.status == "unreadable" and "encrypted and" in text.reason


def _settled(drop: Drop, path: Path, known: Mapping[str, Any], *, keep: bool = False) -> None:
    number = int(path.relative_to(drop.folder / "files").parts[0])
    if keep:
        drop.note(number, known)
    else:
        drop.settle(number, known)


def _told(text: FullText) -> dict[str, Any]:
    return {
        "name": text.path.name, "status": text.status, "reason": text.reason.removeprefix(f"{text.path.name} "), "record": text.record,
        "pages": text.pages, "candidates": list(text.candidates), "scan": text.scan, "before": text.attached_before,
        "encrypted": _is_encrypted(text), "remarks": list(text.remarks),
    }  # fmt: skip


def _texts_result(drop: Drop, warning: str) -> dict[str, Any]:
    return {"files": [known for known in drop.noted().values() if "status" in known], "warning": warning}


def _clear_where_empty(drop: Drop) -> None:
    if not drop.files():
        drop.clear()
