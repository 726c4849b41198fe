"""A reviewer that a package brings need not know of criteria that presuppose others: the program sees to it."""

import pytest

from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.core.messages import EmbedRequest, EmbedResponse, Judging, Readable
from screener.protocol import QuestionCriterion, StageProtocol
from screener.records import Record
from screener.running.build_reviewers import Presupposing

STAGE = StageProtocol(
    question="?",
    template="t.md",
    criteria=(QuestionCriterion(id="a", question="?"), QuestionCriterion(id="b", question="?", applies_if="a")),
)


class Foreign:
    """Answers every criterion, after one request."""

    asked, rule = "asked", "rule"

    def judge(self, record: Readable) -> Judging:
        yield EmbedRequest((record.title,))
        answers = {"a": Answer(value=Value.NO), "b": Answer(value=Value.YES, probability=0.9)}
        return Judgement(decision=Decision.EXCLUDE, answers=answers)


def test_its_answer_to_what_is_not_asked_is_set_aside_and_a_change_of_that_is_one_of_its_rules() -> None:
    reviewer = Presupposing(Foreign(), STAGE)
    judging = reviewer.judge(Record(id="r", title="A title"))
    assert next(judging) == EmbedRequest(("A title",))
    with pytest.raises(StopIteration) as stop:
        judging.send(EmbedResponse(None))  # type: ignore[arg-type]
    assert stop.value.value.answers["b"] == Answer(value=Value.NOT_ASKED, reason="`a` is no")
    assert reviewer.asked == "asked"
    assert reviewer.rule not in ("rule", Presupposing(Foreign(), STAGE.model_copy(update={"criteria": ()})).rule)
