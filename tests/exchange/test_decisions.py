"""Decisions from elsewhere: what other tools write is read, matched, and entered or listed."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from support import ROOT, BroughtOnce, Cli
from support.web_app import small_review

PROTOCOL = """\
title: Tests
questions: ["How are tests ordered?"]
stages:
  abstract:
    question: "Is it about the ordering of tests?"
    template: abstract.md
    criteria:
      - {id: ordering, question: "Is it about ordering?"}
      - {id: software, question: "Is it about software?"}
reviewers:
  embedded: {kind: embedded}
"""
EXTRACTION = """\
  extraction:
    question: "What was ordered, and how?"
    template: extraction.md
    form: form.py
    criteria: []
"""
TITLES = ["Ordering of tests by their cost", "Risk in the making of aircraft", "Learning to rank what fails first"]
RECORDS = "id,title,doi\n" + "".join(f"t{n},{title},10.1000/{n}\n" for n, title in enumerate(TITLES))


@pytest.fixture
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, brought_once: BroughtOnce) -> Path:
    """A review with three records, and standing in it."""
    folder = empty(tmp_path / "review", monkeypatch)

    def bring() -> None:
        (folder / "records.csv").write_text(RECORDS)
        assert cli("import", "records.csv").code == 0

    brought_once("three-records", folder, bring)
    return folder


def empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    monkeypatch.chdir(folder)
    return folder


def decisions(cli: Cli, file: str, *options: str) -> dict[str, dict[str, object]]:
    done = cli("label", file, "--stage", "abstract", "--json", *options)
    assert done.code == (3 if done.json["rejected"] else 0), done.err
    return done.json


def stored(folder: Path) -> set[tuple[str, str, str, str]]:
    """Record, reviewer, role and decision of every judgement in the ledger."""
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        return set(connection.execute("SELECT record_id, reviewer, role, decision FROM judgements"))


RAYYAN = [
    'RAYYAN-INCLUSION: {"Anna"=>"Included", "Ben \\"B\\" O\'Neil"=>"Excluded"} | RAYYAN-LABELS: later | '
    "RAYYAN-EXCLUSION-REASONS: wrong population,foreign language",
    'USER-NOTES: {"Anna"=>["look again"]} | RAYYAN-INCLUSION: {"Anna"=>"Maybe"}',
    "nobody has looked at this",
]


def test_rayyan_csv_gives_each_person_their_decision(review: Path, cli: Cli) -> None:
    rows = [
        f'rayyan-{n},"{t}","{note.replace(chr(34), chr(34) * 2)}"'
        for n, (t, note) in enumerate(zip(TITLES, RAYYAN, strict=True))
    ]
    (review / "articles.csv").write_text("key,title,notes\n" + "\n".join(rows) + "\n")
    done = decisions(cli, "articles.csv")
    assert (done["format"], done["entered"], done["unjudged"]) == ("Rayyan", 3, 1)
    ben = 'Ben "B" O\'Neil'
    assert stored(review) == {
        ("t0", "Anna", "human", "include"),
        ("t0", ben, "human", "exclude"),
        ("t1", "Anna", "human", "unclear"),
    }
    none = {"records": 0, "same": 0, "share": None}
    assert done["agreement"] == {"records": 1, "same": 0, "share": 0.0, "reasons": none, "incomplete": 0}
    with sqlite3.connect(review / ".screener" / "ledger.db") as connection:
        (body,) = connection.execute("SELECT body FROM judgements WHERE reviewer = ?", (ben,)).fetchone()
    assert json.loads(body)["reason"] == "wrong population, foreign language"


def test_rayyan_ris_is_read_by_its_notes_and_one_of_several_people_may_be_taken(review: Path, cli: Cli) -> None:
    entries = [f"TY  - JOUR\nTI  - {t}\nN1  - {note}\nER  - \n" for t, note in zip(TITLES, RAYYAN, strict=True)]
    (review / "articles.ris").write_text("\n".join(entries))
    assert decisions(cli, "articles.ris", "--reviewer", "Anna")["entered"] == 2
    assert {who for _, who, _, _ in stored(review)} == {"Anna"}
    refused = cli("label", "articles.ris", "--stage", "abstract", "--reviewer", "carl")
    assert refused.code == 2
    assert "names Anna, Ben" in refused.err


def test_asreview_notes_in_ris_are_read_in_all_their_spellings(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, shared: Path
) -> None:
    empty(tmp_path / "asreview", monkeypatch)
    from screener.core.judgement import Decision
    from screener.exchange.decisions.formats import read_decisions

    said = read_decisions(shared / "exports" / "asreview_baseline_tag-notes_labels.ris", {}, None)
    found = [row.opinions[0].decision if row.opinions else None for row in said.rows]
    of_titles = [str(row.record["title"]) for row in said.rows]
    meant = [
        Decision.INCLUDE if '"relevant"' in title else Decision.EXCLUDE if '"irrelevant"' in title else None
        for title in of_titles
    ]
    assert found == meant
    assert meant.count(Decision.INCLUDE) == meant.count(Decision.EXCLUDE) >= 7


def test_asreview_csv_leaves_out_what_was_not_seen(review: Path, cli: Cli) -> None:
    (review / "asreview.csv").write_text(
        "record_id,title,asreview_label,asreview_note,asreview_user_name\n"
        f"0,{TITLES[0]},1,good,Anna\n1,{TITLES[1]},0,,Ben\n2,{TITLES[2]},,,\n"
    )
    assert decisions(cli, "asreview.csv")["unjudged"] == 1
    assert stored(review) == {("t0", "Anna", "human", "include"), ("t1", "Ben", "human", "exclude")}


def database(*statements: str, path: Path) -> bytes:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path.read_bytes()


# The tables as the releases 1.6.6, 2.2 and 3.0.8 of ASReview create them (columns that are not read are left out).
OLD = ("CREATE TABLE results (record_id INTEGER, label INTEGER, classifier TEXT, training_set INTEGER, notes TEXT)",
       "INSERT INTO results VALUES (2, 1, 'nb', 0, NULL), (1, 0, 'nb', 1, 'aircraft'), (2, 0, 'nb', 2, NULL)")  # fmt: skip
NEW = ("CREATE TABLE results (record_id INTEGER UNIQUE, label INTEGER, classifier TEXT, note TEXT, tags JSON, user_id INTEGER)",
       "INSERT INTO results VALUES (2, 0, 'svm', NULL, '[]', 4), (1, 0, 'svm', 'aircraft', '[]', 4)")  # fmt: skip
STORE = ("CREATE TABLE record (record_id INTEGER PRIMARY KEY, dataset_row INTEGER, title VARCHAR, doi VARCHAR, url VARCHAR)",
         f"INSERT INTO record VALUES (0, 0, '{TITLES[0]}', '10.1000/0', ''), (1, 1, '{TITLES[1]}', NULL, NULL),"
         f" (2, 2, '{TITLES[2]}', NULL, NULL)")  # fmt: skip


@pytest.mark.parametrize("layout", ["1.6", "2.2", "3.0"])
def test_asreview_projects_of_all_layouts_give_the_same_decisions(review: Path, cli: Cli, layout: str) -> None:
    if layout == "1.6":
        data = "title,doi\n" + "".join(f"{title},10.1000/{n}\n" for n, title in enumerate(TITLES))
        files = {"project.json": json.dumps({"version": "1.6.6", "dataset_path": "set.csv"}).encode(),
                 "data/set.csv": data.encode(), "reviews/a1/results.sql": database(*OLD, path=review / "x.db")}  # fmt: skip
    elif layout == "2.2":
        files = {"project.json": b'{"version": 2}', "data_store.db": database(*STORE, path=review / "s.db"),
                 "reviews/a1/results.db": database(*NEW, path=review / "x.db")}  # fmt: skip
    else:
        files = {"project.json": b'{"version": 3}', "results.db": database(*STORE, *NEW, path=review / "x.db")}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    (review / "mine.asreview").write_bytes(packed.getvalue())
    done = decisions(cli, "mine.asreview", "--reviewer", "anna")
    assert (done["format"], done["entered"], done["unjudged"]) == ("ASReview project", 2, 1)
    assert stored(review) == {("t1", "anna", "human", "exclude"), ("t2", "anna", "human", "exclude")}


def test_a_list_from_covidence_is_what_its_name_or_an_option_says(review: Path, cli: Cli) -> None:
    head = "Title,Authors,Abstract,Published Year,DOI,Covidence #,Study,Notes,Tags\n"
    (review / "review_7_excluded_csv_20240303.csv").write_text(
        head + f'{TITLES[0]},,,2020,,#1,Ordering 2020,"Exclusion reason: Wrong study design; ",\n'
    )
    (review / "list.csv").write_text(head + f"{TITLES[1]},,,2020,,#2,Risk 2020,,\n")
    assert decisions(cli, "review_7_excluded_csv_20240303.csv", "--reviewer", "team")["format"] == "Covidence"
    refused = cli("label", "list.csv", "--stage", "abstract", "--reviewer", "team")
    assert refused.code == 2
    assert "--decision" in refused.err
    decisions(cli, "list.csv", "--reviewer", "team", "--decision", "include")
    assert stored(review) == {("t0", "team", "human", "exclude"), ("t1", "team", "human", "include")}


def test_an_id_of_another_tool_is_not_taken_for_one_of_ours(review: Path, cli: Cli) -> None:
    (review / "labels.csv").write_text(
        f"id,title,decision\nt1,{TITLES[0]},include\nt2,Something else that nobody has,include\n"
    )
    done = cli("label", "labels.csv", "--stage", "abstract", "--reviewer", "anna", "--json").json
    assert stored(review) == {("t0", "anna", "human", "include")}
    assert done["rejected"] == [{"row": 2, "reason": "id t2 is a record with another title"}]


@pytest.mark.parametrize(
    "text",
    [
        "10.1000/0\nhttps://doi.org/10.1000/1\n\ndoi:10.1000/2\n10.1000/77\n",
        "id\n10.1000/0\n10.1000/1\ndoi:10.1000/2\n10.1000/77\n",
    ],
)
def test_bare_dois_are_a_list_of_what_was_decided_alike(review: Path, cli: Cli, text: str) -> None:
    (review / "dois.txt").write_text(text)
    refused = cli("label", "dois.txt", "--stage", "abstract", "--reviewer", "anna")
    assert (refused.code, "--decision" in refused.err or "`decision`" in refused.err) == (2, True)
    done = decisions(cli, "dois.txt", "--reviewer", "anna", "--decision", "include")
    assert done["entered"] == 3
    [rejected] = done["rejected"]
    assert (rejected["row"], "10.1000/77" in rejected["reason"]) == (4, True)


def judged(folder: Path, reviewer: str) -> dict[str, dict[str, object]]:
    """What the ledger holds of a reviewer's judgements, by record."""
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        rows = connection.execute("SELECT record_id, body FROM judgements WHERE reviewer = ? ORDER BY id", (reviewer,))
        return {record: json.loads(body) for record, body in rows}


