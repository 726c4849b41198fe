"""One person with a machine as second reviewer: what both say alike is decided, and what they differ on is a conflict."""

from itertools import product

import pytest
from support import Later

from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger.reads import StoredJudgement
from screener.protocol import DecidedBy
from screener.stages import stand

recomputed = Later("recomputed.standing")

RULE = DecidedBy(humans=1, machine="gpt", machine_as="second_reviewer")
KEEP = Judgement(decision=Decision.INCLUDE, stated=True)
UNSURE = Judgement(decision=Decision.UNCLEAR, stated=True)
OUT = Judgement(decision=Decision.EXCLUDE, stated=True, answers={"heart": Answer(value=Value.NO)})
OTHERWISE = Judgement(decision=Decision.EXCLUDE, stated=True, answers={"adults": Answer(value=Value.NO)})


def row(number: int, who: str, judgement: Judgement, role: str = "human") -> StoredJudgement:
    return StoredJudgement(number, "", "r1", "", who, role, "human", "", 0, "", judgement)


def anna(judgement: Judgement) -> StoredJudgement:
    return row(1, "anna", judgement)


def gpt(judgement: Judgement) -> StoredJudgement:
    return row(2, "gpt", judgement, "machine")


@pytest.mark.parametrize(("person", "machine"), [(KEEP, KEEP), (OUT, OUT), (OUT, OTHERWISE), (KEEP, UNSURE)])
def test_what_both_decide_alike_at_titles_and_abstracts_is_final_by_the_person(
    person: Judgement, machine: Judgement
) -> None:
    standing = stand(RULE, [anna(person), gpt(machine)])
    assert (standing.status, standing.decision, standing.by) == ("final", person.decision, "anna")


@pytest.mark.parametrize(("person", "machine"), [(KEEP, OUT), (OUT, KEEP), (OUT, UNSURE)])
def test_where_they_differ_it_is_a_conflict_whoever_judged_first(person: Judgement, machine: Judgement) -> None:
    for rows in ([anna(person), gpt(machine)], [gpt(machine), anna(person)]):
        assert stand(RULE, rows).status == "conflict"


@pytest.mark.parametrize(("person", "machine"), [(OUT, OTHERWISE), (KEEP, UNSURE)])
def test_at_full_text_reasons_count_too(person: Judgement, machine: Judgement) -> None:
    assert stand(RULE, [anna(person), gpt(machine)], stage=Stage.FULLTEXT).status == "conflict"


def test_what_the_machine_has_not_judged_waits_for_it() -> None:
    standing = stand(RULE, [anna(OUT)])
    assert (standing.status, standing.message) == ("pending", "waits for the second reviewer, gpt")


def test_what_the_machine_failed_on_is_an_error_to_be_asked_again() -> None:
    assert stand(RULE, [anna(OUT)], error="no answer").status == "error"


def test_what_the_person_has_not_judged_is_only_suggested() -> None:
    assert stand(RULE, [gpt(OUT)]).status == "suggested"


def test_two_people_who_agree_need_no_machine() -> None:
    standing = stand(RULE, [anna(OUT), gpt(KEEP), row(3, "ben", OUT)])
    assert (standing.status, standing.decision, standing.by) == ("final", "exclude", "anna, ben")


def test_an_adjudication_stands_above_both() -> None:
    standing = stand(RULE, [anna(OUT), gpt(KEEP), row(3, "zoe", KEEP, "adjudicator")])
    assert (standing.status, standing.decision, standing.by) == ("final", "include", "zoe")


@pytest.mark.parametrize("stage", [Stage.ABSTRACT, Stage.FULLTEXT])
def test_of_a_machine_that_judges_first_only_exclusions_are_final_under_an_open_gate(stage: Stage) -> None:
    first = DecidedBy(humans=2, machine="gpt", machine_as="first")
    for judgement, status in ((OUT, "final"), (KEEP, "suggested"), (UNSURE, "suggested")):
        assert stand(first, [gpt(judgement)], stage=stage, gate_open=True).status == status
        assert stand(first, [gpt(judgement)], stage=stage).status == "suggested"
    assert stand(first, [gpt(KEEP)], stage=stage, gate_open=True).proceeds


def as_rows(stored: list[StoredJudgement]) -> dict[tuple[str, str], dict[str, object]]:
    """The judgements as an audit has them."""
    return {
        (row.role, row.reviewer): {
            "id": row.id,
            "decision": row.judgement.decision.value,
            "said": row.judgement.model_dump(mode="json"),
        }
        for row in stored
    }


@pytest.mark.parametrize("stage", [Stage.ABSTRACT, Stage.FULLTEXT])
def test_code_that_shares_nothing_with_it_finds_the_same_standings(stage: Stage) -> None:
    says = (None, KEEP, UNSURE, OUT, OTHERWISE)
    rule = {"humans": 1, "machine": "gpt", "second_reviewer": True}
    for first, second, machine, ruling in product(says, says, says, (None, KEEP, OUT)):
        told = ((1, "anna", first, "human"), (2, "gpt", machine, "machine"), (3, "ben", second, "human"),
                (4, "zoe", ruling, "adjudicator"))  # fmt: skip
        rows = [row(number, who, said, role) for number, who, said, role in told if said is not None]
        here, anew = stand(RULE, rows, stage=stage), recomputed.stand(stage.value, rule, as_rows(rows), False)
        assert (here.status.value, here.decision) == (anew.status.replace("begun", "pending"), anew.decision), told
