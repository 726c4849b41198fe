"""`screener simulate`: a labelled file replayed without a review folder."""

import json
from pathlib import Path
from typing import Any

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


def test_where_nothing_is_drawn_every_seed_has_the_same_order(cli: Cli, file: Path) -> None:
    runs = simulated(cli, file, "--prior-ids", "6,7", "--seeds", "1,2")["runs"]
    assert runs[0]["order"] == runs[1]["order"]
    assert [run["seed"] for run in runs] == [1, 2]


def test_the_order_of_the_file_changes_nothing_but_ties(cli: Cli, file: Path) -> None:
    """Sorted by label, as some public files are: random words have no better loss than chance."""
    lines = ["title,label_included", *(f"same words,{int(number < 12)}" for number in range(48))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert simulated(cli, file)["ranking_loss"] > 0.3


def test_a_plot_is_drawn(cli: Cli, file: Path, tmp_path: Path) -> None:
    simulated(cli, file, "--seeds", "1", "--plot", tmp_path / "recall.svg")
    assert (tmp_path / "recall.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_page_for_people_says_what_it_learned_from(cli: Cli, file: Path) -> None:
    done = cli("simulate", file, "--no-vectors", "--seeds", "1")
    assert done.code == 0, done.err
    assert "48 records, 8 relevant by `label_included`; learned from labels" in " ".join(done.out.split())
    assert "labels alone" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--seeds", "a"), "--seeds"),
        (("--priors", "two"), "--priors is one or none"),
        (("--prior-ids", "99"), "no labelled record is `99`"),
        (("--plot", "x.pdf"), "neither .svg nor .png"),
        (("--label", "final"), "no column `final`"),
    ],
)
def test_what_cannot_be_used_is_named(cli: Cli, file: Path, arguments: tuple[str, ...], says: str) -> None:
    done = cli("simulate", file, "--no-vectors", *arguments)
    assert done.code == 2
    assert says in done.err


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
