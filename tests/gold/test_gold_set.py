"""Gold as people make it: drawn, labelled twice, locked; what it opens, what it may never reach, and the elusion audit."""

import csv
import re
import shutil
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from support import ROOT, Cli
from support.gold import ALL, KEPT, by_year, drawn, gate, labels, locked, said

pytestmark = pytest.mark.slow


def test_a_sample_is_drawn_again_from_its_seed_and_comes_first_in_the_queue(review: Path, cli: Cli) -> None:
    names = drawn(cli, 10, "--seed", "s")
    from screener.adjudication.queue import enter, next_record
    from screener.core.judgement import Decision, Judgement, Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review

    here = Review(review)
    ledger, given = Ledger.of(here.hidden), []
    for _ in range(13):
        record = next_record(ledger, here, Stage.ABSTRACT, "anna")
        assert record is not None
        given.append(record.id)
        enter(ledger, here, Stage.ABSTRACT, record.id, "anna", Judgement(decision=Decision.INCLUDE, stated=True))
    assert [name for name in given if name in names] == names != sorted(names)
    assert len(set(given)) == 13  # three others are among them, and nothing tells which
    assert given[:10] != names
    shutil.rmtree(review / ".screener")
    cli("import", "records.csv")
    assert drawn(cli, 10, "--seed", "s") == names
    refused = cli("gold", "sample", "--stage", "abstract", "--n", "81")
    assert refused.code == 2
    assert "80 can be drawn" in refused.err


def test_a_pilot_is_given_to_everybody_and_shares_nothing_with_gold(review: Path, cli: Cli) -> None:
    gold = drawn(cli, 40)
    pilot = [
        one["id"] for one in cli("gold", "sample", "--stage", "abstract", "--pilot", "8", "--json").json["records"]
    ]
    assert not set(pilot) & set(gold)
    from screener.adjudication.queue import enter
    from screener.core.judgement import Decision, Judgement, Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review

    here = Review(review)
    for who in ("anna", "ben", "carl", "dora"):
        enter(
            Ledger.of(here.hidden),
            here,
            Stage.ABSTRACT,
            pilot[0],
            who,
            Judgement(decision=Decision.INCLUDE, stated=True),
        )


def test_pilots_tell_agreement_round_by_round_and_whether_the_guide_has_changed_since(review: Path, cli: Cli) -> None:
    command = ("gold", "pilot", "--stage", "abstract")
    none = cli(*command)
    assert (none.code, "--pilot 50" in none.err) == (2, True)
    rounds = []
    for number in (1, 2):
        done = cli("gold", "sample", "--stage", "abstract", "--pilot", "8", "--json")
        rounds.append([one["id"] for one in done.json["records"]])
        said(cli, "anna", rounds[-1])
        assert cli(*command, "--json").json["pilots"][-1]["agreement"] is None
        others = 3 - number  # two differ in the first round, one in the second
        said(cli, "ben", rounds[-1][others:])
        said(cli, "ben", rounds[-1][:others], lambda name: {"include": "exclude", "exclude": "include"}[by_year(name)])
        if number == 1:
            (review / "gold").mkdir(exist_ok=True)
            (review / "gold" / "screening-guide.md").write_text("A heart is what beats.")
    found = cli(*command, "--json").json["pilots"]
    assert [one["judged"] for one in found] == [{"anna": 8, "ben": 8}] * 2
    assert [one["agreement"]["same"] for one in found] == [6, 7]
    assert [one["agreement"]["decision"]["raw"]["value"] for one in found] == [0.75, 0.875]
    assert [one["revised"] for one in found] == [True, False]
    shown = cli(*command).out
    assert "2 of 8 are in conflict" in shown
    assert shown.count("have changed since it was drawn") == 1


def test_gold_is_not_locked_while_labels_are_missing_or_in_conflict(review: Path, cli: Cli) -> None:
    names = drawn(cli, 6)
    said(cli, "anna", names)
    said(cli, "ben", names[1:])
    said(cli, "ben", [names[2]], lambda name: "exclude" if by_year(name) == "include" else "include")
    refused = cli("gold", "lock", "--stage", "abstract")
    assert refused.code == 2
    assert f"{names[0]}: 1 of 2 judgements" in refused.out
    assert f"{names[2]}: conflict" in refused.out
    assert not (review / "gold").exists()


