"""A machine as second reviewer in the app: who screens never sees what it says, and a third person sees both sides."""

from pathlib import Path

import pytest
from support import Cli
from support.web_app import human, running, small_review

from screener.adjudication.queue import enter
from screener.core.judgement import Decision, Judgement, Stage
from screener.gold import draw_elusion
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

pytestmark = pytest.mark.slow
KEEP = Judgement(decision=Decision.INCLUDE, stated=True)
OUT = Judgement(decision=Decision.EXCLUDE, stated=True)


@pytest.fixture
def review(tmp_path: Path, cli: Cli) -> Review:
    """A review of which the machine excludes every record, by its year."""
    folder = small_review(tmp_path / "review").root
    path = folder / "prompts" / "review.yaml"
    text = path.read_text()
    rule = next(line for line in text.splitlines() if "decided_by" in line)
    text = text.replace(rule, "    workflow: person_and_machine").replace("[2018, 2025]", "[2021, 2025]")
    path.write_text(text)
    assert cli("run", "--stage", "abstract", "--review", folder).code == 0
    return Review(folder)


def test_a_third_person_resolves_and_the_person_who_screened_does_not_even_see_it(review: Review) -> None:
    enter(Ledger.of(review.hidden), review, Stage.ABSTRACT, "r1", "ada", KEEP)
    with running(review.root, "ada") as ada:
        page = ada.enter().get("/conflicts", stage="abstract", names="shown").text
        assert "No conflicts to resolve" in page
        assert "(machine)" not in page
    with running(review.root, "zoe") as zoe:
        page = zoe.enter().get("/conflicts", stage="abstract", names="shown").text
        assert "Conflict 1 of 1" in page
        assert "(machine)" in page
        assert "ada" in page
        answers = {f"answer.{name}": "yes" for name in ("signal", "training", "scope")}
        zoe.post("/conflicts/resolve", stage="abstract", record="r1", note="it is on topic", **answers)
        assert "No conflict" in zoe.get("/conflicts", stage="abstract").text
    assert human(review.root, "zoe", "adjudicator")["r1"].decision is Decision.INCLUDE


def test_the_page_on_gold_counts_only_what_a_second_person_has_read(review: Review) -> None:
    ledger = Ledger.of(review.hidden)
    for number in range(14):
        enter(ledger, review, Stage.ABSTRACT, f"r{number}", "ada", OUT)
    first, second = [member.record_id for member in draw_elusion(ledger, review, Stage.ABSTRACT, 2, seed="s").counted]
    with running(review.root, "ben") as ben:
        page = " ".join(ben.enter().get("/gold").text.split())
        assert "among those excluded by one person and embedded" in page
        assert "without a human" not in page
        assert "0 of 2 have 1 judgements" in page
        assert "by ada" not in page
        assert "when all are labelled" in page
        for name in (first, second):
            enter(ledger, review, Stage.ABSTRACT, name, "ben", OUT)
        page = " ".join(ben.get("/gold").text.split())
        assert "2 of 2 have 1 judgements" in page
        assert "by ben (you)" in page
        assert "how many eligible records were missed at most" in page
