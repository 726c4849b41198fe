"""On a server a conflict goes to somebody else than those who differ; where these agree on it, that is recorded."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.blinded import DONE, FULL, worked_on
from support.waiting import PATIENCE, at_once, until
from support.web_server import Browser, Site, served

from screener.core.judgement import Stage
from screener.ledger import Snapshot, contexts, reads
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.reporting.accuracy import adjudications
from screener.team.audit import TERMINAL
from screener.team.roles import ReviewRole, set_roles
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")
YES = {"answer.signal": "yes", "answer.training": "yes"}
CONFLICTS = "/r/small/conflicts"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    worked_on(tmp_path / "reviews" / "small", again="Rob", done="Rea")
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as running:
        yield running


def resolve(browser: Browser, record: str, **more: str) -> str:
    browser.get(CONFLICTS)
    text: str = browser.post(f"{CONFLICTS}/resolve", record=record, stage="abstract", note="why", **YES, **more).text
    return text


def consensus_on(site: Site, record: str, settled: int) -> list[tuple[str, tuple[str, ...]]]:
    """Who has adjudicated a record, and by whose consensus; so many records are settled by one."""
    ledger = Ledger.of(site.review.folder / ".screener")
    with ledger.read() as connection:
        rows = [row for row in reads.by_people(connection, Stage.ABSTRACT, [record]) if row.role == "adjudicator"]
        known = contexts(connection, [row.id for row in rows])
    counts = adjudications(Snapshot(ledger), Review(site.review.folder), Stage.ABSTRACT)
    ledger.close()
    assert counts["consensus"] == settled
    return [(row.reviewer, known[row.id].consensus) for row in rows]


def test_a_conflict_goes_to_a_third_person_and_to_those_who_differ_only_where_they_agree(site: Site) -> None:
    rea, rita = site.joined("Rea", ReviewRole.REVIEWER), site.joined("Rita", ReviewRole.REVIEWER)
    page = rea.get(f"{CONFLICTS}?stage=abstract").text
    assert f'value="{FULL}"' in page
    assert "Your own, for somebody else to resolve (1)" in page
    own = rea.get(f"{CONFLICTS}?stage=abstract&own=1").text
    assert f'value="{DONE}"' in own
    assert "recorded as consensus" in own
    assert "tick that you agreed with each other" in resolve(rea, DONE)
    assert consensus_on(site, DONE, 0) == []
    assert f'value="{DONE}"' in rita.get(f"{CONFLICTS}?stage=abstract&record={DONE}").text
    assert "Resolved by consensus: include" in resolve(rea, DONE, consensus="1")
    assert consensus_on(site, DONE, 1) == [("Rea", ("Ben", "Rea"))]
    assert "Resolved: include" in resolve(rita, FULL, consensus="1")
    assert consensus_on(site, FULL, 1) == [("Rita", ())]


def test_where_nobody_else_can_those_who_differ_settle_it_themselves(site: Site) -> None:
    rea = site.joined("Rea", ReviewRole.REVIEWER)
    page = rea.get(f"{CONFLICTS}?stage=abstract&record={DONE}").text
    assert f'value="{DONE}"' in page
    assert "Your own" not in page
    third = site.joined("Adam", ReviewRole.ADJUDICATOR)
    assert third.get(CONFLICTS).status_code == 200
    assert "Your own, for somebody else to resolve (1)" in rea.get(CONFLICTS).text
    set_roles(site.team, TERMINAL, site.review.id, 2, [ReviewRole.OBSERVER])
    assert "Your own" not in rea.get(CONFLICTS).text


def test_who_could_see_what_others_judged_does_not_judge_there_by_becoming_a_reviewer(site: Site) -> None:
    olga = site.joined("Olga", ReviewRole.OWNER)
    assert olga.get("/r/small/screen/abstract").status_code == 403
    olga.get("/people/small")
    saved = olga.post("/people/small/roles", account="1", role=["owner", "reviewer"]).text
    assert "Unblinded at: abstract, extraction, fulltext" in saved
    assert olga.get("/r/small/screen/abstract").status_code == 403
    fresh = site.joined("Rita", ReviewRole.REVIEWER)
    assert fresh.get("/r/small/screen/abstract").status_code == 200
    set_roles(site.team, TERMINAL, site.review.id, 2, [ReviewRole.REVIEWER, ReviewRole.OBSERVER])
    assert fresh.get("/r/small/screen/abstract").status_code == 200
    set_roles(site.team, TERMINAL, site.review.id, 2, [ReviewRole.OBSERVER])
    set_roles(site.team, TERMINAL, site.review.id, 2, [ReviewRole.REVIEWER])
    assert fresh.get("/r/small/screen/abstract").status_code == 403


@pytest.mark.parametrize("stage", [Stage.ABSTRACT, Stage.EXTRACTION])
def test_of_two_who_resolve_one_conflict_at_the_same_moment_one_is_told_that_it_is_resolved(
    site: Site, stage: Stage
) -> None:
    two = [site.joined(name, ReviewRole.ADJUDICATOR) for name in ("Adam", "Eve")]
    items = stage is Stage.EXTRACTION
    for person in two:
        assert f'value="{FULL}"' in person.get(f"{CONFLICTS}?stage={stage.value}&record={FULL}").text
        if items:
            choice = {"record": FULL, "path": "study.funder", "action": "take", "side": "0"}
            assert person.post(f"{CONFLICTS}/items/choose", **choice).status_code == 200
    address = f"{CONFLICTS}/items/resolve" if items else f"{CONFLICTS}/resolve"
    form = {"record": FULL, "stage": stage.value, "note": "why", **({} if items else YES)}
    ledger = Ledger.of(site.review.folder / ".screener")
    with ThreadPoolExecutor(2) as pool:
        with ledger.write():  # nobody's ruling is entered before both are on their way
            answers = [pool.submit(person.post, address, **form) for person in two]
            until(lambda: at_once("_keep_draft" if items else "adjudicate") == len(two))
        told = [answer.result(PATIENCE).text for answer in answers]
    assert sum("Resolved: " in text for text in told) == 1
    assert sum("Not saved: the conflict is already resolved" in text for text in told) == 1
    with ledger.read() as connection:
        rulings = [row for row in reads.by_people(connection, stage, [FULL]) if row.role == "adjudicator"]
    ledger.close()
    assert len(rulings) == 1