def test_a_label_that_was_given_after_the_machine_was_seen_is_none_for_gold(review: Path, cli: Cli) -> None:
    from screener.adjudication.queue import JudgementContext, enter
    from screener.core.judgement import Decision, Judgement, Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review

    names = drawn(cli, 2)
    said(cli, "anna", names)
    said(cli, "ben", names[:1])
    here, seen = Review(review), JudgementContext(blinded="open", seen=("embedded",))
    ledger, keep = Ledger.of(here.hidden), Judgement(decision=Decision.UNCLEAR, stated=True)
    for name in names:
        enter(ledger, here, Stage.ABSTRACT, name, "ben", keep, judgement_context=seen)
    refused = cli("gold", "lock", "--stage", "abstract", "--json")
    assert refused.code == 2
    assert refused.json["lacking"] == {names[1]: 1}
    said(cli, "carl", names[1:])
    assert locked(cli)["blinded"] == {"not known": 4}
    assert {row["id"]: row["decision"] for row in labels(review)} == {name: by_year(name) for name in names}


def test_a_locked_set_says_what_it_is_and_a_changed_file_is_refused(review: Path, cli: Cli) -> None:
    names = drawn(cli, 60)
    for who in ("anna", "ben"):
        said(cli, who, names)
    done = locked(cli)
    assert (done["version"], done["drawn"], done["reviewers"], done["frame"]) == (1, "random", ["anna", "ben"], 90)
    rows = labels(review)
    assert {row["id"]: row["decision"] for row in rows} == {name: by_year(name) for name in names}
    halves = Counter((row["split"], row["decision"]) for row in rows)
    assert abs(halves["dev", "include"] - halves["test", "include"]) <= 1
    assert abs(halves["dev", "exclude"] - halves["test", "exclude"]) <= 1
    found = cli("evaluate", "--stage", "abstract", "--json").json
    assert found["reference_status"] == "human"
    assert locked(cli)["fresh"] is False
    path = review / "gold" / "abstract.csv"
    assert not path.stat().st_mode & stat.S_IWUSR
    path.chmod(0o644)
    path.write_text(path.read_text().replace(",include,", ",exclude,", 1))
    for command in (("evaluate", "--stage", "abstract"), ("gold", "lock", "--stage", "abstract"), ("check",)):
        refused = cli(*command)
        assert refused.code == 2
        assert done["sha256"][:16] in refused.err
        assert "screener gold lock" in refused.err
        assert refused.err.count("\n") == 1


def test_a_ruling_makes_the_next_version_and_moves_nothing_between_the_halves(review: Path, cli: Cli) -> None:
    names = drawn(cli, 20)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli)
    before = {row["id"]: row["split"] for row in labels(review)}
    wrong = {"include": "exclude", "exclude": "include"}[by_year(names[0])]
    (review / "ruling.csv").write_text(f"id,zoe\n{names[0]},{wrong}\n")
    cli("label", "ruling.csv", "--stage", "abstract", "--column", "zoe=zoe:adjudicator", "--overrule")
    done = locked(cli)
    assert (done["version"], done["adjudicators"]) == (2, ["zoe"])
    assert {row["id"]: row["split"] for row in labels(review)} == before
    assert next(row["decision"] for row in labels(review) if row["id"] == names[0]) == wrong
    assert (review / "gold" / "locked" / "abstract-1.csv").is_file()


def test_reports_of_one_study_are_never_on_both_sides() -> None:
    from screener.core.judgement import Decision, Judgement
    from screener.gold.lock import split_by_study

    found = {
        f"r{n}": Judgement(decision=Decision.INCLUDE if n % 3 else Decision.EXCLUDE, stated=True) for n in range(60)
    }
    linked = [(f"r{n}", f"r{n + 1}") for n in range(0, 60, 4)] + [("r1", "r2")]
    for salt in "abcdefgh":
        halves = split_by_study(found, linked, salt, 0.5, {})
        assert all(halves[a] == halves[b] for a, b in linked)
        assert 25 <= sum(half == "test" for half in halves.values()) <= 35


