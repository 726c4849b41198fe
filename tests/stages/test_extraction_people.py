"""What people extracted outlives what changes around it: the form, the documents, and which reports are one study."""

from pathlib import Path

import pytest
from support import Cli, fill_in
from support.extraction import command, copied

from screener.adjudication import queue
from screener.core.judgement import Decision, ItemAnswer, ItemStatus, Judgement, Stage
from screener.documents.evidence import EvidenceTexts, Quote
from screener.documents.report import Report
from screener.forms import conclude
from screener.ledger import reads
from screener.ledger.documents import as_studies, reports
from screener.ledger.store import Ledger
from screener.protocol.model import find_review

pytestmark = pytest.mark.slow

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
t2,Montelukast in adults with wheeze,,2021,10.1/b
"""
TEXT = "Methods\n\nWe randomised {n} {who} with asthma and wheeze.\n\nResults\n\nHeadache was common in {who}.\n"
EVALUATE = ("evaluate", "--stage", "extraction", "--reviewer", "Ann", "--reference", "Bob")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports with their texts, which two people have included at full text."""
    folder = tmp_path_factory.mktemp("people") / "review"
    command("init", folder)
    fill_in(folder)
    (folder / "prompts" / "form.py").write_text(FORM)
    (folder / "prompts" / "form.yaml").unlink()
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("form: form.yaml", "form: form.py"))
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
    monkeypatch.chdir(folder)
    return folder


