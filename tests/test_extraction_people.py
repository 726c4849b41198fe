"""What people extracted outlives what changes around it: the form, the documents, and which reports are one study."""

from pathlib import Path

import pytest
from conftest import Cli
from extraction_support import command, copied

from screener.adjudication import queue
from screener.evidence import Quote, Sources
from screener.extraction import conclude
from screener.judgement import ItemAnswer, ItemStatus, Stage
from screener.ledger import reads
from screener.ledger.documents import as_studies, reports
from screener.ledger.store import Ledger
from screener.protocol import find_review
from screener.reports import Report

FORM = '''
from pydantic import Field
from screener.forms import Group, Item

class Event(Group):
    name: Item[str] = Field(description="The adverse event.")

class Trial(Group):
    condition: Item[str] = Field(description="The condition.")
    participants: Item[int] = Field(description="How many were randomised?")
    events: list[Event] = Field(description="Every adverse event.")

class Form(Group):
    """Trials."""
    trial: Trial = Field(description="The trial.")
'''
RECORDS = """id,title,abstract,year,doi
t1,Montelukast in children with wheeze,A trial in children.,2020,10.1/a
t2,Montelukast in adults with wheeze,A trial in adults.,2021,10.1/b
"""
TEXT = "Methods\n\nWe randomised {n} {who} with asthma and wheeze.\n\nResults\n\nHeadache was common in {who}.\n"
EVALUATE = ("evaluate", "--stage", "extraction", "--reviewer", "Ann", "--reference", "Bob")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports with their texts, which two people have included at full text."""
    folder = tmp_path_factory.mktemp("people") / "review"
    command("init", folder)
    (folder / "prompts" / "form.py").write_text(FORM)
    for name, text in {
        "records.csv": RECORDS,
        "t1.txt": TEXT.format(n=214, who="children"),
        "t2.txt": TEXT.format(n=100, who="adults"),
        "labels.csv": "id,decision\nt1,include\nt2,include\n",
    }.items():
        (folder / name).write_text(text)
    at = ("--review", folder)
    command("import", folder / "records.csv", *at)
    for person in ("Ann", "Bob"):
        for stage in ("abstract", "fulltext"):
            command("label", folder / "labels.csv", "--stage", stage, "--reviewer", person, *at)
    for name in ("t1", "t2"):
        command("attach", name, folder / f"{name}.txt", *at)
    return folder


@pytest.fixture
def review(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = copied(prepared, tmp_path / "review")
    monkeypatch.delenv("SCREENER_LEDGER", raising=False)
    monkeypatch.chdir(folder)
    return folder


def report_of(folder: Path, name: str) -> Report:
    """The report or, where it is linked to others, the study that it belongs to."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        records = reads.records(connection)
    made = as_studies(ledger, reports(ledger, records))
    return next(one for one in made if name in (one.id, *one.study))


def extract(folder: Path, name: str, *people: str, n: int, who: str, event: str = "Headache") -> None:
    """People enter what a report says, each the same and with the words it stands on."""
    sources = Sources.of(report_of(folder, name))

    def found(value: object, quote: str) -> ItemAnswer:
        return ItemAnswer(status=ItemStatus.REPORTED, value=value, evidence=(sources.find(Quote(quote)),))

    trial = f"We randomised {n} {who} with asthma and wheeze."
    items = {
        "trial.condition": found("asthma", trial),
        "trial.participants": found(n, trial),
        "trial.events[0].name": found(event, f"{event} was common in {who}."),
    }
    for person in people:
        queue.enter(
            Ledger.of(folder / ".screener"),
            find_review(folder, explicit=True),
            Stage.EXTRACTION,
            name,
            person,
            conclude(items),
        )


def exported(cli: Cli) -> list[dict[str, object]]:
    return cli("export", "--stage", "extraction", "--json").json  # type: ignore[no-any-return]


# -- the form changes -------------------------------------------------------------------------------------------------


def test_items_that_the_form_no_longer_has_are_not_compared_and_are_named(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    assert cli(*EVALUATE, "--json").json["no_longer_asked"] == []
    form = review / "prompts" / "form.py"
    form.write_text(FORM.replace("participants:", "randomised:").replace("events:", "harms:"))
    done = cli(*EVALUATE)
    assert done.code == 0, done.err
    assert "so not compared: trial.participants, trial.events.name." in " ".join(done.out.split())
    told = cli(*EVALUATE, "--json").json
    assert (list(told["by_item"]), told["no_longer_asked"]) == (
        ["trial.condition"],
        ["trial.participants", "trial.events.name"],
    )
    assert cli("report", "--output", "r.html").code == 0
    assert "not in the form any more" in Path("r.html").read_text(encoding="utf-8")


def test_of_items_that_gold_asks_for_only_those_of_the_form_count(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", n=214, who="children")
    form, gold = review / "prompts" / "form.py", review / "gold"
    form.write_text(FORM.replace("participants:", "randomised:"))
    gold.mkdir(exist_ok=True)
    (gold / "gold.yaml").write_text(
        "name: small\nstatus: human\nlevel: final\nsplit: {salt: small}\nabstracts: own\nattribution: none\nlicence: MIT\n"
    )
    line = '{"id": "t1", "path": "trial.condition", "status": "reported", "value": "asthma"}'
    (gold / "extraction.jsonl").write_text(line + "\n")
    done = cli("evaluate", "--stage", "extraction", "--reviewer", "Ann", "--split", "all", "--json")
    assert done.code == 0, done.err
    assert (done.json["totals"]["correct"], done.json["no_longer_asked"]) == (1, ["trial.participants"])
