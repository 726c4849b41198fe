"""Records of samples in the app: labels stay blind until somebody rules, and nobody rules with the machine in view."""

from pathlib import Path

import pytest
from support import Cli
from support.web_app import SECRET, STAGE, Running, human, record_on, running, small_review

from screener.adjudication.queue import JudgementContext, enter
from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.gold import draw_elusion, draw_gold, draw_pilot, missing, read_elusion
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

pytestmark = pytest.mark.slow
YES = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
NO = {"answer.signal": "no"}
KEPT = Judgement(decision=Decision.INCLUDE, stated=True)
OUT = Judgement(decision=Decision.EXCLUDE, answers={"signal": Answer(value=Value.NO)})


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return small_review(tmp_path / "review")


@pytest.fixture
def ledger(review: Review) -> Ledger:
    return Ledger.of(review.hidden)


def drawn(sample: object) -> list[str]:
    return [member.record_id for member in sample.counted]  # type: ignore[attr-defined]


def offered(app: Running, cards: int = 2) -> list[str]:
    """The first records that come to a person; one that is drawn may come behind one that is mixed in."""
    found = []
    for _ in range(cards):
        found.append(record_on(app.get("/screen/abstract/card").text))
        app.post("/screen/abstract/skip", record=found[-1])
    return found


def test_who_comes_round_after_seeing_the_other_makes_no_label_and_the_conflict_waits_for_a_ruling(
    review: Review, ledger: Ledger
) -> None:
    first, second = drawn(draw_gold(ledger, review, STAGE, 2))
    for name in (first, second):
        enter(ledger, review, STAGE, name, "ada", KEPT)
    enter(ledger, review, STAGE, first, "ben", OUT)
    enter(ledger, review, STAGE, second, "ben", KEPT)
    with running(review.root, "ben") as ben:
        ben.enter()
        assert "Conflict 1 of 1" in ben.get("/conflicts").text
        changed = ben.post("/screen/abstract/decide", record=first, **YES)
        assert "Changed: include" in changed.text
        assert missing(ledger, review, STAGE).conflicts == (first,)
        assert "Conflict 1 of 1" in ben.get("/conflicts").text
        ben.post("/conflicts/resolve", stage="abstract", record=first, note="the ECG goes in", **YES)
        assert "No conflict" in ben.get("/conflicts").text
        assert "Locked as version 1: 2 labels" in ben.post("/gold/lock", stage="abstract", sure="yes", share="50").text


def test_a_ruling_on_a_sampled_record_is_made_without_the_machine_in_view(review: Review, ledger: Ledger) -> None:
    sample = draw_gold(ledger, review, STAGE, 4)
    (mixed_in,) = [member.record_id for member in sample.members if not member.counts]
    other = next(f"r{n}" for n in range(14) if f"r{n}" not in {member.record_id for member in sample.members})
    for name in (drawn(sample)[0], mixed_in, other):
        enter(ledger, review, STAGE, name, "ada", KEPT)
        enter(ledger, review, STAGE, name, "ben", OUT)
    with running(review.root, "ada") as ada:
        ada.enter()
        for name, told in ((drawn(sample)[0], False), (mixed_in, False), (other, True)):
            page = ada.get("/conflicts", record=name, names="shown").text
            assert f'name="record" value="{name}"' in page
            assert (SECRET in page, "(machine)" in page) == (told, told)


def test_a_conflict_of_a_pilot_is_hidden_from_who_has_still_to_judge_it(review: Review, ledger: Ledger) -> None:
    name = drawn(draw_pilot(ledger, review, STAGE, 3))[0]
    enter(ledger, review, STAGE, name, "ada", KEPT)
    enter(ledger, review, STAGE, name, "ben", OUT)
    with running(review.root, "cem") as cem:
        cem.enter()
        assert "No conflicts to resolve" in cem.get("/conflicts").text
        cem.post("/screen/abstract/decide", record=name, **NO)
        assert "Conflict 1 of 1" in cem.get("/conflicts").text
    assert human(review.root, "cem").keys() == {name}


def test_who_only_resolves_sees_the_conflicts_of_a_pilot(review: Review, ledger: Ledger) -> None:
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("machine: embedded}", "machine: embedded, resolvers: [zoe]}"))
    name = drawn(draw_pilot(ledger, Review(review.root), STAGE, 3))[0]
    enter(ledger, review, STAGE, name, "ada", KEPT)
    enter(ledger, review, STAGE, name, "ben", OUT)
    with running(review.root, "zoe") as zoe:
        assert "Conflict 1 of 1" in zoe.enter().get("/conflicts").text


def test_elusion_counts_what_people_said_before_they_saw_the_machine(review: Review, cli: Cli) -> None:
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("[2018, 2025]", "[2021, 2025]").replace("humans: 2", "humans: 1"))
    assert cli("run", "--stage", "abstract", "--review", review.root).code == 0
    here = Review(review.root)
    ledger = Ledger.of(here.hidden)
    names = drawn(draw_elusion(ledger, here, STAGE, 3))
    for name in names:
        enter(ledger, here, STAGE, name, "ada", OUT if name != names[0] else KEPT)
    seen = JudgementContext(blinded="open", seen=("embedded",))
    enter(ledger, here, STAGE, names[0], "ada", OUT, judgement_context=seen)
    assert read_elusion(ledger, here, STAGE).hits == (names[0],)


def test_who_judged_only_after_seeing_others_fills_no_place_of_a_sample_and_is_not_asked_again(
    review: Review, ledger: Ledger
) -> None:
    (name,) = drawn(draw_gold(ledger, review, STAGE, 1))
    enter(ledger, review, STAGE, name, "ada", KEPT)
    enter(ledger, review, STAGE, name, "ben", KEPT, judgement_context=JudgementContext(blinded="open", seen=("ada",)))
    assert missing(ledger, review, STAGE).lacking == {name: 1}
    with running(review.root, "cem") as cem, running(review.root, "ben") as ben:
        assert "0 of 1" in ben.enter().get("/gold").text
        assert name not in offered(ben)
        assert name in offered(cem.enter())
        cem.post("/screen/abstract/decide", record=name, **YES)
        assert missing(ledger, review, STAGE).lacking == {}
        assert "1 of 1" in cem.get("/gold").text
        # What was said with open eyes can still be changed.
        assert f'name="record" value="{name}"' in ben.get("/screen/abstract/card", record=name).text
