"""`screener attach`: give a record its full text by hand, or say why there is none."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from .common import (
    JoinOption,
    JsonOption,
    ReviewOption,
    console,
    emit,
    first_records,
    open_review,
    writing_ledger,
)


def attach(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id, an alias of it, or its DOI.")],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="PDF, XML, HTML, Markdown, JSON, text.")] = None,
    role: Annotated[str, typer.Option(help="main, supplement, readme or model_card.")] = "main",
    password: Annotated[str | None, typer.Option(help="Of an encrypted PDF; not stored.")] = None,
    not_retrieved: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Sought but not retrieved; may be repeated for each attempt."),
    ] = None,
    no_full_text: Annotated[
        str | None, typer.Option(metavar="REASON", help="There is no full text, for instance of a meeting abstract.")
    ] = None,
    sought: Annotated[str | None, typer.Option(metavar="REASON", help="Still sought: undoes the other two.")] = None,
    remove: Annotated[
        str | None, typer.Option(metavar="DOCUMENT", help="Remove this document from the record.")
    ] = None,
    reviewer: Annotated[str | None, typer.Option(help="Your name (default: the user's name).")] = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Attach a full text to a record, remove one, or record the outcome of the search for it."""
    from ..core.errors import BadInput
    from ..documents import Retrieval, Role
    from ..exchange import attach_file, detach, note, without_pdfium
    from ..review.changes import after_change

    opened_review = open_review(review)
    searches = {Retrieval.NOT_RETRIEVED: not_retrieved, Retrieval.NO_FULL_TEXT: no_full_text, Retrieval.SOUGHT: sought}
    if sum(part is not None for part in (file, remove, *searches.values())) != 1:
        raise BadInput(
            "attach: give one of FILE, --not-retrieved REASON, --no-full-text REASON, --sought REASON, --remove DOCUMENT"
        )
    if role not in list(Role):
        raise BadInput(f"--role: `{role}` is none of {', '.join(Role)}")
    ledger, who = writing_ledger(opened_review, join), reviewer or user_name()
    first_records(ledger, opened_review, console(stderr=True))
    if file is not None:
        result = attach_file(ledger, opened_review, record, file, Role(role), who, [password] if password else [])
        document = result.as_json()
        if remark := without_pdfium([result]):
            typer.echo(f"screener: {remark}", err=True)
        pages = f"{result.pages} page" + "s" * (result.pages != 1)
        line = f"{result.record}: {'has had' if result.attached_before else 'has'} {file.name} as {result.document}, {pages}"
        line += f"; {result.reason}" if result.reason != "by hand" else ""
    elif remove is not None:
        document = {"record": detach(ledger, record, remove, who), "removed": remove}
        line = f"{document['record']}: {remove} was removed; the file stays in .screener/documents"
    else:
        status, reason = next((status, reason) for status, reason in searches.items() if reason is not None)
        noted = note(ledger, record, status, reason, who)
        document = noted.as_json()
        times = f" ({noted.attempts} attempt{'s' * (noted.attempts != 1)})" if noted.attempts else ""
        line = f"{noted.record}: {status.value.replace('_', ' ')}{times}: {noted.reason}"
    after_change(ledger, opened_review)
    if json:
        emit(document)
    else:
        print(line)


def user_name() -> str:
    """Return the name of who is logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "unknown"
