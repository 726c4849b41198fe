"""`screener integrity`: which records were retracted, corrected or put in doubt, checked again and dated."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .attach import user_name
from .common import JoinOption, JsonOption, ReviewOption, counted, emit, open_ledger, open_review, writing_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ledger import IntegrityCheck
    from ..stages import IntegrityState


def integrity(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="A Retraction Watch CSV, or a fresh export of the records."),
    ] = None,
    keep: Annotated[
        str | None, typer.Option(metavar="RECORD", help="Note that a marked record stays included; needs --note.")
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it stays.")] = None,
    reviewer: Annotated[str | None, typer.Option("--reviewer", help="Your name (default: the user's name).")] = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Check retraction status against files, before the report; without files list what is known.

    A CSV needs the columns DOI or PMID and RetractionNature, as the Retraction Watch database has them. Every check is
    kept with its day. A study that is included though it was retracted waits for a person: exclude it, or --keep it.
    """
    from ..core.errors import BadInput
    from ..exchange import check_integrity, keep_marked
    from ..stages import integrity_state, load_stages

    opened, who = open_review(review), reviewer or user_name()
    if (keep is None) != (note is None):
        raise BadInput("integrity: --keep RECORD goes with --note TEXT")
    if files or keep is not None:
        ledger = writing_ledger(opened, join)
        checks = [check_integrity(ledger, file, who) for file in files or ()]
        if keep is not None and note is not None:
            keep_marked(ledger, keep, note, who)
    else:
        ledger, checks = open_ledger(opened), []
    state = integrity_state(ledger, load_stages(ledger, opened))
    if json:
        emit(
            {
                "checked": state.checked or None,
                "source": state.source or None,
                "checks": [
                    {"file": c.source, "compared": c.compared, "without": c.without, "found": len(c.found)}
                    for c in checks
                ],
                "marked": [
                    vars(record) | {"why": list(record.why), "must_decide": record.must_decide}
                    for record in state.marked
                ],
            }
        )
        return
    _show(state, checks)


def _show(state: "IntegrityState", checks: "Sequence[IntegrityCheck]") -> None:
    for check in checks:
        print(
            f"{check.source}: {counted(check.compared, 'record')} compared, {counted(len(check.found), 'record is', 'records are')} "
            f"in it; {counted(check.without, 'record has', 'records have')} no DOI or PMID to look for"
        )
    when = f"last on {state.checked[:10]} with {state.source}, by {state.who}" if state.checked else "never"
    print(f"Retraction status was checked {when}.")
    for record in state.marked:
        place = "; included: a person must decide" if record.must_decide else "; included" if record.included else ""
        print(f"  {record.id}: {record.integrity}{place}: {record.title}")
        for why in record.why:
            print(f"    {why}")
        if record.decision:
            print(f"    kept: {record.decision}")
