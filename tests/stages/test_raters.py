"""Who is a rater: people who judged a record whatever the others answered, by what they said before any discussion."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path

import pytest
from support import Cli, Later

from screener.core.judgement import Decision, Judgement, Stage
from screener.evaluation.agreement import agreement_among
from screener.ledger import Ledger, StoredJudgement
from screener.metrics import fisher_exact
from screener.protocol import Review
from screener.reporting.audit.earlier import other_raters
from screener.stages import Ratings, independent_ratings

stats = Later("scipy.stats")

STAGE = Stage.ABSTRACT
Said = Sequence[tuple[str, str, str]]
"""Record, person, `+` or `-`, in the order of the ledger."""


def ratings(said: Said, *, in_app: bool = False) -> Ratings:
    rows = [
        StoredJudgement(
            number, "", record, "", person, "human", "human", "", 0, "",
            Judgement(decision=Decision.INCLUDE if answer == "+" else Decision.EXCLUDE, stated=True),
        )
        for number, (record, person, answer) in enumerate(said)
    ]  # fmt: skip
    return independent_ratings(rows, {}, STAGE, range(len(rows)) if in_app else ())


def two_people(disputed: int, agreed: int, people: Sequence[str] = ("ada", "ben")) -> list[tuple[str, str, str]]:
    """Return that many records that two people judge, `d0`, `d1`, … with different answers."""
    names = [*(f"d{n}" for n in range(disputed)), *(f"s{n}" for n in range(agreed))]
    return [
        (name, person, "-" if name[0] == "d" and person == people[1] else "+") for name in names for person in people
    ]


def groups(found: Ratings) -> dict[str, set[str]]:
    return {name: {row.reviewer for row in rows} for name, rows in found.by_record.items()}


@pytest.mark.parametrize("place", [0, -1], ids=["the file names her first", "the file names her last"])
def test_who_judges_disputed_records_only_settles_them_and_is_no_rater(place: int) -> None:
    said = two_people(30, 70)
    settled = [(f"d{n}", "cleo", "+-"[n % 2]) for n in range(30)]
    found = ratings(said + settled if place else settled + said)
    assert found.left_out() == {"cleo": 30}
    assert all(people == {"ada", "ben"} for people in groups(found).values())


def test_two_people_who_share_the_disputes_are_no_raters_either() -> None:
    third = cycle(("cleo", "dora"))
    found = ratings([*two_people(30, 70), *((f"d{n}", next(third), "+") for n in range(30))])
    assert found.left_out() == {"cleo": 15, "dora": 15}


def test_a_few_records_without_a_dispute_make_no_rater_of_who_settles() -> None:
    said = two_people(30, 70) + [(f"d{n}", "cleo", "+") for n in range(30)] + [(f"s{n}", "cleo", "+") for n in range(8)]
    assert ratings(said).left_out() == {"cleo": 38}


def test_a_third_reader_of_whatever_came_is_a_rater() -> None:
    said = two_people(30, 70) + [(f"d{n}", "cleo", "+") for n in range(9)] + [(f"s{n}", "cleo", "+") for n in range(21)]
    found = ratings(said)
    assert found.left_out() == {}
    assert sum(len(people) == 3 for people in groups(found).values()) == 30


def test_three_people_who_judge_everything_are_raters() -> None:
    names = [f"r{n}" for n in range(40)]
    chance = random.Random(1)
    said = [(name, person, chance.choice("+-")) for name in names for person in ("ada", "ben", "cleo")]
    assert ratings(said).left_out() == {}
    missing = [row for row in said if row[:2] != ("r3", "cleo")]
    assert ratings(missing).left_out() == {}, "one record that somebody has not come to"


def rotating(settle: bool) -> Iterator[tuple[str, str, str]]:
    """Yield records that two of three people judge in turn, with the judgement of whoever is left where these differ."""
    chance, turns = random.Random(2), cycle((("ada", "ben", "cleo"), ("ben", "cleo", "ada"), ("cleo", "ada", "ben")))
    for n in range(120):
        first, second, third = next(turns)
        answer = chance.choice("+-")
        other = answer if chance.random() < 0.7 else "-+"[answer == "-"]
        yield f"r{n}", first, answer
        yield f"r{n}", second, other
        if settle and answer != other:
            yield f"r{n}", third, answer


@pytest.mark.parametrize("in_app", [False, True])
def test_where_three_take_turns_the_third_is_left_out(in_app: bool, blank: Path) -> None:
    plain, settled = ratings(list(rotating(settle=False))), ratings(list(rotating(settle=True)), in_app=in_app)
    assert sum(settled.left_out().values()) > 20
    assert {len(people) for people in groups(settled).values()} == {2}
    protocol = Review(blank).stage(STAGE)
    expected, found = (agreement_among(some, STAGE, protocol) for some in (plain, settled))
    assert expected is not None
    assert found is not None
    assert found.decision.estimates["alpha"].value == expected.decision.estimates["alpha"].value
    assert found.decision.estimates["fleiss"].value == expected.decision.estimates["fleiss"].value
    assert found.counts == expected.counts
    if in_app:
        assert groups(settled) == groups(plain), "there the order tells who came last"


def test_a_trial_that_everybody_judges_stays_whole_beside_settled_disputes() -> None:
    chance = random.Random(3)
    trial = [(f"t{n}", person, "+" if chance.random() < 0.85 else "-")
             for n in range(20) for person in ("ada", "ben", "cleo", "dora")]  # fmt: skip
    said = trial + two_people(30, 70) + [(f"d{n}", "cleo", "+") for n in range(30)]
    found = groups(ratings(said))
    assert {len(found[f"t{n}"]) for n in range(20)} == {4}
    assert {len(found[f"d{n}"]) for n in range(30)} == {2}


def test_what_is_changed_after_a_dispute_is_no_first_judgement() -> None:
    said = [("r0", "ada", "+"), ("r0", "ben", "-"), ("r0", "ada", "-")]
    [rows] = ratings(said).by_record.values()
    assert [(row.reviewer, row.judgement.decision.value) for row in rows] == [("ada", "include"), ("ben", "exclude")]
    corrected = [("r0", "ada", "+"), ("r0", "ada", "-"), ("r0", "ben", "-")]
    [rows] = ratings(corrected).by_record.values()
    assert [row.judgement.decision.value for row in rows] == ["exclude", "exclude"], "a slip corrected before"


def test_fishers_test_is_that_of_scipy() -> None:
    chance = random.Random(4)
    for _ in range(60):
        table = [chance.choice((0, chance.randrange(9), chance.randrange(90))) for _ in range(4)]
        assert fisher_exact(*table) == pytest.approx(stats.fisher_exact([table[:2], table[2:]]).pvalue, abs=1e-9), table


HUMANS = ("evaluate", "--stage", "abstract", "--reviewer", "a", "--reference", "b")


def of_people(folder: Path, cli: Cli, *reviewers: str) -> Mapping[str, object]:
    """Return the agreement of the hundred records on which `a` and `b` differ thirty times, with these people's files."""
    rows = {name: {"a": "include", "b": "include", "c": "include"} for name in (f"r{n}" for n in range(100))}
    for n in range(30):
        rows[f"r{70 + n}"]["b"] = "exclude"
    (folder / "records.csv").write_text("id,title\n" + "".join(f"{name},Study number {name}\n" for name in rows))
    for reviewer in reviewers:
        chosen = [name for name, row in rows.items() if reviewer != "c" or row["b"] == "exclude"]
        lines = "".join(f"{name},{rows[name][reviewer]}\n" for name in chosen)
        (folder / f"{reviewer}.csv").write_text(f"id,decision\n{lines}")
    assert cli("import", "records.csv").code == 0
    for reviewer in reviewers:
        assert cli("label", f"{reviewer}.csv", "--stage", "abstract", "--reviewer", reviewer).code == 0
    humans: dict[str, object] = cli(*HUMANS, "--json").json["humans"]
    return humans