def test_strata_of_probability_are_drawn_alike_with_their_weights(cli: Cli, ecg: Path) -> None:
    from screener.core.judgement import Stage
    from screener.protocol.model import Review

    cli("run", "--stage", "abstract", "--limit", "30")
    draw = ("gold", "sample", "--stage", "abstract", "--n", "40", "--by", "probability")
    refused = cli(*draw, "--reviewer", "gpt")
    assert (refused.code, "gpt has given none of these records; embedded has" in refused.err) == (2, True)
    protocol = ecg / "prompts" / "review.yaml"
    protocol.write_text(re.sub(r"(decided_by: \{.*?), machine: \w+", r"\1", protocol.read_text()))
    assert Review(ecg).stage(Stage.ABSTRACT).decided_by.machine is None, "any machine that has a probability will do"
    done = cli(*draw, "--json").json
    assert done["drawn"] == "stratified"
    sizes = Counter(one["stratum"] for one in done["records"])
    assert len(sizes) > 2
    assert sizes["none"]  # what has no probability is a stratum too
    assert sum(one["weight"] for one in done["records"]) == pytest.approx(120)
    for who in ("anna", "ben"):
        said(cli, who, [one["id"] for one in done["records"]], lambda _: "include")
    told = locked(cli)
    assert told["drawn"] == "stratified"
    assert "status: provisional" in (ecg / "gold" / "gold.yaml").read_text()  # what the rest of the gold is
    assert sum(float(row["weight"]) for row in labels(ecg)) == pytest.approx(120, rel=1e-4)
    assert (ecg / "gold" / "locked" / "abstract-before.csv").is_file()


def test_a_gate_opens_on_35_positives_without_a_miss(review: Path, cli: Cli) -> None:
    names = drawn(cli, ALL)
    assert gate(cli)["open"] is False
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli, "--test-share", "1")
    opened = gate(cli)
    assert (opened["open"], opened["positives"], opened["kept"], opened["missing"]) == (True, 45, 45, 0)
    assert opened["low"] == pytest.approx(0.9213, abs=1e-4)
    assert gate(cli)["looks"] == opened["looks"]  # the same check is no second one


def test_too_few_positives_keep_the_gate_closed_and_the_checks_of_a_sample_outlive_its_lock(
    review: Path, cli: Cli
) -> None:
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli)
    short = gate(cli)
    assert (short["open"], short["positives"], short["needed"], short["missing"]) == (False, 23, 35, 12)
    from screener.core.judgement import Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review
    from screener.stages.state import records_for

    here = Review(review)
    waits = len(records_for(Ledger.of(here.hidden), here, Stage.FULLTEXT, everything=True))
    shutil.rmtree(review / "gold")
    locked(cli, "--test-share", "1")
    second = gate(cli)
    assert (second["open"], second["positives"], second["needed"], second["check"]) == (False, 45, 52, 2)
    assert waits == len(records_for(Ledger.of(here.hidden), here, Stage.FULLTEXT, everything=True)) == 45


def late(name: str, titles: Iterable[str]) -> None:
    Path(name).write_text(
        "id,title,year\n" + "".join(f"{one},A late arrival about rhythm {one},2001\n" for one in titles)
    )


