"""The ledger of a review, and of no other one: both carry the review's id."""

import os
from collections.abc import Callable
from pathlib import Path

from ..core.errors import BadInput, LedgerError
from ..ledger import Ledger, Owner, has_content, owner_of, reads, record_owner
from ..ledger.backup import backup_review as make_backup
from ..ledger.backup import restore_review as restore_backup
from ..protocol import Review, new_id, read_id, write_id
from ..stages import keep_standings

Notify = Callable[[str], None]


def ledger_to_read(review: Review) -> Ledger:
    """Open the review's ledger for reading, an empty one if it has none; nothing is written, so its folder may be read-only.

    Raises `BadInput` with both titles for the ledger of another review, and for one that the folder has not joined.
    """
    ledger = Ledger.for_reading(review.hidden)
    with ledger.read() as connection:
        owner = owner_of(connection)
    if owner is not None and owner.id != review.protocol.id:
        ledger.close()
        raise _refusal(ledger, review, owner)
    return ledger


def ledger_to_write(
    review: Review,
    *,
    join: bool = False,
    notify: Notify = lambda _: None,
    patient: bool = True,
    url: str | None = None,
) -> Ledger:
    """Open the review's ledger, made if missing, and `claim` it; its transactions keep how each record stands.

    `patient` says whether to wait for a ledger that another program keeps locked, `url` where it is, instead of what
    `SCREENER_LEDGER` says.
    """
    ledger = Ledger.of(review.hidden, url)
    ledger.patient = patient
    try:
        claim(ledger, review, join=join, notify=notify)
    except (BadInput, LedgerError):
        ledger.close()
        raise
    keep_standings(ledger, review)
    return ledger


def backup_review(review: Review, ledger: Ledger, target: Path) -> int:
    """Make a backup of a review's folder and its ledger in a new ZIP, and return the number of files in it."""
    if not Ledger.exists(review.hidden):
        raise BadInput(f"{review.root}: there is no ledger yet to back up")
    url = ledger.engine.url.render_as_string(hide_password=False)
    return make_backup(review.root, url, target)


def restore_review(source: Path, folder: Path) -> int:
    """Restore a review into a new folder, its ledger into the empty database that `SCREENER_LEDGER` names if it is set."""
    return restore_backup(source, folder, os.environ.get("SCREENER_LEDGER"))


def claim(ledger: Ledger, review: Review, *, join: bool = False, notify: Notify = lambda _: None) -> None:
    """See to it that review and ledger have the same id, before anything is written.

    Where both are new, both get one. A folder without an id takes that of a ledger only with `join`, and so does a
    ledger that `SCREENER_LEDGER` names, has content and no id; `notify` is then given a line that says whose ledger it is.
    Raises `BadInput` as `ledger_to_read` does.
    """
    with ledger.read() as connection:
        same_owner = owner_of(connection) == Owner(review.protocol.id or "", review.protocol.title)
    if not same_owner:
        _give_same_id(ledger, review, join, notify)


def _give_same_id(ledger: Ledger, review: Review, join: bool, notify: Notify) -> None:
    """Give review and ledger the same id, in a transaction that no other process can be in."""
    path = review.prompts / "review.yaml"
    with ledger.write() as connection:
        # Another process may have written the id since the protocol was read.
        review_id, owner = read_id(path), owner_of(connection)
        if owner is not None and owner.id != review_id:
            if review_id is not None or not join:
                raise _refusal(ledger, review, owner, review_id)
            notify(f"Joined the ledger of “{_line(owner.title)}”.")
        elif owner is None and os.environ.get("SCREENER_LEDGER") and has_content(connection):
            _adopt(ledger, review, reads.count_records(connection), join, notify)
        chosen = owner.id if owner is not None else review_id or new_id()
        if review_id is None:
            write_id(path, chosen)
        review.protocol = review.protocol.model_copy(update={"id": chosen})
        record_owner(connection, Owner(chosen, review.protocol.title))


def _adopt(ledger: Ledger, review: Review, records: int, join: bool, notify: Notify) -> None:
    """Say whose a database becomes that has content and no id; `BadInput` unless that was asked for."""
    contents, title = f"{records:,} records", _line(review.protocol.title)
    if not join:
        raise BadInput(
            f"{_place(ledger, review)}: this ledger has {contents} and does not say of which review; if it is that of “{title}”, "
            f"repeat the command with --join"
        )
    notify(f"Joined a ledger with {contents} that did not say of which review; it is now that of “{title}”.")


def _refusal(ledger: Ledger, review: Review, owner: Owner, review_id: str | None = None) -> BadInput:
    """Return what to say of a ledger that is another review's, or may be this one's."""
    shared = bool(os.environ.get("SCREENER_LEDGER"))
    apart = "name another database in SCREENER_LEDGER" if shared else f"move {review.hidden} away"
    theirs, ours = _line(owner.title), _line(review.protocol.title)
    review_id = review_id or review.protocol.id
    if review_id is None:
        return BadInput(
            f"{_place(ledger, review)}: this ledger belongs to the review “{theirs}”, and “{ours}” in {review.root} has no id; "
            f"if they are the same, repeat a command that writes (say, `screener import`) with --join; if not, {apart}"
        )
    return BadInput(
        f"{_place(ledger, review)}: this ledger belongs to the review “{theirs}” (id {owner.id}), not to “{ours}” in "
        f"{review.root} (id {review_id}); {apart}"
    )


def _place(ledger: Ledger, review: Review) -> str:
    """Return where the ledger is, as the user knows it; what is read may be a copy."""
    if not os.environ.get("SCREENER_LEDGER"):
        return str(review.hidden / "ledger.db")
    url = ledger.engine.url.set(drivername=ledger.engine.dialect.name)
    return str(url.database) if ledger.is_file else url.render_as_string(hide_password=True)


def _line(title: str) -> str:
    return " ".join(title.split())
