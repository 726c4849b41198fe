"""`screener attach`: give a record its full text by hand, or say why there is none."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from .common import JsonOption, ReviewOption, emit, open_ledger, open_review


def attach(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id.")],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="PDF, text, Markdown or HTML.")] = None,
    role: Annotated[str, typer.Option(help="main, supplement, readme or model_card.")] = "main",
    password: Annotated[str | None, typer.Option(help="Of an encrypted PDF; it is not kept.")] = None,
    not_retrieved: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="It was sought and not got; may be said again for each attempt."),
    ] = None,
    no_full_text: Annotated[
        str | None, typer.Option(metavar="REASON", help="There is no full text, for instance of a meeting abstract.")
    ] = None,
    remove: Annotated[str | None, typer.Option(metavar="DOCUMENT", help="Take this document off the record.")] = None,
    reviewer: Annotated[str | None, typer.Option(help="Who says so (default: the user's name).")] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Attach a file to a record, take one off, or say what became of the search for it."""
    from ..errors import BadInput
    from ..fulltexts import attach_file, detach, note
    from ..reports import Retrieval, Role

    here = open_review(review)
    if sum(part is not None for part in (file, not_retrieved, no_full_text, remove)) != 1:
        raise BadInput("attach: give one of FILE, --not-retrieved REASON, --no-full-text REASON or --remove DOCUMENT")
    if role not in list(Role):
        raise BadInput(f"--role: `{role}` is none of {', '.join(Role)}")
    ledger, who = open_ledger(here), reviewer or getpass.getuser()
    if file is not None:
        done = attach_file(ledger, here, record, file, Role(role), who, [password] if password else [])
        said = done.as_json()
        line = f"{done.record}: {'has had' if done.known else 'has'} {file.name} as {done.document}, {done.pages} pages"
        line += f" ({done.reason})" if done.scan else ""
    elif remove is not None:
        said = {"record": detach(ledger, record, remove, who), "removed": remove}
        line = f"{said['record']}: {remove} is taken off; the file stays in .screener/documents"
    else:
        status = Retrieval.NOT_RETRIEVED if not_retrieved is not None else Retrieval.NO_FULL_TEXT
        reason = not_retrieved or no_full_text or ""
        said = {"record": note(ledger, record, status, reason, who), "status": status.value, "reason": reason}
        line = f"{said['record']}: {status.value.replace('_', ' ')}: {reason}"
    if json:
        emit(said)
    else:
        print(line)
