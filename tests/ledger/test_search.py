from collections.abc import Callable
from typing import Any

import pytest

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.drafts import put_draft
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.search import RecordQuery, matching_ids, matching_records
from screener.ledger.store import Ledger
from screener.ledger.tags import set_tag
from screener.records import Record

STAGE = Stage.ABSTRACT


@pytest.fixture
def review(ledger: Ledger, add_records: Callable[..., None]) -> Ledger:
    """ada has included r1 and excluded r2 (under a merged id), begun r3; her tag is on r3, ben's on r4."""
    texts = {"r1": "Hearts of mice", "r2": "100% ÄRGER", "r3": "Title words", "r4": "Lungs"}
    add_records(
        *(Record(id=name, title=title, abstract="On title") for name, title in texts.items()), merged={"p": "r2"}
    )
    with ledger.write() as connection:
        for name, decision in (("r1", Decision.INCLUDE), ("p", Decision.EXCLUDE)):
            judgement = Judgement(decision=decision)
            add_judgements(connection, [NewJudgement(name, "", STAGE, "ada", "human", judgement)])
        put_draft(connection, STAGE, "r3", "ada", {})
        set_tag(connection, STAGE, "r3", "ada", "animal")
        set_tag(connection, STAGE, "r4", "ben", "animal")
    return ledger


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["r1", "r2", "r3", "r4"]),
        ({"words": ["HEARTS"]}, ["r1"]),
        ({"words": ["ärger"]}, ["r2"]),
        ({"words": ["100%"]}, ["r2"]),
        ({"words": ["0_0"]}, []),
        ({"words": ["on", "lungs"]}, ["r4"]),
        ({"words": ["anim"]}, ["r3"]),
        ({"words": ["abstract"], "stored_words": "title abstract"}, []),
        ({"words": ["title"], "stored_words": "title abstract"}, ["r1", "r2", "r3", "r4"]),
        ({"tag": "animal"}, ["r3"]),
        ({"show": "mine"}, ["r1", "r2"]),
        ({"show": "exclude"}, ["r2"]),
        ({"show": "open"}, ["r3", "r4"]),
        ({"show": "draft"}, ["r3"]),
    ],
)
def test_records_are_found(review: Ledger, asked: dict[str, Any], ids: list[str]) -> None:
    wanted = RecordQuery(STAGE, "ada", **asked)
    with review.read() as connection:
        assert matching_ids(connection, wanted) == ids
        assert [record.id for record in matching_records(connection, wanted, limit=2, offset=1)] == ids[1:3]
