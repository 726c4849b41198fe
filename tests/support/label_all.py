"""Two people's judgements of every record."""

from pathlib import Path

from sqlalchemy import insert, select

from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.ledger import tables as t
from screener.ledger.store import Ledger, now


def label_all(folder: Path) -> None:
    answers = {"signal": Answer(value=Value.NO)}
    body = Judgement(decision=Decision.EXCLUDE, answers=answers).model_dump_json(exclude_defaults=True)
    ledger = Ledger.of(folder / ".screener")
    with ledger.write() as connection:
        for name in connection.execute(select(t.records.c.id)).scalars().all():
            for who in ("ada", "ben"):
                row = {"run_id": "", "record_id": name, "text_hash": "", "stage": "abstract", "reviewer": who, "role": "human",
                       "asked": "human", "rule": "", "repeat": 0, "at": now(), "decision": "exclude", "probability": None, "body": body}  # fmt: skip
                connection.execute(insert(t.judgements).values(row))
    ledger.close()