def test_a_named_column_keeps_the_reasons_and_the_criteria_beside_it(review: Path, cli: Cli) -> None:
    (review / "zoe.csv").write_text(
        "id,decision,ordering,reason,Criterion,mood\nt0,exclude,no,consensus,,bad\nt1,include,yes,,,\nt2,exclude,,,software,\n"
    )
    done = decisions(cli, "zoe.csv", "--column", "decision=zoe:adjudicator")
    assert done["unused"] == ["mood"]
    assert "columns not used: mood" in done["remarks"]
    assert any("`Criterion` is read as the criterion that is not met" in remark for remark in done["remarks"])
    assert {role for _, _, role, _ in stored(review)} == {"adjudicator"}
    assert judged(review, "zoe") == {
        "t0": {"decision": "exclude", "answers": {"ordering": {"value": "no"}}, "reason": "consensus"},
        "t1": {"decision": "include", "answers": {"ordering": {"value": "yes"}}},
        "t2": {"decision": "exclude", "answers": {"software": {"value": "no"}}},
    }


def test_in_a_table_of_several_people_a_reason_is_whose_column_or_row_it_is(review: Path, cli: Cli) -> None:
    (review / "wide.csv").write_text(
        "id,first,anna reason,second,ben_software,reason\nt0,0,old,0,no,whose?\nt1,1,,0,,from ben\nt2,,,0,,\n"
    )
    done = decisions(cli, "wide.csv", "--column", "first=anna", "--column", "second=ben")
    assert done["unused"] == []
    assert any("the reason or criteria of 1 rows" in remark for remark in done["remarks"])
    assert judged(review, "anna")["t0"]["reason"] == "old"
    ben = judged(review, "ben")
    assert ben["t0"] == {"decision": "exclude", "answers": {"software": {"value": "no"}}}
    assert (ben["t1"]["reason"], "reason" in ben["t2"]) == ("from ben", False)