def test_a_gate_makes_exclusions_of_its_frame_final_and_a_miss_closes_it(review: Path, cli: Cli) -> None:
    late("more.csv", [f"r{n}" for n in range(90, 95)])
    late("later.csv", [f"x{n}" for n in range(5)])
    cli("import", "more.csv")
    cli("run", "--stage", "abstract")
    names = drawn(cli, ALL, "--seed", "s")
    undrawn = sum(by_year(f"r{n:02}") == "exclude" for n in range(95) if f"r{n:02}" not in names)
    assert undrawn > 0
    for who in ("anna", "ben"):
        said(cli, who, names)
    from screener.core.judgement import Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review
    from screener.stages.state import records_for

    here = Review(review)

    def suggested() -> int:
        """What `run --all` takes along: exclusions that are not final."""
        ledger = Ledger.of(here.hidden)
        everything = records_for(ledger, here, Stage.FULLTEXT, everything=True)
        return len(everything) - len(records_for(ledger, here, Stage.FULLTEXT))

    assert suggested() == undrawn
    locked(cli, "--test-share", "1")
    opened = gate(cli)
    assert (opened["open"], opened["outside"]) == (True, 0)
    assert "came after the draw" not in opened["why"]
    assert suggested() == 0

    cli("import", "later.csv")
    cli("run", "--stage", "abstract")
    opened = gate(cli)
    assert (opened["open"], opened["outside"]) == (True, 5)
    assert (
        "5 records it judged came after the draw and so lie outside its frame: there it only suggests" in opened["why"]
    )
    assert suggested() == 5, "the sample says nothing of records that could not be drawn"
    statuses = {row["id"]: row["status"] for row in csv.DictReader(cli("export").out.splitlines())}
    assert {statuses[f"x{n}"] for n in range(5)} == {"suggested"}
    report = cli("report", "--json").json
    assert report["stages"]["abstract"]["gate"]["outside"] == 5
    [removed] = [box["count"] for box in report["flow"]["boxes"] if box["id"] == "removed"]
    assert removed == undrawn

    old = next(name for name in names if by_year(name) == "exclude")
    (review / "ruling.csv").write_text(f"id,zoe\n{old},include\n")
    cli("label", "ruling.csv", "--stage", "abstract", "--column", "zoe=zoe:adjudicator", "--overrule")
    locked(cli, "--test-share", "1")
    found = gate(cli)
    assert (found["open"], found["positives"] - found["kept"]) == (False, 1)
    assert found["needed"] > found["positives"]
    assert suggested() == 5 + undrawn


def test_what_could_be_drawn_had_been_imported_and_at_full_text_had_a_document(review: Path) -> None:
    from sqlalchemy import insert

    from screener.core.judgement import Stage
    from screener.ledger import reads
    from screener.ledger import tables as t
    from screener.ledger.store import Ledger

    before, drawn_at, after = "2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z", "2100-01-02T00:00:00.000Z"
    columns = {"name": "main", "role": "main", "active": 1, "file": "a.pdf", "sha256": "0", "content": "0", "pages": 1,
               "characters": 9, "scan": 0, "how": "", "who": ""}  # fmt: skip
    given = [("r00", before), ("r00", after), ("r01", after)]
    ledger = Ledger.of(review / ".screener")
    with ledger.write() as connection:
        connection.execute(insert(t.documents), [columns | {"record_id": name, "at": at} for name, at in given])
    with ledger.read() as connection:
        assert len(reads.imported_after(connection, Stage.ABSTRACT, before)) == ALL
        assert reads.imported_after(connection, Stage.ABSTRACT, drawn_at) == frozenset()
        assert reads.imported_after(connection, Stage.FULLTEXT, drawn_at) == {"r01"}


def test_a_label_lost_to_a_contradictory_merge_keeps_the_gate_closed(review: Path, cli: Cli) -> None:
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli, "--test-share", "1")
    assert gate(cli)["open"] is True
    # The label of r00 says include, that of r50 exclude: no pair is left of either.
    assert cli("dedup", "merge", "r00", "r50").code == 0
    cli("run", "--stage", "abstract")
    found = gate(cli)
    assert found["open"] is False
    assert "2 of the test labels are left out" in found["why"]
    assert "(r00, r50)" in found["why"]
    assert cli("dedup", "split", "r50").code == 0
    cli("run", "--stage", "abstract")
    assert gate(cli)["open"] is True


@pytest.mark.slow
def test_the_report_tells_what_an_open_gate_and_locked_gold_are(review: Path, cli: Cli) -> None:
    (review / "more.csv").write_text(
        "id,title,year\nr90,An old paper about rhythm,2001\nr91,Another old paper with no rhythm,2002\nr92,,2001\n"
    )
    gold = review / "gold"
    gold.mkdir()
    (gold / "gold.yaml").write_text("name: heart\nstatus: provisional\nsplit: {salt: a}\n")
    cli("import", "more.csv")
    cli("run", "--stage", "abstract")
    names = drawn(cli, ALL, "--seed", "i")
    undrawn = {f"r{n:02}" for n in range(92)} - set(names)
    assert {by_year(name) for name in undrawn} == {"exclude"}
    for who in ("anna", "ben"):
        said(cli, who, names)
    before = " ".join(cli("report", "--json").json["methods"])
    assert "exclusions were suggestions" in before
    locked(cli, "--test-share", "1")
    found = cli("report", "--json").json
    told = " ".join(found["methods"])
    excluded = {box["id"]: box["count"] for box in found["flow"]["boxes"]}
    assert excluded["removed"] == 3
    assert "its gate is open" in told
    assert "drawn at random from 92 records" in told
    assert "97.5 % one-sided confidence" in told
    assert "checked 1 time" in told
    assert "exclusions were suggestions" not in told
    assert "1 row that could not be read among them" in told
    assert "2 records were excluded before screening by rules on their fields" in told
    assert "n = 45" in told, "a recall says of how many records it is"
    [checked] = [one["filled"] for one in found["checklist"] if one["id"] == "M9"]
    assert "labelled by humans" in checked
    assert "PROVISIONAL" not in checked
    assert "drawn at random" in checked


