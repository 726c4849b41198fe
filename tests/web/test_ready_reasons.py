"""Reasons of an adjudication that need one key: what it says where the judgements differ."""

import pytest

from screener.adjudication.side_by_side import CriterionRow, JudgementColumn, SideBySide
from screener.core.judgement import Answer, Value
from screener.protocol.model import StageProtocol
from screener.web.ready_reasons import ready_reasons
from screener.web.views import FormAnswers

STAGE = StageProtocol.model_validate(
    {
        "question": "Is it a trial?",
        "template": "abstract.md",
        "criteria": [
            {"id": name, "question": f"Is it {name}?", "label": name} for name in ("human", "randomised", "recent")
        ],
        "decided_by": {"humans": 2},
    }
)


def row(name: str, *values: Value | None) -> CriterionRow:
    answers = [None if value is None else Answer(value=value) for value in values]
    differs = len({value for value in values if value is not None}) > 1
    return CriterionRow(name, f"Is it {name}?", answers, differs, "" if differs else "yes")


COMPARED = SideBySide(
    [JudgementColumn("A", "human", "include", ""), JudgementColumn("B", "human", "exclude", "")],
    [
        row("human", Value.YES, Value.NO),
        row("randomised", Value.UNCLEAR, Value.YES),
        row("recent", Value.YES, Value.YES),
    ],
)


@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ({}, []),
        ({"recent": Value.NO}, []),
        ({"human": Value.NO}, ["Human: not met.", "As B judged."]),
        (
            {"human": Value.YES, "randomised": Value.UNCLEAR},
            [
                "Human: met. Randomised: the text does not say.",
                "Human: met.",
                "Randomised: the text does not say.",
                "As A judged.",
            ],
        ),
        (
            {"human": Value.NO, "randomised": Value.UNCLEAR},
            [
                "Human: not met. Randomised: the text does not say.",
                "Human: not met.",
                "Randomised: the text does not say.",
            ],
        ),
    ],
)
def test_what_is_answered_where_the_judgements_differ_is_the_reason(
    answers: dict[str, Value], reasons: list[str]
) -> None:
    assert ready_reasons(STAGE, COMPARED, FormAnswers(answers)) == reasons