@pytest.mark.parametrize("row", ["t0,exclude,softwear", "t0,include,software"])
def test_a_criterion_that_is_none_or_contradicts_the_decision_is_listed(review: Path, cli: Cli, row: str) -> None:
    (review / "x.csv").write_text(f"id,decision,criterion\n{row}\n")
    done = cli("label", "x.csv", "--stage", "abstract", "--reviewer", "anna", "--json")
    assert done.code == 2
    assert [rejected["row"] for rejected in done.json["rejected"]] == [1]
    assert stored(review) == set()


def test_a_role_behind_a_name_is_the_role_wherever_a_name_is_given(review: Path, cli: Cli) -> None:
    (review / "plain.csv").write_text("id,decision\nt0,include\n")
    decisions(cli, "plain.csv", "--reviewer", "zoe:adjudicator")
    (review / "named.csv").write_text(
        "id,decision,reviewer,role\nt1,exclude,zoe: Adjudicator,\nt2,include,zoe,adjudicator\n"
    )
    decisions(cli, "named.csv")
    assert {(who, role) for _, who, role, _ in stored(review)} == {("zoe", "adjudicator")}
    refused = cli("label", "plain.csv", "--stage", "abstract", "--reviewer", "zoe:boss")
    assert (refused.code, "`boss` is neither human nor adjudicator" in refused.err) == (2, True)
    from screener.core.errors import BadInput
    from screener.protocol import Review
    from screener.stages import check_name

    with pytest.raises(BadInput, match="a name with a role"):
        check_name(Review(review), "zoe:adjudicator")


