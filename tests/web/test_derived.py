"""In the app, what rules derive follows the answers; a person overrides it with a reason, and an adjudication derives it anew."""

import re
from pathlib import Path

import pytest
from support import fill_in
from support.extraction import command
from support.web_app import Running, running

from screener.core.judgement import ItemAnswer, Stage
from screener.forms import overridden
from screener.ledger import reads
from screener.ledger.store import Ledger

pytest.importorskip("fastapi")
pytestmark = pytest.mark.slow

FORM = """\
note: own, unvalidated
vocabularies:
  Signal: {codes: ["yes", probably_no, "no"]}
  Risk: {codes: [low, high]}
form:
  domain:
    help: How it was measured.
    items:
      blind: {help: "Was it blind?", type: code, codes: Signal}
      planned: {help: "Was it planned?", type: code, codes: Signal}
      risk:
        help: The risk of this domain.
        type: code
        codes: Risk
        derived: ["high if any of blind, planned is no", "low if all of blind, planned are yes"]
  overall:
    help: The study.
    items:
      risk: {help: The risk in all., type: code, codes: Risk, derived: [worst of domain.risk]}
"""
RISK, ALL = "domain.risk", "overall.risk"


@pytest.fixture
def review(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    command("init", folder)
    fill_in(folder)
    (folder / "prompts" / "form.yaml").write_text(FORM)
    (folder / "records.csv").write_text("id,title,abstract,year\nt1,A trial of montelukast,In children.,2020\n")
    (folder / "t1.txt").write_text("Methods\n\nNobody knew who was given what.\n")
    (folder / "labels.csv").write_text("id,decision\nt1,include\n")
    at = ("--review", folder)
    command("import", folder / "records.csv", *at)
    for person in ("ann", "bob"):
        for stage in ("abstract", "fulltext"):
            command("label", folder / "labels.csv", "--stage", stage, "--reviewer", person, *at)
    command("attach", "t1", folder / "t1.txt", *at)
    return folder


def shown(page: str) -> dict[str, tuple[str, str]]:
    """What the page shows as derived: value, and whether it is derived or overridden, by the place in the form."""
    return {
        place: (value.strip(), tag)
        for place, value, tag in re.findall(
            r'id="d-([\w-]+)".*?<p class="value"[^>]*>(.*?) <span class="tag[^>]*>(\w+)<', page, re.S
        )
    }


def say(app: Running, path: str, value: str, **more: str) -> str:
    return app.post("/extract/item", record="t1", path=path, action="correct", value=value, **more).text


def people(folder: Path) -> dict[str, dict[str, ItemAnswer]]:
    """What each has judged, by role and name."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        rows = list(reads.judgements(connection, Stage.EXTRACTION))
    ledger.close()
    return {f"{row.role} {row.reviewer}": row.judgement.items for row in rows}


def extract(folder: Path, person: str, blind: str, planned: str) -> None:
    with running(folder, person) as started:
        app = started.enter()
        app.get("/extract/card", record="t1")
        say(app, "domain.blind", blind)
        say(app, "domain.planned", planned)
        assert "Saved" in app.post("/extract/save", record="t1").text


def test_what_is_derived_follows_the_answers_and_can_be_overridden_with_a_reason(review: Path) -> None:
    with running(review, "ann") as started:
        app = started.enter()
        page = app.get("/extract/card", record="t1").text
        assert shown(page) == {"domain-risk": ("unclear", "derived"), "overall-risk": ("unclear", "derived")}
        assert "of 2 items unanswered" in page
        assert "Domain (own, unvalidated)" in page
        answered = say(app, "domain.blind", "no")
        assert shown(answered) == {"domain-risk": ("high", "derived"), "overall-risk": ("high", "derived")}
        assert "rule: high if any of blind, planned is no" in answered
        # An override needs a reason, and what is derived from it follows.
        refused = say(app, RISK, "low")
        assert "Say why the rule does not hold here." in refused
        assert shown(refused)["domain-risk"] == ("high", "derived")
        mine = say(app, RISK, "low", reason="A machine measured it.")
        assert shown(mine) == {"domain-risk": ("low", "overridden"), "overall-risk": ("low", "derived")}
        assert 'The rule gives:</span> <strong dir="auto">high' in mine
        follow = app.post("/extract/item", record="t1", path=RISK, action="follow").text
        assert shown(follow)["domain-risk"] == ("high", "derived")
        assert shown(app.post("/extract/undo", record="t1").text)["domain-risk"] == ("low", "overridden")
        say(app, "domain.planned", "yes")
        assert "Saved" in app.post("/extract/save", record="t1").text
        # A correction after saving: the override stays, and what the rule gives beside it is that of the new answer.
        again = say(app, "domain.blind", "yes")
        assert shown(again)["domain-risk"] == ("low", "derived")
        say(app, "domain.blind", "no")
        app.post("/extract/save", record="t1")
    items = people(review)["human ann"]
    risk = items[RISK]
    assert (risk.value, risk.reason, risk.derived, overridden(risk)) == ("low", "A machine measured it.", "high", True)
    assert items[ALL].value == "low"


def test_an_adjudication_decides_on_answers_and_derives_from_them(review: Path) -> None:
    extract(review, "ann", "yes", "yes")
    extract(review, "bob", "yes", "no")
    with running(review, "cleo") as started:
        app = started.enter()
        page = app.get("/conflicts", stage="extraction").text
        assert re.findall(r'data-stop="([^"]+)"', page) == ["domain.planned"]
        assert "Derived by rules from the answers" in page
        chosen = app.post(
            "/conflicts/items/choose", record="t1", path="domain.planned", action="correct", value="no"
        ).text
        assert re.findall(r"<dd[^>]*>([^<]*)</dd>", chosen.partition('id="derived"')[2]) == ["high", "high"]
        assert "Resolved" in app.post("/conflicts/items/resolve", record="t1", note="It was not planned.").text
    items = people(review)["adjudicator cleo"]
    assert [(items[path].value, items[path].derived) for path in (RISK, ALL)] == [("high", "high")] * 2