def report_of(folder: Path, name: str) -> Report:
    """The report or, where it is linked to others, the study that it belongs to."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        records = reads.records(connection)
    made = as_studies(ledger, reports(ledger, records))
    return next(one for one in made if name in (one.id, *one.study))


def extract(
    folder: Path, name: str, *people: str, n: int, who: str, event: str = "Headache", adjudicated: bool = False
) -> None:
    """People enter what a report says, or adjudicate it, each the same and with the words it stands on."""
    sources = EvidenceTexts.of(report_of(folder, name))

    def found(value: object, quote: str) -> ItemAnswer:
        return ItemAnswer(status=ItemStatus.REPORTED, value=value, evidence=(sources.find(Quote(quote)),))

    trial = f"We randomised {n} {who} with asthma and wheeze."
    items = {
        "trial.condition": found("asthma", trial),
        "trial.participants": found(n, trial),
        "trial.events[0].name": found(event, f"{event} was common in {who}."),
    }
    ledger, here = Ledger.of(folder / ".screener"), find_review(folder, explicit=True)
    enter = queue.adjudicate if adjudicated else queue.enter
    for person in people:
        enter(ledger, here, Stage.EXTRACTION, name, person, conclude(items))


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
    assert "not compared: trial.participants, trial.events.name." in " ".join(done.out.split())
    told = cli(*EVALUATE, "--json").json
    assert (list(told["by_item"]), told["no_longer_asked"]) == (
        ["trial.condition"],
        ["trial.participants", "trial.events.name"],
    )
    assert cli("report", "--output", "r.html").code == 0
    assert "No longer in the form" in Path("r.html").read_text(encoding="utf-8")


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


# -- the documents change ---------------------------------------------------------------------------------------------


def told(cli: Cli, stage: str = "extraction") -> dict[str, list[str]]:
    """What `status` says of judgements on other documents; `check` says the same."""
    found = cli("status", "--json").json["stages"][stage]["on_other_text"]
    assert cli("check", "--json").json["on_other_text"].get(stage, {}) == found
    return found  # type: ignore[no-any-return]


def matches(cli: Cli, name: str = "t1") -> dict[str, tuple[object, ...]]:
    """Standing, documents, pages and matches of each item in the export."""
    rows = [row for row in exported(cli) if row["id"] == name]
    return {str(row["item"]): (row["standing"], row["document"], row["page"], row["match"]) for row in rows}


def test_what_people_extracted_stays_when_the_paper_is_replaced_and_its_quotes_are_looked_up_anew(
    review: Path, cli: Cli
) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    before = matches(cli)
    assert list(before.values()) == [("final", ["main"], [1], ["exact"])] * 3
    assert told(cli) == {}
    Path("new.txt").write_text(f"Erratum\n\nCorrected.\n\n{TEXT.format(n=180, who='children')}")
    cli("attach", "t1", "new.txt")
    assert told(cli) == {"t1": ["Ann", "Bob"]}
    after = matches(cli)
    assert after["trial.events[0].name"] == before["trial.events[0].name"]  # it stands there too, further down
    assert after["trial.participants"] == ("final", ["main"], [1], ["other text"])
    shown = " ".join(cli("status").out.split())
    assert "Extraction: 1 report was judged on documents that have changed since: t1" in shown
    assert "judged on documents that have changed since" in cli("check").out


def test_who_looks_again_has_judged_the_present_text(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    Path("new.txt").write_text(TEXT.format(n=180, who="children"))
    cli("attach", "t1", "new.txt")
    extract(review, "t1", "Ann", n=180, who="children")
    assert told(cli) == {"t1": ["Bob"]}
    extract(review, "t1", "Bob", n=180, who="children")
    assert told(cli) == {}
    assert matches(cli)["trial.participants"] == ("final", ["main"], [1], ["exact"])


def test_the_first_paper_put_back_is_the_text_that_was_judged(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    cli("attach", "t1", "--remove", "main")
    assert told(cli) == {"t1": ["Ann", "Bob"]}
    assert matches(cli)["trial.participants"] == ("final", ["main"], [1], ["other text"])
    cli("attach", "t1", "t1.txt")
    assert told(cli) == {}


def test_an_abstract_that_comes_later_makes_no_other_text(review: Path, cli: Cli) -> None:
    extract(review, "t2", "Ann", "Bob", n=100, who="adults")
    before = report_of(review, "t2").text_hash
    Path("more.csv").write_text(
        RECORDS.splitlines()[0] + "\nx9,Montelukast in adults with wheeze,A trial.,2021,10.1/b\n"
    )
    assert cli("import", "more.csv").code == 0
    assert cli("dedup", "merge", "t2", "x9").code == 0
    assert report_of(review, "t2").text_hash != before
    assert told(cli) == {}


def test_full_text_judgements_are_told_where_they_were_given_beside_the_document(review: Path, cli: Cli) -> None:
    assert told(cli, "fulltext") == {}  # two people did in a file of labels, before there was any document
    judgement = Judgement(decision=Decision.INCLUDE, stated=True)
    ledger, here = Ledger.of(review / ".screener"), find_review(review, explicit=True)
    queue.enter(ledger, here, Stage.FULLTEXT, "t1", "Ann", judgement)
    assert told(cli, "fulltext") == {}
    Path("new.txt").write_text(TEXT.format(n=180, who="children"))
    cli("attach", "t1", "new.txt")
    assert told(cli, "fulltext") == {"t1": ["Ann"]}


def test_who_judged_without_any_document_is_not_said_to_have_read_another(review: Path, cli: Cli) -> None:
    Path("third.csv").write_text(
        RECORDS.splitlines()[0] + "\nt3,Azithromycin in adults with asthma,A trial.,2022,10.1/c\n"
    )
    cli("import", "third.csv")
    Path("third.labels.csv").write_text("id,decision\nt3,include\n")
    for person in ("Ann", "Bob"):
        cli("label", "third.labels.csv", "--stage", "abstract", "--reviewer", person)
    ledger, here = Ledger.of(review / ".screener"), find_review(review, explicit=True)
    judgement = Judgement(decision=Decision.INCLUDE, stated=True)
    queue.enter(ledger, here, Stage.FULLTEXT, "t3", "Ann", judgement)
    cli("attach", "t3", "t2.txt")
    assert told(cli, "fulltext") == {}


def test_a_check_makes_no_ledger(tmp_path: Path, cli: Cli) -> None:
    cli("init", tmp_path / "fresh")
    fill_in(tmp_path / "fresh")
    assert cli("check", "--review", tmp_path / "fresh").code == 0
    assert not (tmp_path / "fresh" / ".screener" / "ledger.db").exists()


# -- reports become one study -----------------------------------------------------------------------------------------


def link(cli: Cli) -> str:
    """Link the two reports: `t2`, the later one, speaks for the study."""
    done = cli("dedup", "merge", "t1", "t2", "--same-study")
    assert done.code == 0, done.err
    return done.out


def test_what_people_extracted_from_a_report_counts_for_its_study_and_the_link_says_so(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    said = link(cli)
    assert "People have extracted t1 (Ann, Bob) already" in said
    assert "Open t2 in `screener adjudicate`" in said
    assert {row["id"] for row in exported(cli)} == {"t2"}
    assert matches(cli, "t2")["trial.participants"] == ("final", ["t1 main"], [1], ["exact"])
    assert told(cli) == {"t2": ["Ann", "Bob"]}
    assert cli(*EVALUATE, "--json").json["n"] == 1


def test_a_link_of_reports_that_nobody_has_extracted_says_nothing_of_it(review: Path, cli: Cli) -> None:
    assert "extracted" not in link(cli)
    extract(review, "t2", "Ann", "Bob", n=100, who="adults")
    assert told(cli) == {}


def test_what_is_extracted_from_the_study_itself_comes_first(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    link(cli)
    extract(review, "t2", "Ann", n=100, who="adults")
    assert matches(cli, "t2")["trial.participants"][:2] == ("final", ["t1 main"])  # Bob has not looked at it yet
    extract(review, "t2", "Bob", n=100, who="adults")
    assert matches(cli, "t2")["trial.participants"][:2] == ("final", ["main"])
    assert told(cli) == {}


def test_extractions_of_both_reports_before_the_link_are_of_other_documents(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    extract(review, "t2", "Ann", "Bob", n=100, who="adults")
    assert "what was extracted from t2 itself comes first" in link(cli)
    assert matches(cli, "t2")["trial.participants"] == ("final", ["main"], [1], ["exact"])
    assert told(cli) == {"t2": ["Ann", "Bob"]}


def test_people_who_differ_on_a_report_differ_on_its_study_until_somebody_rules(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", n=214, who="children")
    extract(review, "t1", "Bob", n=214, who="children", event="Wheeze")
    link(cli)
    assert [row["standing"] for row in exported(cli)] == ["conflict"]
    extract(review, "t1", "Cyd", n=214, who="children", adjudicated=True)
    assert {row["standing"] for row in exported(cli)} == {"final"}


def test_a_study_that_is_taken_apart_leaves_each_report_what_was_said_of_it(review: Path, cli: Cli) -> None:
    extract(review, "t1", "Ann", "Bob", n=214, who="children")
    before = matches(cli)
    link(cli)
    cli("dedup", "split", "t1", "--same-study")
    assert matches(cli) == before
    assert matches(cli, "t2") == {"": ("pending", "", "", "")}
    assert told(cli) == {}