def test_adjudications_against_people_who_agree_need_a_flag_and_stay_visible(review: Path, cli: Cli) -> None:
    (review / "both.csv").write_text("id,anna,ben\nt0,1,1\nt1,1,0\nt2,0,0\n")
    decisions(cli, "both.csv", "--column", "anna=anna", "--column", "ben=ben")
    (review / "zoe.csv").write_text("id,decision\nt0,0\nt1,0\nt2,0\n")
    command = ("label", "zoe.csv", "--stage", "abstract", "--reviewer", "zoe:adjudicator")
    done = cli(*command, "--json").json
    assert (done["entered"], [row["row"] for row in done["rejected"]]) == (2, [1])
    assert "against anna and ben, who agree" in done["rejected"][0]["reason"]
    assert {record for record, who, _, _ in stored(review) if who == "zoe"} == {"t1", "t2"}
    assert cli("check", "--json").json["against_agreement"] == {}
    assert cli(*command, "--overrule", "--json").json["entered"] == 1
    assert cli("check", "--json").json["against_agreement"] == {"abstract": {"zoe": ["t0"]}}
    assert "1 adjudication goes against people who agree: zoe on t0" in cli("check").out
    figures = cli("report", "--json").json
    assert figures["stages"]["abstract"]["adjudications"] == {
        "records": 3, "conflicts": 1, "against": 1, "consensus": 0,
        "overruled": [{"record": "t0", "adjudicator": "zoe", "decision": "exclude"}],
    }  # fmt: skip
    said = "zoe adjudicated 1 conflict and 2 records without a conflict, 1 of them against reviewers who agreed."
    assert said in " ".join(figures["methods"])


@pytest.mark.parametrize("second", ["human", "adjudicator"])
def test_an_adjudication_beside_an_unsure_or_a_single_judgement_overrules_nobody(
    review: Path, cli: Cli, second: str
) -> None:
    (review / "all.csv").write_text("id,anna,ben,zoe\nt0,maybe,maybe,0\nt1,1,,0\nt2,maybe,1,0\n")
    people = ("--column", "anna=anna", "--column", "ben=ben", "--column", "zoe=zoe:adjudicator")
    done = decisions(cli, "all.csv", *(people if second == "adjudicator" else people[:4]))
    assert done["rejected"] == []


def test_columns_may_be_named_and_a_file_that_names_nobody_is_refused(review: Path, cli: Cli) -> None:
    (review / "wide.csv").write_text("id,first,second,boss\nt0,1,0,0\nt1,1.0,,\n")
    refused = cli("label", "wide.csv", "--stage", "abstract", "--reviewer", "anna")
    assert refused.code == 2
    assert "--column" in refused.err
    decisions(cli, "wide.csv", "--column", "first=anna", "--column", "second=ben", "--column", "boss=zoe:adjudicator")
    assert stored(review) == {
        ("t0", "anna", "human", "include"), ("t0", "ben", "human", "exclude"),
        ("t0", "zoe", "adjudicator", "exclude"), ("t1", "anna", "human", "include"),
    }  # fmt: skip
    (review / "long.csv").write_text("id,decision\nt0,include\n")
    refused = cli("label", "long.csv", "--stage", "abstract")
    assert refused.code == 2
    assert "--reviewer" in refused.err
    refused = cli("label", "wide.csv", "--stage", "abstract", "--column", "first=embedded")
    assert refused.code == 2
    assert "not the name of a human" in refused.err


