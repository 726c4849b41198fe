"""Whoever screens sees the rule for stopping on the overview alone, and cannot tell which records the recall sample holds."""

import re
from pathlib import Path

import pytest
from support.ranked import name_rule
from support.web_app import STAGE, Running, record_on, running, small_review

from screener.ledger.rankings import add_ranking
from screener.ledger.samples import Draw, SampleMember, add_sample
from screener.ledger.store import Ledger
from screener.protocol import Review

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

RECORDS = 8
OF_THE_QUEUE = (
    "/screen/abstract", "/screen/abstract/card", "/records", "/conflicts", "/duplicates", "/gold",
    *(f"/records?show={what}" for what in ("mine", "open")),
    *(f"/screen/abstract/card?record=r{number}" for number in range(RECORDS)),
)  # fmt: skip
TELLING = re.compile(r"says (stop|go on)|expected to be kept|recall of the ranking|recall sample|7\.25", re.IGNORECASE)


def made(folder: Path, members: range, show: str = "never") -> Review:
    """Return a review whose recall sample has these records; all records have the same probability."""
    review = small_review(folder, RECORDS)
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("    decided_by", f"    show_machine: {show}\n    decided_by"))
    name_rule(review, "{rule: buscar, sample: 4}")
    ledger = Ledger.of(review.hidden)
    about = {"rule": "buscar", "target": 0.95, "judged": 0}
    drawn = [SampleMember(f"r{number}", RECORDS / 4) for number in members]
    add_sample(ledger, "recall", STAGE, drawn, Draw("seed", "random", RECORDS, about))
    with ledger.write() as connection:
        add_ranking(connection, STAGE, {"labels": 9, "kept": 2, "expected_yield": {"next": 50, "kept": 7.25}}, None)
    ledger.close()
    return Review(folder)


def sent(app: Running) -> dict[str, str]:
    """All that is sent of single records and of lists, without the secrets of this start."""
    secret = re.compile(r'name="plan" value="\w+"|X-CSRF-Token": "\w+"')
    return {path: secret.sub("", app.get(path).text) for path in OF_THE_QUEUE}


def test_the_rule_its_yield_and_the_estimate_stand_on_the_overview_and_beside_no_record(tmp_path: Path) -> None:
    with running(made(tmp_path / "review", range(4)).root, "ada") as app:
        overview = app.enter().get("/").text
        assert "When to stop" in overview
        assert "7.2" in overview
        assert "once its sample is judged" in overview
        assert [path for path, text in sent(app).items() if TELLING.search(text)] == []


@pytest.mark.slow
@pytest.mark.parametrize("show", ["never", "after"])
def test_nothing_that_is_sent_of_a_record_tells_whether_the_sample_has_it(tmp_path: Path, show: str) -> None:
    told = []
    for members in (range(4), range(4, 8)):
        with running(made(tmp_path / str(members.start) / "review", members, show).root, "ada") as app:
            app.enter()
            told.append(sent(app))
            # Also after it is judged, and after it is judged again.
            for name in ("r1", "r6"):
                answer = app.post("/screen/abstract/decide", record=name, **{"answer.signal": "no"}).text
                if show == "after":  # else the next one comes, and which that is the sample has a part in
                    told[-1][f"record={name} decided"] = record_on(answer)
            later = sent(app)
            assert "Paper 6" in later["/records?show=mine"]
            told[-1] |= {f"{path} later": text for path, text in later.items()}
    # Which record comes first is up to the order, and that may differ.
    alike = [path for path in told[0] if "record=" in path or path.startswith("/records")]
    assert [path for path in alike if told[0][path] != told[1][path]] == []
