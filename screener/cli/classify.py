"""`screener classify` and `screener contact`: reports that cannot be decided yet, and questions to their authors."""

from dataclasses import asdict
from typing import Annotated

import typer

from .attach import user_name
from .common import JoinOption, JsonOption, ReviewOption, emit, open_ledger, open_review, writing_ledger

RecordArgument = Annotated[str, typer.Argument(metavar="RECORD", help="The record's id, an alias of it, or its DOI.")]
NameOption = Annotated[str | None, typer.Option("--reviewer", help="Your name (default: the user's name).")]


def classify(
    record: RecordArgument,
    awaiting: Annotated[
        str | None, typer.Option(metavar="REASON", help="Awaits classification, for instance until authors answer.")
    ] = None,
    ongoing: Annotated[
        str | None, typer.Option(metavar="REASON", help="Of a study that is not finished, such as a registry record.")
    ] = None,
    settled: Annotated[
        str | None, typer.Option(metavar="REASON", help="Neither any more: undoes the other two.")
    ] = None,
    reviewer: NameOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Say that a report awaits classification or is of an ongoing study; it stands so until people decide on it."""
    from ..core.errors import BadInput
    from ..exchange import classify as enter
    from ..review.changes import after_change

    opened_review = open_review(review)
    reasons = {"awaiting": awaiting, "ongoing": ongoing, "settled": settled}
    given = [(kind, reason) for kind, reason in reasons.items() if reason is not None]
    if len(given) != 1:
        raise BadInput("classify: give one of --awaiting REASON, --ongoing REASON, --settled REASON")
    [(kind, reason)] = given
    ledger = writing_ledger(opened_review, join)
    noted = enter(ledger, opened_review, record, kind, reason, reviewer or user_name())
    after_change(ledger, opened_review)
    if json:
        emit(noted.as_json())
    else:
        print(f"{noted.record}: {noted.kind.replace('_', ' ') or 'settled'}: {noted.reason}")


def contact(
    record: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="The record; without one all are listed.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="WHO", help="Whom you asked.")] = None,
    asked: Annotated[str | None, typer.Option(metavar="TEXT", help="What you asked.")] = None,
    answer: Annotated[str | None, typer.Option(metavar="TEXT", help="What they answered to the last question.")] = None,
    on: Annotated[str, typer.Option(metavar="DAY", help="The day, ISO 8601 (default: today).")] = "",
    reviewer: NameOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Log a question to authors or its answer; without either, list what is logged."""
    from ..core.errors import BadInput
    from ..exchange import ask_authors, logged_contacts, note_answer

    opened_review, who = open_review(review), reviewer or user_name()
    if asked is None and answer is None:
        if to is not None:
            raise BadInput("--to: say what you asked (--asked)")
        listed = logged_contacts(open_ledger(opened_review), record)
    elif record is None or (asked is not None and answer is not None):
        raise BadInput("contact: give RECORD with --to and --asked, or with --answer")
    elif answer is not None:
        listed = [note_answer(writing_ledger(opened_review, join), record, answer, who, on)]
    else:
        listed = [ask_authors(writing_ledger(opened_review, join), record, to or "", asked or "", who, on)]
    if json:
        emit([{key: value for key, value in asdict(entry).items() if key != "id"} for entry in listed])
        return
    for entry in listed:
        answered = f"answered {entry.answered}: {entry.answer}" if entry.answer else "no answer yet"
        print(f"{entry.record_id}: {entry.who} asked {entry.to} on {entry.on}: {entry.asked}; {answered}")
    if not listed:
        print("No contact with authors is logged.")
