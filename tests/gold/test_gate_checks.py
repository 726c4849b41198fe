"""When a gate is checked, what a check costs, and what is shown of test results before one is recorded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from support import BroughtOnce, Cli
from support.gold import ALL, KEPT, by_year, drawn, gate, locked, said
from support.reading import read_only, rows
from support.web_app import running

from screener.core.judgement import Decision, Judgement, Stage
from screener.evaluation.gate_checks import error_of_check, lower_bound, positives_needed
from screener.ledger import tables as t
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.reads import latest, records
from screener.ledger.store import Ledger, now
from screener.protocol.model import Gate, Review
from screener.stages.gates import open_gate
from screener.stages.kept_standings import kept_standings, rule_hash
from screener.stages.standing import Status
from screener.stages.state import protocol_fingerprint

pytestmark = pytest.mark.slow

ABSTRACT = Stage.ABSTRACT
GATE = Gate(recall_low=0.9, confidence=0.95)
OTHER = "reviewers:\n  other: {kind: embedded}\n"


@pytest.fixture
def gold(review: Path, cli: Cli, brought_once: BroughtOnce) -> Path:
    """The review with all 90 records labelled and locked as test gold, and a second machine reviewer."""

    def bring() -> None:
        protocol = review / "prompts" / "review.yaml"
        protocol.write_text(protocol.read_text().replace("reviewers:\n", OTHER))
        names = drawn(cli, ALL)
        for who in ("anna", "ben"):
            said(cli, who, names)
        locked(cli, "--test-share", "1")

    brought_once("gold-of-gate-checks", review, bring)
    return review


def checks(review: Path) -> int:
    """How many checks are recorded, of whatever reviewer."""
    with Ledger.of(review / ".screener").read() as connection:
        return int(connection.execute(select(func.count()).select_from(t.looks)).scalar_one())


def decide(review: Path, reviewer: str, decision: Callable[[str], str] = by_year, some: int = ALL) -> None:
    """Enter what a machine decides under the present protocol, without a run of the model."""
    ledger, here = Ledger.of(review / ".screener"), Review(review)
    run = f"{reviewer}-{now()}"
    specification = json.dumps({"protocol": here.fingerprint(ABSTRACT, reviewer)})
    with ledger.write() as connection:
        connection.execute(
            insert(t.runs).values(
                id=run, at=now(), stage="abstract", reviewer=reviewer, specification=specification, ended=now()
            )
        )
        rows = [
            NewJudgement(
                record.id, record.text_hash, ABSTRACT, reviewer, "machine",
                Judgement(decision=Decision(decision(record.id)), stated=True), run_id=run, asked="a", rule="r",
            )
            for record in records(connection)[:some]
        ]  # fmt: skip
        add_judgements(connection, rows)


def misses(*names: str) -> Callable[[str], str]:
    """Decide by the year, but exclude these."""
    return lambda name: "exclude" if name in names else by_year(name)


def status(cli: Cli) -> dict[str, Any]:
    return dict(cli("status", "--json").json["stages"]["abstract"]["gate"])


def test_the_errors_of_all_checks_of_a_sample_add_up_to_that_of_the_gate() -> None:
    errors = [error_of_check(GATE, number) for number in range(1, 2001)]
    assert errors[:3] == pytest.approx([0.05 / 2, 0.05 / 6, 0.05 / 12])
    assert sum(errors) == pytest.approx(0.05, rel=1e-3)
    assert sum(errors) < 0.05


def test_each_further_check_takes_more_positives() -> None:
    needed = [positives_needed(GATE, number=number) for number in (1, 2, 3)]
    assert needed == [35, 52, 63]
    assert lower_bound(GATE, 45, 45, 1) == pytest.approx(0.9213, abs=1e-4)
    assert all(lower_bound(GATE, n, n, k) >= 0.9 > lower_bound(GATE, n - 1, n - 1, k) for k, n in enumerate(needed, 1))


@pytest.mark.slow
def test_the_same_decisions_are_never_checked_twice(gold: Path, cli: Cli) -> None:
    assert checks(gold) == 1, "locking gold checks the gate by itself"
    for _ in range(3):
        assert gate(cli)["open"] is True
    (gold / "more.csv").write_text("id,title,year\nx1,A late arrival about rhythm,2001\n")
    cli("import", "more.csv")
    cli("run", "--stage", "abstract")
    assert (gate(cli)["outside"], checks(gold)) == (1, 1), "a record outside the sample changes nothing in it"
    template = gold / "prompts" / "abstract.md"
    template.write_text(template.read_text() + "\nBe brief.\n")
    assert status(cli)["open"] is False, "nothing is judged under this prompt yet"
    assert cli("export", "--format", "csv").code == 0
    cli("run", "--stage", "abstract")
    assert status(cli)["open"] is True
    assert checks(gold) == 1


@pytest.mark.slow
def test_a_wording_that_is_changed_back_has_its_judgements_again(gold: Path, cli: Cli) -> None:
    def told() -> list[Any]:
        evaluated = cli("evaluate", "--stage", "abstract", "--reference", "anna", "--json")
        assert evaluated.code == 0, evaluated.err
        return [evaluated.json, status(cli), cli("export", "--format", "csv").out]

    protocol = gold / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("humans: 2", "humans: 3"))
    before, template = told(), gold / "prompts" / "abstract.md"
    written = template.read_text()
    template.write_text(written + "\nBe brief.\n")
    decide(gold, "embedded", misses("r00", "r01"))
    assert all(now_told != was_told for now_told, was_told in zip(told(), before, strict=True))
    template.write_text(written)
    assert told() == before


def kept_final(review: Path) -> int | None:
    """How many records are final by the rows that keep standings; None where these are not up to date."""
    ledger, here = Ledger.of(review / ".screener"), Review(review)
    since, rule = open_gate(ledger, here, ABSTRACT, "embedded"), here.stage(ABSTRACT).decided_by
    with ledger.read() as connection:
        every = records(connection)
        hash_ = rule_hash(rule, protocol_fingerprint(here, ABSTRACT), since, ABSTRACT, every)
        kept = kept_standings(connection, ABSTRACT, hash_, every)
    return None if kept is None else sum(standing.status is Status.FINAL for standing in kept.values())


def test_what_is_kept_of_how_records_stand_follows_the_gate(gold: Path, cli: Cli) -> None:
    protocol = gold / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("humans: 2", "humans: 3"))
    assert gate(cli)["open"] is True
    said(cli, "carla", ["r00"])
    assert kept_final(gold) == ALL
    with Ledger.of(gold / ".screener").read() as connection:
        first = latest(connection, ABSTRACT, "embedded")["r00"].judgement.decision.value
    decide(gold, "embedded", misses("r00"), 1)
    assert kept_final(gold) is None, "who wrote that keeps no rows"
    assert gate(cli)["open"] is False
    assert kept_final(gold) == 1, "what three people agree on"
    decide(gold, "embedded", lambda name: first, 1)
    said(cli, "carla", ["r01"])
    assert gate(cli)["open"] is True
    assert kept_final(gold) == ALL


def test_a_check_must_pass_at_its_own_stricter_error(gold: Path, cli: Cli) -> None:
    assert (gate(cli)["open"], gate(cli)["check"]) == (True, 1)
    with Ledger.of(gold / ".screener").read() as connection:
        first = {name: row.judgement.decision.value for name, row in latest(connection, ABSTRACT, "embedded").items()}
    decide(gold, "embedded", misses("r00"))
    closed = gate(cli)
    assert (closed["open"], closed["check"], closed["kept"]) == (False, 2, 44)
    decide(gold, "embedded", lambda name: "include")
    third = gate(cli)
    assert (third["kept"], third["check"], third["needed"]) == (45, 3, 63)
    assert (third["open"], third["fresh_sample_needed"]) == (False, True)
    assert third["low"] == pytest.approx(lower_bound(GATE, 45, 45, 3))
    assert "Draw a fresh sample" in cli("gold", "gate", "--stage", "abstract").out
    assert cli("report", "--output", "page.html").code == 0
    assert "a fresh sample is needed" in Path("page.html").read_text()
    decide(gold, "embedded", lambda name: first[name])
    assert (gate(cli)["open"], gate(cli)["check"], checks(gold)) == (True, 1, 3), "what passed is open when it is back"


def test_checks_of_other_reviewers_count(gold: Path, cli: Cli) -> None:
    decide(gold, "other")
    assert cli("gold", "gate", "--stage", "abstract", "--reviewer", "other", "--json").json["check"] == 2
    decide(gold, "embedded", misses("r00"))
    assert (gate(cli)["check"], gate(cli)["checks_of_sample"]) == (3, 3)


def test_a_later_version_of_the_labels_shares_the_checks_of_its_sample(gold: Path, cli: Cli) -> None:
    (gold / "ruling.csv").write_text("id,zoe\nr50,include\n")
    cli("label", "ruling.csv", "--stage", "abstract", "--column", "zoe=zoe:adjudicator", "--overrule")
    assert locked(cli, "--test-share", "1")["version"] == 2
    assert (gate(cli)["check"], gate(cli)["kept"], gate(cli)["positives"]) == (2, 45, 46)


def test_while_a_test_record_has_no_judgement_nothing_is_checked(gold: Path, cli: Cli) -> None:
    decide(gold, "other", some=ALL - 1)
    command = ("gold", "gate", "--stage", "abstract", "--reviewer", "other")
    assert "has not judged 1 of the test records" in cli(*command).out
    asked = cli("evaluate", "--stage", "abstract", "--reviewer", "other", "--split", "test")
    assert (asked.code, "other has not judged 1 of the test records" in asked.err) == (2, True)
    assert cli("evaluate", "--stage", "abstract", "--reviewer", "other", "--json").json["split"] == "dev"
    assert checks(gold) == 1


@pytest.mark.slow
def test_test_results_are_shown_once_a_check_of_them_is_recorded(gold: Path, cli: Cli) -> None:
    decide(gold, "other", misses("r00"))
    before = cli("evaluate", "--stage", "abstract", "--reviewer", "other", "--json").json
    assert (before["split"], before["n"]) == ("dev", 0)
    [remark] = [remark for remark in before["remarks"] if "gold dev, not test" in remark]
    assert "`screener gold gate --stage abstract --reviewer other`" in remark
    compared = cli("evaluate", "--stage", "abstract", "--compare", "embedded", "other", "--json").json
    assert compared["split"] == "dev"
    report = cli("report", "--json").json["stages"]["abstract"]["accuracy"]
    assert [one["evaluation"]["split"] for one in report if one["evaluation"]["reviewer"] == "embedded"] == ["test"]
    assert not [one for one in report if one["evaluation"]["reviewer"] == "other" and one["evaluation"]["fn"]]
    assert checks(gold) == 1
    first = cli("evaluate", "--stage", "abstract", "--reviewer", "other", "--split", "test", "--json").json
    assert (first["split"], first["fn"], checks(gold)) == ("test", 1, 2)
    again = cli("evaluate", "--stage", "abstract", "--reviewer", "other", "--json").json
    assert (again["split"], again["fn"], checks(gold)) == ("test", 1, 2)
    assert cli("evaluate", "--stage", "abstract", "--compare", "embedded", "other", "--json").json["split"] == "test"


def test_a_comparison_on_test_is_a_check_of_both(gold: Path, cli: Cli) -> None:
    decide(gold, "other", misses("r00"))
    command = ("evaluate", "--stage", "abstract", "--compare", "embedded", "other", "--split", "test", "--json")
    assert (cli(*command).json["split"], checks(gold)) == ("test", 2)


@pytest.mark.slow
def test_locking_gold_in_the_app_checks_the_gate(review: Path, cli: Cli) -> None:
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    assert (checks(review), status(cli)["open"]) == (0, False)
    with running(review, "anna") as app:
        app.enter()
        assert "Locked as version 1" in app.post("/gold/lock", stage="abstract", sure="yes", share="100").text
    assert (checks(review), status(cli)["open"]) == (1, True)


def test_figures_of_people_are_no_checks(gold: Path, cli: Cli) -> None:
    said(cli, "carl", [f"r{n:02}" for n in range(ALL)])
    for split in ((), ("--split", "test")):
        found = cli("evaluate", "--stage", "abstract", "--reviewer", "carl", *split, "--json").json
        assert (found["split"], found["n"], checks(gold)) == ("test", ALL, 1)


def test_gold_that_opens_no_gate_is_shown_as_ever(judged_ecg: Path, cli: Cli) -> None:
    assert cli("evaluate", "--stage", "abstract", "--json").json["split"] == "test"
    assert checks(judged_ecg) == 0


def test_status_says_when_the_gate_was_checked_and_whether_data_came_since(gold: Path, cli: Cli) -> None:
    at = gate(cli)["checked_at"]
    assert {**status(cli), "why": ""} == {
        "reviewer": "embedded", "open": True, "checked_at": at, "changed_since": False, "checks_of_sample": 1,
        "fresh_sample_needed": True, "why": "", "updates": [],
    }  # fmt: skip
    decide(gold, "embedded", misses("r00", "r01"))
    changed = status(cli)
    assert (changed["open"], changed["checked_at"], changed["changed_since"]) == (False, at, True)
    told = cli("status").out
    assert f"checked last at {at}" in told
    assert "screener gold gate --stage abstract" in told
    checked = gate(cli)
    assert (status(cli)["changed_since"], status(cli)["checked_at"] > at) == (False, True)
    assert [check["at"] for check in checked["looks"]] == [at, status(cli)["checked_at"]]


READING = [
    ["status"],
    ["export"],
    ["export", "--format", "ris"],
    ["evaluate", "--stage", "abstract"],
    ["evaluate", "--stage", "abstract", "--reviewer", "other"],
    ["evaluate", "--stage", "abstract", "--split", "dev"],
    ["evaluate", "--stage", "abstract", "--compare", "embedded", "other"],
    ["report", "--json"],
    ["check"],
    ["dedup", "list"],
    ["run", "--stage", "abstract", "--dry-run"],
]


@pytest.mark.slow
def test_no_reading_command_records_a_check_of_changed_data(gold: Path, cli: Cli) -> None:
    decide(gold, "embedded", misses("r00"))
    decide(gold, "other")
    before = rows(gold)
    for command in READING:
        done = cli(*command)
        assert done.code == 0, (command, done.err)
        assert rows(gold) == before, command
    with read_only(gold):
        for command in READING:
            assert cli(*command).code == 0
        refused = cli("evaluate", "--stage", "abstract", "--split", "test")
        assert refused.code == 2
    assert checks(gold) == 1


def test_what_the_machine_excludes_is_suggested_until_changed_data_are_checked(gold: Path, cli: Cli) -> None:
    ledger, here = Ledger.of(gold / ".screener"), Review(gold)
    assert open_gate(ledger, here, ABSTRACT, "embedded")
    protocol = gold / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("recall_low: 0.9", "recall_low: 0.85"))
    assert open_gate(ledger, Review(gold), ABSTRACT, "embedded") is None, "another gate was never checked"
    assert gate(cli)["check"] == 2
    assert open_gate(ledger, Review(gold), ABSTRACT, "embedded")


@pytest.mark.slow
def test_a_merge_that_makes_labels_contradict_closes_the_gate_and_its_undoing_opens_it(gold: Path, cli: Cli) -> None:
    assert KEPT == 45
    assert cli("dedup", "merge", "r00", "r50").code == 0
    cli("run", "--stage", "abstract")
    assert status(cli)["open"] is False
    assert "left out because their records were merged" in status(cli)["why"]
    assert cli("dedup", "split", "r50").code == 0
    cli("run", "--stage", "abstract")
    assert (status(cli)["open"], checks(gold)) == (True, 1)


@pytest.mark.slow
def test_a_merge_with_a_record_outside_the_sample_needs_no_further_check(review: Path, cli: Cli) -> None:
    (review / "more.csv").write_text("id,title,year\nx1,A paper about rhythm that nobody has drawn,2001\n")
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli, "--test-share", "1")
    cli("import", "more.csv")
    assert cli("dedup", "merge", "r60", "x1").code == 0
    cli("run", "--stage", "abstract")
    assert (status(cli)["open"], checks(review)) == (True, 1)


def test_a_fit_older_than_the_draw_closes_the_gate(gold: Path, cli: Cli) -> None:
    with Ledger.of(gold / ".screener").write() as connection:
        connection.execute(
            insert(t.fits).values(
                id="f", at="2000-01-01T00:00:00.000Z", stage="abstract", reviewer="embedded", body="{}"
            )
        )
    assert status(cli)["open"] is False
    assert "may have learned from it" in status(cli)["why"]
    assert open_gate(Ledger.of(gold / ".screener"), Review(gold), ABSTRACT, "embedded") is None


def test_checks_of_an_earlier_program_count_and_ask_for_a_new_one(gold: Path, cli: Cli) -> None:
    with Ledger.of(gold / ".screener").write() as connection:
        connection.execute(t.looks.delete())
        old = {"open": True, "why": "earlier", "positives": 45, "kept": 45, "low": 0.92, "needed": 35, "gold": "g",
               "outside": 0, "looks": 1}  # fmt: skip
        without = {**old, "open": False, "low": None}
        for body in (without, old):
            row = {"at": "2026-01-01T00:00:00.000Z", "stage": "abstract", "reviewer": "embedded", "gold": "g",
                   "signature": "s", "passed": int(body["open"]), "body": json.dumps(body)}  # fmt: skip
            connection.execute(insert(t.looks).values(row))
    before = status(cli)
    assert (before["open"], before["changed_since"], before["checks_of_sample"]) == (False, True, 1)
    assert before["checked_at"] == "2026-01-01T00:00:00.000Z"
    assert "by an earlier program" in before["why"]
    assert (gate(cli)["check"], checks(gold)) == (2, 3)


@pytest.mark.slow
def test_an_audit_holds_with_its_checks(gold: Path, cli: Cli) -> None:
    decide(gold, "other", misses("r00"))
    assert cli("report", "--audit", "--output", "audit.zip").code == 0
    held = cli("check", "--audit", "audit.zip")
    assert held.code == 0, held.out + held.err


def test_the_quality_page_says_what_a_check_found_makes_none_and_tells_nothing_of_test_before(
    gold: Path, cli: Cli
) -> None:
    page = ("evaluate", "--stage", "abstract", "--quality", "--json")
    # All 45 positives are of test, and the gate's first check of the packaged machine passes at 0.9 (35 do without a miss).
    before = checks(gold)
    found = cli(*page).json
    assert checks(gold) == before
    assert found["goal"] == {"recall": 0.9, "confidence": 0.95, "source": "gate"}
    [machine] = found["reviewers"]
    assert (machine["split"], machine["relevant"], machine["lost"]) == ("test", KEPT, 0)
    assert machine["bound"]["verdict"] == "reached"
    assert machine["bound"]["low"] == pytest.approx(KEPT / (KEPT + 1.959964**2), abs=1e-6)
    lacks = {one["code"]: one for one in found["missing"]}
    assert "positives" not in lacks
    # 35 positives without a miss did for the first check; a second takes 52, and there are 45.
    used_up = lacks["exhausted"]
    assert (used_up["known"], used_up["looks"], used_up["first"], used_up["next"]) == (True, 1, 35, 52)
    assert lacks["agreement"]["people"] == 2
    assert lacks["no_elusion"]["do"] == "screener gold elusion --stage abstract --n N"

    decide(gold, "other", misses("r00", "r01", "r02"))
    withheld = cli(*page, "--reviewer", "other")
    assert (withheld.code, withheld.out) == (2, "")
    assert "no check of what other decided on the test records is recorded" in " ".join(withheld.err.split())
    assert checks(gold) == 1
    assert cli("gold", "gate", "--stage", "abstract", "--reviewer", "other").code == 0
    [machine] = cli(*page, "--reviewer", "other").json["reviewers"]
    assert (machine["lost"], machine["bound"]["verdict"], machine["bound"]["look"]) == (3, "not_reached", 2)
