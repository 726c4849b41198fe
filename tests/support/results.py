"""A review whose results can be looked at: provisional gold, a machine, one who has judged all, and one who differs from them."""

import json
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import insert, update

from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review
from support.web_app import small_review

STAGE = Stage.ABSTRACT
GOLD = 12
"""So many of the 14 records have a label, and the judgement of a second person."""
EXCLUDED: Mapping[str, tuple[int, ...]] = {"ben": (0, 1, 2, 3, 4, 5), "cara": (0, 1, 2, 3, 4, 6)}
"""The records that each person excludes, by number: they differ on two."""


def judged_review(folder: Path) -> Review:
    """Make the review; the first six labels of its gold are `exclude`, and no person has confirmed any."""
    review = small_review(folder)
    (folder / "gold").mkdir()
    (folder / "gold" / "gold.yaml").write_text("name: tiny\nstatus: provisional\nlevel: abstract\nsplit: {salt: a}\n")
    rows = [f"r{n},{'exclude' if n < 6 else 'include'},{'no' if n < 6 else 'yes'},yes" for n in range(GOLD)]
    (folder / "gold" / "abstract.csv").write_text("id,decision,signal,training\n" + "\n".join(rows) + "\n")
    ledger = Ledger.of(folder / ".screener")
    specification = json.dumps({"protocol": review.fingerprint(STAGE, "embedded")})
    with ledger.write() as connection:
        # What the machine said is of the present protocol, so that it can be compared with gold.
        run = {"id": "run", "at": now(), "stage": STAGE.value, "reviewer": "embedded", "ended": now()}
        connection.execute(insert(t.runs).values(**run, specification=specification))
        connection.execute(update(t.judgements).values(run_id="run"))
        texts = {record.id: record.text_hash for record in reads.records(connection)}
        add_judgements(connection, [
            NewJudgement(name, texts[name], STAGE, who, "human", _judgement(int(name[1:]) in excluded))
            for who, excluded in EXCLUDED.items() for name in texts if who == "ben" or int(name[1:]) < GOLD
        ])  # fmt: skip
    ledger.close()
    return review


def _judgement(excludes: bool) -> Judgement:
    answers = {"signal": Answer(value=Value.NO if excludes else Value.YES), "training": Answer(value=Value.YES)}
    return Judgement(decision=Decision.EXCLUDE if excludes else Decision.INCLUDE, answers=answers)
