"""`screener simulate`: a labelled file replayed without a review folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Cli

CRITERIA = """
question: Is it about valves?
criteria:
- {id: topic, question: Are valves the topic?, met_when: It deals with valves.}
- {id: language, kind: rule, language: [en]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = ["record_id,title,abstract,label_included"]
    for number in range(48):
        word = "valves" if number % 6 == 0 else ("bridges", "tax")[number % 2]
        lines.append(f"r{number},On {word} {number},We study {word}.,{int(number % 6 == 0)}")
    path = tmp_path / "set.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "criteria.yaml").write_text(CRITERIA, encoding="utf-8")
    return path


def simulated(cli: Cli, *arguments: object) -> dict[str, Any]:
    done = cli("simulate", *arguments, "--no-vectors", "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_document_has_figures_order_and_stopping_of_every_replay(cli: Cli, file: Path) -> None:
    document = simulated(cli, file, "--seeds", "1,2", "--batch", "4")
    assert {"ranking_loss", "wss95", "wss100", "atd", "curve", "runs", "order", "stopping"} <= document.keys()
    assert [run["seed"] for run in document["runs"]] == [1, 2]
    assert document["runs"][0]["priors"] != document["runs"][1]["priors"]
    for run in document["runs"]:
        assert sorted(run["priors"] + run["order"]) == list(range(48))
        assert run["stopping"].keys() == {"buscar", "safe"}
        assert run["ranking_loss"] < 0.1
    assert document["learned_from"] == ["labels"]
    assert "no criteria: the ranking learns from labels alone" in document["remarks"]


def test_criteria_find_relevant_records_without_any_label(cli: Cli, file: Path) -> None:
    document = simulated(cli, file, "--criteria", file.with_name("criteria.yaml"), "--priors", "none", "--seeds", "1")
    assert document["criteria"] is True
    assert document["ranking_loss"] < 0.05
    assert document["runs"][0]["random"] == 0


def test_priors_are_named_by_place_or_by_id(cli: Cli, file: Path) -> None:
    by_place = simulated(cli, file, "--prior-ids", "6,7", "--seeds", "1")
    by_id = simulated(cli, file, "--prior-ids", "r6", "--prior-ids", "r7", "--seeds", "1")
    assert by_place["runs"][0]["priors"] == by_id["runs"][0]["priors"] == [6, 7]
    assert by_place["order"] == by_id["order"]
    assert by_place["order_ids"] == [f"r{row}" for row in by_place["order"]]


def test_a_place_that_is_also_the_id_of_another_record_is_taken_and_told(cli: Cli, file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("\nr", "\n9"), encoding="utf-8")  # ids 90 … 947
    document = simulated(cli, file, "--prior-ids", "id:96,97", "--seeds", "1")
    assert document["runs"][0]["priors"] == [6, 7]
    file.write_text(file.read_text(encoding="utf-8").replace("\n96,", "\n7,"), encoding="utf-8")
    document = simulated(cli, file, "--prior-ids", "7", "--seeds", "1")
    assert document["runs"][0]["priors"] == [7]
    assert any("for the id write `id:7`" in remark for remark in document["remarks"])


def test_an_id_of_two_records_names_neither(cli: Cli, file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("\nr7,", "\nr6,"), encoding="utf-8")
    done = cli("simulate", file, "--no-vectors", "--prior-ids", "r6")
    assert (done.code, "2 records have the id `r6`" in done.err) == (2, True)


def test_where_priors_leave_nothing_to_find_it_is_said(cli: Cli, file: Path) -> None:
    document = simulated(cli, file, "--prior-ids", ",".join(map(str, range(0, 48, 6))), "--seeds", "1")
    assert document["ranking_loss"] is None
    assert any("nothing is left to find" in remark for remark in document["remarks"])


def test_a_seed_that_is_named_twice_is_replayed_once(cli: Cli, file: Path) -> None:
    assert [run["seed"] for run in simulated(cli, file, "--seeds", "2,1,2")["runs"]] == [2, 1]


def test_where_nothing_is_drawn_every_seed_has_the_same_order(cli: Cli, file: Path) -> None:
    runs = simulated(cli, file, "--prior-ids", "6,7", "--seeds", "1,2")["runs"]
    assert runs[0]["order"] == runs[1]["order"]
    assert [run["seed"] for run in runs] == [1, 2]


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("more", [("--priors", "one"), ("--priors", "none"), ("--criteria", "criteria.yaml")])
def test_the_order_of_the_file_decides_nothing(cli: Cli, file: Path, ids: bool, more: tuple[str, str]) -> None:
    """Shuffled, the same records are drawn and offered in the same order."""
    arguments = [file.with_name(word) if word.endswith("yaml") else word for word in more]
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    lines += ["r90,The same words,,0", "r91,More of the same,,0", "r92,The same words again,,1"]
    if not ids:
        head, lines = (head.partition(",")[2], [line.partition(",")[2] for line in lines])
    offered = []
    for seed in (None, 1, 2):
        shuffled = (
            lines if seed is None else [lines[row] for row in np.random.default_rng(seed).permutation(len(lines))]
        )
        file.write_text("\n".join([head, *shuffled]) + "\n", encoding="utf-8")
        runs = simulated(cli, file, "--batch", "3", "--seeds", "1,2", *arguments)["runs"]
        offered.append([[shuffled[row] for row in (*run["priors"], *run["order"])] for run in runs])
    assert offered[0] == offered[1] == offered[2]


def test_of_records_that_are_the_same_the_label_decides_nothing(cli: Cli, file: Path) -> None:
    """Sorted by label, as some public files are, either way: no better and no worse than chance."""
    for first in (True, False):
        kept = [int((number < 60) == first) for number in range(120)]
        file.write_text(
            "\n".join(["title,label_included", *(f"same words,{label}" for label in kept)]), encoding="utf-8"
        )
        losses = [run["ranking_loss"] for run in simulated(cli, file, "--seeds", "1")["runs"]]
        assert losses == pytest.approx([0.5], abs=0.12)


def test_a_plot_is_drawn(cli: Cli, file: Path, tmp_path: Path) -> None:
    simulated(cli, file, "--seeds", "1", "--plot", tmp_path / "recall.svg")
    assert (tmp_path / "recall.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_page_for_people_says_what_it_learned_from(cli: Cli, file: Path) -> None:
    done = cli("simulate", file, "--no-vectors", "--seeds", "1")
    assert done.code == 0, done.err
    page = " ".join(done.out.split())
    assert "48 records, 8 relevant by `label_included`; 2 records known beforehand; learned from labels" in page
    assert "safe, its steps S and A" in page
    assert "of 46 labels" in page
    assert "labels alone" in done.err


def test_of_many_replays_the_page_shows_the_least_and_the_most(cli: Cli, file: Path) -> None:
    done = cli("simulate", file, "--no-vectors", "--seeds", "1,2,3,4,5,6,7", "--priors", "none")
    lines = {line.strip().split("  ")[0]: line.split()[-3:] for line in done.out.splitlines() if line.strip()}
    assert lines["figure"] == ["mean", "least", "most"]
    mean, least, most = map(float, lines["ranking loss"])
    assert least < mean < most
    assert int(lines["at random, until both kinds were known"][1]) >= 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--seeds", "a"), "--seeds"),
        (("--priors", "two"), "--priors is one or none"),
        (("--prior-ids", "99"), "no labelled record is `99`"),
        (("--plot", "x.pdf"), "neither .svg nor .png"),
        (("--plot", "nowhere/x.svg"), "no such folder"),
        (("--prior-ids", ""), "--prior-ids names no record"),
        (("--votes", "label_included"), "the labels themselves"),
        (("--label", "final"), "no column `final`"),
    ],
)
def test_what_cannot_be_used_is_named(cli: Cli, file: Path, arguments: tuple[str, ...], says: str) -> None:
    done = cli("simulate", file, "--no-vectors", *arguments)
    assert done.code == 2
    assert says in done.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("question: Q\ncriterias: [a]", "bad.yaml:2: criterias: unknown key"),
        ("question: Q\ncriteria:\n- {question: A?, met: B}", "bad.yaml:3: criteria.0.met: unknown key"),
        ("question: Q\ncriteria: {a: A?, b: ''}", "bad.yaml:2: criteria.b: has no `question:`"),
        ("question: Q\ncriteria: text", "bad.yaml:2: criteria: write a list"),
        ("question: Q\nquestion: R", "appears twice"),
        ("question: Q\ncriteria:\n- {question: A?, met_when: [x]}", "criteria.0.met_when: write it as a text"),
        ("stages: {abstract: {question: Q}}", "a whole protocol; copy"),
    ],
)
def test_criteria_with_a_mistake_are_refused_by_line(
    cli: Cli, file: Path, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    done = cli("simulate", file, "--no-vectors", "--criteria", path)
    assert (done.code, says in done.err) == (2, True), done.err


def test_a_folder_is_no_file_of_criteria(cli: Cli, file: Path, tmp_path: Path) -> None:
    done = cli("simulate", file, "--no-vectors", "--criteria", tmp_path)
    assert (done.code, "cannot be read" in done.err) == (2, True), done.err


@pytest.mark.parametrize("text", ["criteria: [a]", "question: ''", "[1]", "question: Q\ncriteria: [{id: a}]"])
def test_criteria_without_a_question_are_refused(cli: Cli, file: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    done = cli("simulate", file, "--no-vectors", "--criteria", path)
    assert done.code == 2
    assert "question" in done.err


@pytest.mark.slow
def test_sentence_vectors_are_kept_for_the_next_simulation(
    cli: Cli, file: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("SCREENER_CACHE", str(tmp_path / "kept"))
    first, second = (json.loads(cli("simulate", file, "--seeds", "1", "--json").out) for _ in range(2))
    assert first["learned_from"] == ["labels", "sentence vectors"]
    assert (tmp_path / "kept" / "vectors.db").is_file()
    assert first["order"] == second["order"]
