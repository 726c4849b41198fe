"""The page on which records and conflicts are assigned, on a server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.blinded import AGAIN, OPEN, worked_on
from support.web_app import record_on
from support.web_server import Browser, Site, served

from screener.core.judgement import Stage
from screener.ledger.assignments import assigned
from screener.ledger.store import Ledger
from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")
OWNER, REVIEWER, ADJUDICATOR, OBSERVER = ReviewRole
PAGE = "/r/small/assignment"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    worked_on(tmp_path / "reviews" / "small", again="Rob", done="Rea")
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as running:
        yield running


def assign(browser: Browser, shares: dict[str, str], **fields: str) -> str:
    """Plan and carry out; what the page says then, or what it refuses."""
    people = {f"person.{at}": name for at, name in enumerate(shares)}
    people |= {f"share.{at}": share for at, share in enumerate(shares.values())}
    browser.get(PAGE)
    plan = browser.post(f"{PAGE}/plan", stage="abstract", **fields, **people).text
    if (token := re.search(r'name="plan" value="(\w+)"', plan)) is None:
        return plan
    return str(browser.post(f"{PAGE}/carry-out", plan=token[1]).text)


def test_what_was_looked_at_on_one_process_of_a_server_is_done_once_by_another(site: Site) -> None:
    olga, ruth = site.joined("Olga", OWNER), site.joined("Ruth", OWNER)
    site.joined("Rita", REVIEWER)
    olga.get(PAGE)
    plan = token_in(olga.post(f"{PAGE}/plan", stage="abstract", **{"person.0": "Rita", "share.0": "1"}).text)
    other, ruths = site.beside(olga), site.beside(ruth)
    ruths.get(PAGE)
    assert (
        "This was done already" in ruths.post(f"{PAGE}/carry-out", plan=plan).text
    )  # nobody does what another looked at
    other.get(PAGE)
    assert "Assigned: 2 records" in other.post(f"{PAGE}/carry-out", plan=plan).text
    for browser in (olga, other):
        assert "This was done already" in browser.post(f"{PAGE}/carry-out", plan=plan).text
    assert people_of(site, OPEN) == {"Rita"}


def test_a_decision_on_many_that_was_looked_at_on_one_process_is_made_by_another(site: Site) -> None:
    rita = site.joined("Rita", REVIEWER)
    rita.get("/r/small/records")
    form = {"stage": "abstract", "choice": "include", "reason": "fits", "which": "all"}
    page = rita.post("/r/small/records/bulk", **form).text
    other = site.beside(rita)
    other.get("/r/small/records")
    assert "Included: " in other.post("/r/small/records/bulk/sure", plan=token_in(page)).text
    assert rita.post("/r/small/records/bulk/sure", plan=token_in(page)).status_code == 400


def token_in(page: str) -> str:
    found = re.search(r'name="plan" value="(\w+)"', page)
    assert found is not None, page
    return found[1]


def people_of(site: Site, record: str, role: str = "human") -> set[str]:
    ledger = Ledger.of(site.review.folder / ".screener")
    with ledger.read() as connection:
        found = assigned(connection, Stage.ABSTRACT, role).get(record, {})
    ledger.close()
    return set(found)


def test_an_owner_assigns_and_each_gets_their_own(site: Site) -> None:
    olga = site.joined("Olga", OWNER)
    rita, rosa = site.joined("<b>Rita", REVIEWER), site.joined("Rosa", REVIEWER)
    page = olga.get(PAGE).text
    assert "&lt;b&gt;Rita" in page
    assert "<b>Rita" not in page
    assert "Assigned: 2 records" in assign(olga, {"<b>Rita": "1"}, exclusive="1")
    assert people_of(site, OPEN) == {"<b>Rita"}
    page = olga.get(PAGE).text
    assert re.search(r'<th scope="row"><bdi>&lt;b&gt;Rita</bdi></th>\s*<td[^>]*>2</td>', page)
    opened = record_on(rita.get("/r/small/screen/abstract/card", part=True).text)
    (other,) = {OPEN, AGAIN} - {opened}
    assert 'name="record"' not in rosa.get("/r/small/screen/abstract/card", part=True).text
    by_name = rosa.post("/r/small/screen/abstract/decide", record=other, **{"answer.signal": "no"}).text
    assert "this record is assigned to somebody else" in by_name
    assert "Handed over to Rosa: 2 records" in olga.post(
        f"{PAGE}/hand-over", stage="abstract", role="human", **{"from": "<b>Rita"}, to="Rosa"
    ).text  # fmt: skip
    assert record_on(rosa.get("/r/small/screen/abstract/card", part=True).text)


def test_what_cannot_be_assigned_is_told(site: Site) -> None:
    olga = site.joined("Olga", OWNER)
    site.joined("Rita", REVIEWER)
    site.joined("Otto", OBSERVER)
    assert "Otto: not among those who judge at this stage" in assign(olga, {"Otto": "1"})
    assert "Rita: a share is a whole number" in assign(olga, {"Rita": "x"})
    assert "A share is a number from 1 to 1,000" in assign(olga, {"Rita": "5000"})
    assert "Choose at least one person" in assign(olga, {})
    assert "Nothing to assign" in assign(olga, {"Rita": "1"}, tag="none has it")
    assert people_of(site, OPEN) == set()
    rita = site.browser()
    rita.log_in("Rita")
    rita.get("/r/small/")
    assert rita.get(PAGE).status_code == 403
    for path in ("plan", "carry-out", "hand-over", "undo"):
        assert rita.post(f"{PAGE}/{path}", stage="abstract").status_code == 403


def test_an_owner_who_judges_sees_no_pace_of_later_stages_and_assigns_no_conflicts(site: Site) -> None:
    oda = site.joined("Oda", OWNER, REVIEWER)
    site.joined("Adam", ADJUDICATOR)
    page = oda.get(PAGE).text
    titles, later = page.split("<h2>Full text</h2>")
    assert "<bdi>Ben</bdi>" in titles
    assert "<bdi>Ben</bdi>" not in later
    assert "nothing left to judge there" in assign(oda, {"Adam": "1"}, role="adjudicator")
    olga = site.joined("Olga", OWNER)
    assert "Assigned: 3 conflicts" in assign(olga, {"Adam": "1"}, role="adjudicator", exclusive="1")
    assert people_of(site, "full", "adjudicator") == {"Adam"}
    rita = site.joined("Rita", REVIEWER)
    assert "No conflicts to resolve" in rita.get("/r/small/conflicts?stage=abstract").text
