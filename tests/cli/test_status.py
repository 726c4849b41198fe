"""`status` compares sources, shows each person's progress, and leads from step to step by commands that work."""

import re
from pathlib import Path

import pytest
from support import Cli
from support.web_app import PROTOCOL

from screener.examples import new_review
from screener.ledger.batches import Batch, add_batch
from screener.ledger.store import Ledger, now

SOURCES = """
sources:
  - {name: PubMed, reported: 12}
  - {name: Zenodo, kind: repository, reported: 9}
  - {name: Scopus, reported: 0}
  - {name: Embase}
"""


@pytest.fixture
def small(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A review of one stage and 12 records to import, and standing in it."""
    folder = tmp_path / "small"
    new_review(folder)
    (folder / "prompts" / "review.yaml").write_text(f"sources: sources.yaml\n{PROTOCOL}")
    (folder / "prompts" / "sources.yaml").write_text(SOURCES)
    rows = [f"r{n},Paper {n} on the ECG,We train a model {n} on ECG recordings of the heart,2020" for n in range(12)]
    (folder / "records.csv").write_text("\n".join(["id,title,abstract,year", *rows]))
    monkeypatch.chdir(folder)
    return folder


def step(cli: Cli) -> list[str]:
    """The first command that `status` names as the next."""
    line = cli("status").out.replace("\n", " ").split("Next: ")[1]
    found = re.search(r"`screener ([^`]*)`", line)
    assert found, line
    return found[1].split()


@pytest.mark.slow
def test_each_step_that_status_names_works_and_leads_to_the_next(small: Path, cli: Cli) -> None:
    taken = []

    def take(*more: str) -> None:
        command = step(cli)
        taken.append(" ".join(command))
        done = cli(*(word for word in command if not word.isupper()), *more)
        assert done.code == 0, done.err

    [nothing] = [line for line in cli("status").out.splitlines() if "No records yet" in line]
    assert nothing == "No records yet: `screener import FILE…`."
    assert cli("import", "records.csv", "--source", "PubMed").code == 0
    take("--json")
    take("--json", "--seed", "x")
    people = ("ada", "ben")
    assert step(cli) == ["adjudicate", "--reviewer", "NAME"]
    Path("labels.csv").write_text(
        "id,decision\n" + "".join(f"r{n},{'include' if n < 6 else 'exclude'}\n" for n in range(12))
    )
    assert cli("label", "labels.csv", "--stage", "abstract", "--reviewer", people[0]).code == 0
    page = cli("status").out
    assert re.search(r"ada +12 +12 +12 of 12", page), page
    assert "0 of 12 records are labelled by 2 people" in page
    Path("some.csv").write_text("id,decision\nr0,include\nr6,include\n")
    assert cli("label", "some.csv", "--stage", "abstract", "--reviewer", people[1]).code == 0
    status = cli("status", "--json").json["stages"]["abstract"]
    assert status["people"] == {"ada": 12, "ben": 2}
    assert status["gold"]["sample"] == {
        "n": 12,
        "needed": 2,
        "lacking": 10,
        "conflicts": 1,
        "people": {"ada": 12, "ben": 2},
    }
    assert step(cli)[0] == "adjudicate"
    assert cli("label", "labels.csv", "--stage", "abstract", "--reviewer", people[1]).code == 0
    take("--json")
    take("--json")
    assert taken == [
        "run --stage abstract",
        "gold sample --stage abstract --n 12",
        "gold lock --stage abstract",
        "evaluate --stage abstract",
    ]


def test_a_stage_without_a_machine_leads_to_people(small: Path, cli: Cli) -> None:
    protocol = small / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace(", machine: embedded", ""))
    told = cli("import", "records.csv").out
    assert "Next: `screener adjudicate --reviewer NAME`" in told
    assert step(cli)[0] == "adjudicate"


def test_a_machine_whose_key_is_missing_leads_to_what_works_without_it(
    small: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    protocol = small / "prompts" / "review.yaml"
    chat = "{kind: chat, model: 'openai:gpt-5-mini', price: {input: 1.0, output: 2.0}}"
    protocol.write_text(protocol.read_text().replace("{kind: embedded}", chat))
    cli("import", "records.csv")
    assert step(cli) == ["run", "--stage", "abstract", "--dry-run"]
    assert cli(*step(cli)).code == 0
    assert "`screener run --stage abstract` needs the key in OPENAI_API_KEY" in cli("status").out.replace("\n", " ")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    assert step(cli) == ["run", "--stage", "abstract"]


def test_sources_that_reported_records_and_have_no_file_are_named(small: Path, cli: Cli) -> None:
    cli("import", "records.csv", "--source", "PubMed")
    page = cli("status").out
    assert re.search(r"Zenodo +all +9 +no file", page), page
    assert "Zenodo reported 9 records, and no file of it was imported: `screener import FILE --source Zenodo`." in page
    assert "Scopus reported" not in page
    assert "Embase reported" not in page
    assert cli("status", "--json").json["sources"]["Zenodo"] == {"reported": 9, "received": 0}


def test_batches_under_way_are_listed_until_they_are_collected(small: Path, cli: Cli) -> None:
    cli("import", "records.csv", "--source", "PubMed")
    ledger = Ledger.of(small / ".screener")
    for name, state in (("b1", "submitted"), ("b2", "collected"), ("b3", "submitting")):
        with ledger.write() as connection:
            add_batch(
                connection,
                Batch(name, state, f"remote-{name}", "abstract", "gpt", "x.jsonl", 5, "", now()),
                ["x" + name],
            )
    ledger.close()
    page = cli("status").out
    assert "Batch remote-b1: 5 requests of gpt (abstract) are with the provider" in page
    assert "remote-b2" not in page
    assert [batch["id"] for batch in cli("status", "--json").json["batches"]] == ["remote-b1", "remote-b3"]


@pytest.mark.slow
def test_what_a_run_suggests_works(small: Path, cli: Cli, ecg: Path) -> None:
    told = cli("run", "--stage", "abstract", "--limit", "20").out
    follow = re.search(r"Next: `screener (evaluate[^`]*)`", told)
    assert follow, told
    assert cli(*follow[1].split()).code == 0


@pytest.mark.slow
def test_wrong_decisions_are_listed_as_many_and_as_such_as_asked_for(judged_ecg: Path, cli: Cli) -> None:
    whole = cli("evaluate", "--stage", "abstract", "--json").json
    kept = cli("evaluate", "--stage", "abstract", "--only", "kept", "--json").json
    lost = cli("evaluate", "--stage", "abstract", "--only", "missed", "--json").json
    assert (len(kept["wrong"]), len(lost["wrong"])) == (whole["fp"], whole["fn"])
    assert {**kept, "wrong": []} == {**whole, "wrong": []}
    assert lost["wrong"] + kept["wrong"] == whole["wrong"]
    short = cli("evaluate", "--stage", "abstract", "--limit", "1").out
    assert f"{whole['fp'] + whole['fn']} wrong decisions:" in short
    assert f"… and {whole['fp'] + whole['fn'] - 1:,} more." in short
    for more in (
        ("--only", "all"),
        ("--limit", "3", "--compare", "embedded", "gold"),
        ("--only", "kept", "--thresholds", "0.9"),
    ):
        assert cli("evaluate", "--stage", "abstract", *more).code == 2
