"""A review that shows the machine's answers, and what was kept of who saw them."""

import json
from pathlib import Path

from sqlalchemy import select

from screener.ledger import tables as t
from screener.ledger.store import Ledger


def shown(folder: Path, when: str) -> None:
    path = folder / "prompts" / "review.yaml"
    text = path.read_text().replace("    show_machine: after\n", "")
    path.write_text(text.replace("    decided_by:", f"    show_machine: {when}\n    decided_by:"))


def around(folder: Path) -> list[tuple[str, dict[str, object]]]:
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        rows = connection.execute(select(t.judgement_context).order_by(t.judgement_context.c.judgement_id)).all()
    ledger.close()
    return [(row.blinded, json.loads(row.body)) for row in rows]