def test_provisional_or_unlocked_gold_opens_no_gate(review: Path, cli: Cli) -> None:
    (review / "gold").mkdir()
    rows = "".join(f"r{n:02},{by_year(f'r{n:02}')},test\n" for n in range(ALL))
    (review / "gold" / "abstract.csv").write_text("id,decision,split\n" + rows)
    spec = review / "gold" / "gold.yaml"
    spec.write_text('name: g\nstatus: provisional\ndrawn: random\nsplit: {salt: "s"}\n')
    assert gate(cli)["open"] is False
    assert "provisional" in gate(cli)["why"]
    spec.write_text('name: g\nstatus: human\ndrawn: random\nsplit: {salt: "s"}\n')
    assert gate(cli)["open"] is False
    assert "not locked" in gate(cli)["why"]
    assert gate(cli)["looks"] == []


def test_check_says_how_many_positives_a_gate_needs(review: Path, cli: Cli) -> None:
    assert "35 eligible records" in cli("check").out
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli)
    gate = cli("check", "--json").json["gates"]["abstract"]
    needed = {
        "recall_low": 0.9,
        "confidence": 0.95,
        "positives_needed": 35,
        "positives": 23,
        "missing": 12,
        "lacks": "",
    }
    assert gate.items() >= needed.items()
    assert (gate["open"], gate["updates"]) == (False, [])
    assert "lower bound 0.857" in gate["why"]


def test_no_label_of_a_sample_or_of_test_reaches_a_fit(review: Path, cli: Cli) -> None:
    from screener.core.judgement import Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review
    from screener.running.fitting import human_labels

    def learned() -> set[str]:
        here = Review(review)
        return set(human_labels(Ledger.of(here.hidden), here, Stage.ABSTRACT))

    names = drawn(cli, 30)
    others = {f"r{n:02}" for n in range(ALL)} - set(names)
    for who in ("anna", "ben"):
        said(cli, who, [f"r{n:02}" for n in range(ALL)])
    assert learned() == others  # nobody knows yet which of the sample will be test
    locked(cli)
    dev = {row["id"] for row in labels(review) if row["split"] == "dev"}
    assert 12 <= len(dev) <= 15
    assert learned() == others | dev