@pytest.mark.slow
def test_the_tcp_set_imports_as_five_reviewers_and_an_adjudicator_who_agree_on_77_8_percent(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, shared: Path
) -> None:
    folder = empty(tmp_path / "tcp", monkeypatch)
    file = shared / "screening" / "SLR_on_TCP.csv"
    imported = cli("import", file, "--json").json
    assert (imported["files"][0]["read"], imported["files"][0]["duplicate"], imported["records"]) == (783, 4, 779)
    done = decisions(cli, str(file))
    assert {name: counts["role"] for name, counts in done["reviewers"].items()} == {
        "conflict_resolver": "adjudicator", **{f"reviewer_{n}": "human" for n in range(1, 6)},
    }  # fmt: skip
    # Two rows that were merged differ: listed, and neither is entered.
    # Everything that the resolver says against two who agree is listed as well.
    clashing, *_ = [row for row in done["rejected"] if row["row"] == 10]
    assert "reviewer_3: SLR_on_TCP-00004 has another decision in row 4" in clashing["reason"]
    against = [row for row in done["rejected"] if "who agree" in row["reason"]]
    assert len(against) == len(done["rejected"]) - 1 > 50
    assert "conflict_resolver" in against[0]["reason"]
    assert (done["agreement"]["records"], done["agreement"]["same"]) == (778, 605)
    assert f"{done['agreement']['share']:.1%}" == "77.8%"
    assert cli("label", file, "--stage", "abstract", "--json").json["entered"] == 0
    # The resolver's column is not in the order of the rows; nobody is to build on it without knowing.
    overruled = decisions(cli, str(file), "--overrule")
    assert overruled["entered"] == len(against)
    assert any(f"{len(against)} of them against everybody" in remark for remark in overruled["remarks"])
    # Taken apart, every row is a record, and no label is left out: 609 of 783.
    merged = [link["a"] for link in cli("dedup", "list", "--json").json["links"] if link["kind"] == "duplicate"]
    for name in merged:
        assert cli("dedup", "split", name).code == 0
    apart = decisions(cli, str(file), "--overrule")
    assert apart["rejected"] == []
    assert (apart["agreement"]["records"], apart["agreement"]["same"]) == (783, 609)
    assert len(stored(folder)) == 2 * 783 + 174


def test_a_decision_fills_no_form(review: Path, cli: Cli) -> None:
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("reviewers:\n", EXTRACTION + "reviewers:\n", 1))
    (review / "prompts" / "form.py").write_text((ROOT / "prompts" / "form.py").read_text())
    (review / "prompts" / "extraction.md").write_text((ROOT / "prompts" / "extraction.md").read_text())
    (review / "done.csv").write_text("id,decision\nt0,include\n")
    refused = cli("label", "done.csv", "--stage", "extraction", "--reviewer", "anna")
    assert refused.code == 2
    assert "a decision fills no form" in refused.err
    assert stored(review) == set()


def test_only_whom_the_protocol_names_may_rule_also_in_a_file(review: Path, cli: Cli) -> None:
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(
        protocol.read_text().replace(
            "    criteria:", "    decided_by: {humans: 2, resolvers: [Carla]}\n    criteria:", 1
        )
    )
    (review / "rulings.csv").write_text("id,anna,bob\nt0,1,0\n")
    command = ("label", "rulings.csv", "--stage", "abstract", "--column", "anna=anna")
    refused = cli(*command, "--column", "bob=bob:adjudicator")
    assert refused.code == 2
    assert "bob: may not resolve at titles and abstracts; the protocol names Carla" in refused.err
    assert stored(review) == set()
    assert cli(*command, "--column", "bob=carla:adjudicator").code == 0
    assert ("t0", "Carla", "adjudicator", "exclude") in stored(review)


def test_a_row_without_a_decision_is_not_judged_yet(review: Path, cli: Cli) -> None:
    (review / "half.csv").write_text("id,decision\nt0,include\nt1,\nt2,perhaps\n")
    done = decisions(cli, "half.csv", "--reviewer", "anna")
    assert (done["entered"], done["unjudged"], len(done["rejected"])) == (1, 1, 1)


@pytest.mark.parametrize("options", [("--reviewer", "ada"), ("--column", "included=ada")])
def test_a_dataset_of_asreview_needs_no_ids_and_minus_one_is_no_decision(
    options: tuple[str, str], cli: Cli, tmp_path: Path
) -> None:
    review, dataset = tmp_path / "review", tmp_path / "dataset.csv"
    small_review(review, 1)
    rows = [
        "Hearts of mice in the dark,Words,1",
        "Lungs of rats in the light,Words,0",
        "Livers of cats at noon,Words,-1",
    ]
    dataset.write_text("\n".join(["title,abstract,included", *rows]) + "\n", encoding="utf-8")
    assert cli("import", dataset, "--review", review).code == 0
    done = cli("label", dataset, "--stage", "abstract", *options, "--review", review, "--json")
    assert (done.code, done.json["entered"], done.json["unjudged"], done.json["rejected"]) == (0, 2, 1, [])
