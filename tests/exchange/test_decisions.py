"""Decisions from elsewhere: what other tools write is read, matched, and entered or listed."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from support import ROOT, Cli

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
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review with three records, and standing in it."""
    folder = empty(tmp_path / "review", monkeypatch)
    (folder / "records.csv").write_text(RECORDS)
    assert cli("import", "records.csv").code == 0
    return folder


def empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SCREENER_LEDGER", raising=False)
    return folder


def decisions(cli: Cli, file: str, *options: str) -> dict[str, dict[str, object]]:
    done = cli("label", file, "--stage", "abstract", "--json", *options)
    assert done.code == 0, done.err
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
    assert [row["row"] for row in done["rejected"]] == [10]
    assert "reviewer_3: SLR_on_TCP-00004 has another decision in row 4" in done["rejected"][0]["reason"]
    assert (done["agreement"]["records"], done["agreement"]["same"]) == (778, 605)
    assert f"{done['agreement']['share']:.1%}" == "77.8%"
    # The resolver's column is not in the order of the rows; nobody is to build on it without knowing.
    assert any("121 adjudications" in remark for remark in done["remarks"])
    assert cli("label", file, "--stage", "abstract", "--json").json["entered"] == 0
    # Taken apart, every row is a record, and no label is left out: 609 of 783.
    merged = [link["a"] for link in cli("dedup", "list", "--json").json["links"] if link["kind"] == "duplicate"]
    for name in merged:
        assert cli("dedup", "split", name).code == 0
    apart = decisions(cli, str(file))
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