@pytest.mark.slow
def test_elusion_bounds_what_was_removed_and_a_hit_sends_its_stratum_to_people(review: Path, cli: Cli) -> None:
    done = cli("gold", "elusion", "--stage", "abstract", "--n", "20", "--json").json
    assert (done["n"], done["frame"]) == (20, 45)
    again = cli("gold", "elusion", "--stage", "abstract", "--n", "30")
    assert again.code == 2
    assert "its size is set once" in again.err
    from screener.core.judgement import Stage
    from screener.ledger.samples import samples
    from screener.ledger.store import Ledger

    with Ledger.of(review / ".screener").read() as connection:
        (sample,) = samples(connection, Stage.ABSTRACT)
    names = [member.record_id for member in sample.counted]
    mixed = [member.record_id for member in sample.members if not member.counts]
    assert {by_year(name) for name in names} == {"exclude"}
    assert [by_year(name) for name in mixed] == ["include"] * 5
    kept = [f"r{n:02}" for n in range(KEPT)]
    for who in ("anna", "ben"):
        said(cli, who, kept)
        said(cli, who, names[:10])
    half = cli("gold", "elusion", "--stage", "abstract", "--json").json
    assert (half["labelled"], half["eligible_at_most"]) == (10, None)
    for who in ("anna", "ben"):
        said(cli, who, names[10:])
    full = cli("gold", "elusion", "--stage", "abstract", "--json").json
    # The largest K with C(45 − K, 20)/C(45, 20) > 0.05 is 4: at most 4 of the 45, and recall is at least 45/(45 + 4).
    assert (full["hits"], full["eligible_at_most"], full["review"]) == ([], 4, [])
    assert full["recall_at_least"] == pytest.approx(45 / 49)
    # Recall below 0.95 takes at least 48 eligible records, so 3 in the frame: C(42, 20)/C(45, 20).
    assert full["buscar"] == {"recall": 0.95, "p": pytest.approx(25 * 24 * 23 / (45 * 44 * 43)), "stop": False}
    told = cli("report", "--json", "-o", "page.html").json
    audit = told["stages"]["abstract"]["elusion"]
    assert (audit["eligible_at_most"], audit["hits"], audit["why"]) == (4, 0, "")
    assert audit["recall_at_least"] == full["recall_at_least"]
    assert audit["buscar"]["p"] == full["buscar"]["p"]
    assert audit["sentence"] in (review / "page.html").read_text(encoding="utf-8")
    assert any(audit["sentence"] in paragraph for paragraph in told["methods"])
    said_so = cli("gold", "elusion", "--stage", "abstract", "--recall", "0.9").out
    assert "recall has reached 90 % (20 drawn at random" in said_so
    for who in ("anna", "ben"):
        said(cli, who, names[:1], lambda _: "include")
    assert cli("report", "--json").json["stages"]["abstract"]["elusion"]["hits"] == 1
    with Ledger.of(review / ".screener").read() as connection:
        assert samples(connection, Stage.ABSTRACT, "review") == []  # a report sends nothing to anybody
    hit = cli("gold", "elusion", "--stage", "abstract", "--json").json
    assert (hit["hits"], hit["strata"], len(hit["review"])) == (names[:1], {"years": 45}, 25)
    assert hit["eligible_at_most"] > 4
    with Ledger.of(review / ".screener").read() as connection:
        assert len(samples(connection, Stage.ABSTRACT, "review")[0].members) == 25


def test_an_elusion_sample_is_void_after_a_re_run(review: Path, cli: Cli) -> None:
    cli("gold", "elusion", "--stage", "abstract", "--n", "20")
    cli("run", "--stage", "abstract")  # nothing is asked again, so nothing has changed
    assert cli("gold", "elusion", "--stage", "abstract").code == 0
    path = review / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("[2018, 2025]", "[2019, 2025]"))
    cli("run", "--stage", "abstract")
    refused = cli("gold", "elusion", "--stage", "abstract")
    assert refused.code == 2
    assert "void" in refused.err
    assert cli("gold", "elusion", "--stage", "abstract", "--n", "20").code == 0


def test_a_gold_set_that_was_changed_meanwhile_is_read_anew(tmp_path: Path) -> None:
    from screener.core.judgement import Stage
    from screener.gold.labels import load_gold
    from screener.protocol.model import Review

    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "gold.yaml").write_text("name: mine\nstatus: human\nsplit: {salt: x}\n")
    (tmp_path / "gold" / "abstract.csv").write_text("id,decision\na,include\n")
    (tmp_path / "gold" / "records.csv").write_text("id,title\na,First title\n")
    review = Review(tmp_path)

    def read() -> tuple[str, str, str]:
        gold = load_gold(review, Stage.ABSTRACT)
        assert gold is not None
        return gold.labels[0].decision.value, gold.entries["a"].title, gold.spec.name

    assert read() == ("include", "First title", "mine")
    (tmp_path / "gold" / "abstract.csv").write_text("id,decision\na,exclude\n")
    assert read() == ("exclude", "First title", "mine")
    (tmp_path / "gold" / "records.csv").write_text("id,title\na,Another title\n")
    assert read() == ("exclude", "Another title", "mine")
    (tmp_path / "gold" / "gold.yaml").write_text("name: yours\nstatus: human\nsplit: {salt: x}\n")
    assert read() == ("exclude", "Another title", "yours")