def test_the_handed_case_is_what_two_people_say(blank: Path, cli: Cli) -> None:
    humans = of_people(blank, cli, "c", "a", "b")
    assert (humans["records"], humans["same"], humans["called"]) == (100, 70, {"c": 30})
    decision = humans["decision"]
    assert isinstance(decision, dict)
    assert (decision["n"], decision["fleiss_n"], decision["fleiss_m"]) == (100, 100, 2)
    assert decision["raw"]["value"] == pytest.approx(0.7)
    # Of 200 ratings 170 include: 1 - 0.3 / (1 - 0.85² - 0.15²), and Krippendorff's with n - 1 in the place of n.
    assert decision["fleiss"]["value"] == pytest.approx(1 - 0.3 / 0.255)
    assert decision["alpha"]["value"] == pytest.approx(1 - 199 / 200 * 0.3 / 0.255)
    shown = cli(*HUMANS).out
    assert "100 records rated by two or more" in shown
    assert "c: 30 judgements of records on which the others differ are left out" in shown
    words = " ".join(shown.split())
    assert (
        "Over all ratings Fleiss' κ is not defined and α misleads: how many there are depends on the answers." in words
    )
    assert "The figures are those of a, b alone." in words
    other = cli("evaluate", "--stage", "abstract", "--reviewer", "a", "--reference", "c", "--json").json
    assert other["n"] == 0, "what settles a dispute agrees with one side by its nature"
    assert any("c: 30 judgements" in remark for remark in other["remarks"])
    recorded = {"stages": {"abstract": {"agreement": {"humans": {"records": 100}}}}}
    with_rule = {"stages": {"abstract": {"agreement": {"humans": {"records": 100, "called": {}}}}}}
    ledger = Ledger.of(blank / ".screener")
    assert other_raters(ledger, recorded) == [("stages", "abstract", "agreement")], "an earlier report counts the third"
    assert other_raters(ledger, with_rule) == []
    ledger.close()
