"""Models and data sets are no papers: people judge their topic, and what those on topic name is screened."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.services.huggingface import hub_dataset, hub_model
from servers.services.zenodo import zenodo_record
from support import Cli, Later

recomputed, standing = Later("recomputed"), Later("recomputed.standing")

ON = "# synthetic encoder\nPre-trained on 12-lead electrocardiograms, for arrhythmia."
OFF = "# synthetic chat bot\nECG stands for Emotional Conversation Generator, a chat bot for games."
IN_DATABASE = "10.5555/synthetic.known"


@pytest.fixture
def hub(blank: Path, cli: Cli) -> Path:
    """A review with three papers of a database, four models of the Hub, one of its data sets, and a record of Zenodo."""
    protocol = blank / "prompts" / "review.yaml"
    text = protocol.read_text()
    for empty, full in (
        ("supports: []", "supports: [ECG*, electrocardiogra*, 12-lead]"), ("suggests: []", "suggests: [arrhythmi*]"),
    ):  # fmt: skip
        assert empty in text
        text = text.replace(empty, full, 1)
    protocol.write_text(text)
    (blank / "papers.csv").write_text(
        "id,title,abstract,doi\n"
        f"p1,synthetic known paper,An abstract.,{IN_DATABASE}\np2,synthetic second,An abstract.,\np3,synthetic third,An abstract.,\n"
    )
    models = [
        hub_model(1, tags=["ecg", "arxiv:2499.00001"], readme=f"{ON}\nSee also https://arxiv.org/abs/2498.00002v3."),
        hub_model(2, readme=f"{ON}\nCite https://doi.org/{IN_DATABASE}; data: https://doi.org/10.13026/synthetic."),
        hub_model(3, readme=ON),
        hub_model(4, readme=OFF),
        hub_dataset(5, readme=ON),
    ]
    (blank / "hub.json").write_text(json.dumps(models))
    (blank / "zenodo.json").write_text(json.dumps({"hits": {"hits": [zenodo_record(701)], "total": 1}}))
    assert cli("import", "papers.csv", "--source", "Base").code == 0
    assert cli("import", "hub.json", "zenodo.json").code == 0
    return blank


def ids_of(cli: Cli, *options: str) -> dict[str, Any]:
    rows = json.loads(cli("models", "list", "--json", *options).out)["models"]
    return {row["title"].removeprefix("synthetic/"): row for row in rows}


def screened(cli: Cli) -> int:
    counts = json.loads(cli("status", "--json").out)["stages"]["abstract"]
    return int(sum(counts[name] for name in ("final", "suggested", "pending", "conflict", "error")))


def test_models_and_data_sets_are_not_screened_and_the_program_suggests_their_topic(hub: Path, cli: Cli) -> None:
    rows = ids_of(cli)
    assert screened(cli) == 3
    assert {name: (row["kind"], row["suggestion"]["topic"]) for name, row in rows.items()} == {
        "ecg-1": ("model", "on"), "ecg-2": ("model", "on"), "ecg-3": ("model", "on"), "ecg-4": ("model", "off"),
        "ecg-5": ("dataset", "on"), "synthetic record 701": ("dataset", "off"),
    }  # fmt: skip
    assert rows["ecg-2"]["names"] == [f"doi:{IN_DATABASE}"], "the DOI of a repository of data is no publication"
    assert not any(row["publications"] for row in rows.values()), "nobody has judged a topic yet"


def test_what_models_on_topic_name_is_screened_and_a_known_paper_stays_one_record(hub: Path, cli: Cli) -> None:
    assert (
        "5 models and data sets are on topic" not in cli("models", "topic", "off", "--suggested", "--who", "anna").out
    )
    judged = json.loads(cli("models", "topic", "on", "--suggested", "--who", "anna", "--json").out)
    assert judged["judged"] == 4
    rows = ids_of(cli)
    assert [item["title"] for item in rows["ecg-1"]["publications"]] == [
        "[no title] arxiv:2499.00001",
        "[no title] arxiv:2498.00002",
    ]
    assert [(item["id"], item["via_model"]) for item in rows["ecg-2"]["publications"]] == [("p1", False)]
    assert {name: row["class"] for name, row in rows.items()} == {
        "ecg-1": "with_publication", "ecg-2": "with_publication", "ecg-3": "documented", "ecg-4": "off_topic",
        "ecg-5": "documented", "synthetic record 701": "off_topic",
    }  # fmt: skip
    assert screened(cli) == 5
    exported = cli("export", "--format", "csv").out
    assert "via model" in exported
    assert "synthetic/ecg-1" not in exported


def test_a_topic_is_undone_in_one_go_with_what_followed_from_it(hub: Path, cli: Cli) -> None:
    cli("models", "topic", "on", "--suggested", "--who", "anna")
    assert cli("models", "undo", "--who", "ben").code == 2
    assert "4 models" in cli("models", "undo", "--who", "anna").out
    assert screened(cli) == 3
    assert {row["class"] for row in ids_of(cli).values()} == {"open"}
    cli("models", "topic", "on", "--suggested", "--who", "anna")
    assert screened(cli) == 5, "what was entered is there again, once"


def test_a_person_links_a_publication_and_takes_one_away_that_is_named_in_passing(hub: Path, cli: Cli) -> None:
    cli("models", "topic", "on", "--suggested", "--who", "anna")
    rows = ids_of(cli)
    first, third = rows["ecg-1"]["id"], rows["ecg-3"]["id"]
    assert cli("models", "unlink", first, "arXiv:2498.00002", "--who", "anna").code == 0
    assert screened(cli) == 4
    cli("models", "topic", "on", third, "--who", "ben")
    assert len(ids_of(cli)["ecg-1"]["publications"]) == 1, "the program does not link it again"
    assert "p2" in cli("models", "link", third, "p2", "--who", "anna").out
    assert cli("models", "link", third, "https://doi.org/10.5555/SYNTHETIC.new", "--who", "anna").code == 0
    assert ids_of(cli)["ecg-3"]["publications"][0]["id"] == "p2"
    assert screened(cli) == 5
    assert "Unlinked" not in cli("dedup", "undo", "--who", "anna").out
    assert screened(cli) == 4
    refused = cli("models", "link", third, "the paper", "--who", "anna")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert cli("models", "topic", "on", "p1").code == 2


def test_the_command_that_takes_an_unlinking_back_is_told_with_the_name_of_who_did_it(hub: Path, cli: Cli) -> None:
    cli("models", "topic", "on", "--suggested", "--who", "anna")
    first = ids_of(cli)["ecg-1"]["id"]
    told = cli("models", "unlink", first, "arXiv:2498.00002", "--who", "Anna Example").out
    command = shlex.split(told.split("`screener ")[1].split("`")[0])
    assert cli(*command).code == 0
    assert len(ids_of(cli)["ecg-1"]["publications"]) == 2


def test_a_publication_that_a_database_brings_later_is_counted_there_only(hub: Path, cli: Cli) -> None:
    cli("models", "topic", "on", "--suggested", "--who", "anna")
    (hub / "late.csv").write_text(
        "id,title,abstract,doi\nl1,synthetic late paper,An abstract.,10.48550/arXiv.2499.00001\n"
    )
    cli("import", "late.csv", "--source", "Late")
    assert screened(cli) == 5
    boxes = _boxes(cli, hub)
    assert boxes["publications"]["parts"] == [
        {"label": "Among the records of other sources, counted there only", "count": 2},
        {"label": "Via model alone", "count": 1},
    ]
    assert boxes["identified"]["count"] == 4


@pytest.mark.parametrize("judged", [False, True], ids=["open", "judged"])
def test_the_flow_has_a_column_of_models_that_other_code_counts_alike(
    hub: Path, cli: Cli, judged: bool, compare: Callable[[Path], None]
) -> None:
    if judged:
        cli("models", "topic", "on", "--suggested", "--who", "anna")
        cli("models", "topic", "off", "--suggested", "--who", "anna")
        cli("models", "topic", "publication", ids_of(cli)["ecg-3"]["id"], "--who", "anna")
    assert cli("report", "--audit", "-o", "audit.zip").code == 0
    compare(hub / "audit.zip")
    boxes = {box["id"]: box for box in recomputed.Audit(hub / "audit.zip").figures["flow"]["boxes"]}
    assert boxes["models"]["count"] == (5 if judged else 6)
    assert boxes["screened"]["count"] == (4 if judged else 3)
    assert boxes["via_screened"]["count"] == (2 if judged else 0)


@pytest.fixture
def compare() -> Callable[[Path], None]:
    """Counts the flow of an audit anew, and compares every box."""

    def compared(path: Path) -> None:
        audit = recomputed.Audit(path)
        assert audit.figures["flow"]["adds_up"]
        made = standing.flow(audit, standing.way(audit))
        assert made.keys() == {box["id"] for box in audit.figures["flow"]["boxes"]}
        for box in audit.figures["flow"]["boxes"]:
            own = made[box["id"]]
            assert own["count"] == box["count"], box["id"]
            assert {part["label"]: part["count"] for part in box["parts"] if part["count"]} == {
                label: n for label, n in own["parts"].items() if n
            }, box["id"]
            for side in ("enters", "leaves"):
                assert [end["count"] for end in own[side]] == [end["count"] for end in box[side]], (box["id"], side)

    return compared


def _boxes(cli: Cli, folder: Path) -> dict[str, Any]:
    cli("report", "--audit", "-o", "audit.zip")
    figures = recomputed.Audit(folder / "audit.zip").figures
    assert figures["flow"]["adds_up"]
    return {box["id"]: box for box in figures["flow"]["boxes"]}
