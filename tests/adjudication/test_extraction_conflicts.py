"""Two people who extract one study differently: what differs is shown item by item, and ruled on with a reason."""

import html
import os
import re
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import insert
from support import Cli
from support.web_app import Running, judged_at, record_on, running

from screener.adjudication import progress, queue
from screener.core.judgement import Decision, ItemAnswer, Judgement, Stage
from screener.forms import align
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.merges import merge_records
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi")
pytest.importorskip("pypdfium2")

RATE, SIZE = "models[0].identity.sampling_rate_hz", "models[0].identity.encoder_parameters_millions"
WINDOW = "models[0].identity.window_s"


def number(value: float) -> ItemAnswer:
    return ItemAnswer.model_validate({"status": "reported", "value": value})


def enter(folder: Path, name: str, who: str, **changed: ItemAnswer | None) -> None:
    """What the machine gives for a study, with changes (None takes an item out), as the extraction of a person."""
    machine = judged_at(folder, Stage.EXTRACTION, "machine")[name].items
    items = {path: one for path, one in machine.items() if one.status == "reported"}
    items |= {path: one for path, one in changed.items() if one is not None}
    for path, one in changed.items():
        if one is None:
            items.pop(path, None)
    ledger = Ledger.of(folder / ".screener")
    queue.enter(ledger, Review(folder), Stage.EXTRACTION, name, who, Judgement(decision="include", items=items))  # type: ignore[arg-type]
    ledger.close()


@pytest.fixture
def name(papers: Path) -> str:
    """A study that Ada and Bob have extracted alike but for the sampling rate, and of which Bob has a data set more."""
    study = min(judged_at(papers, Stage.EXTRACTION, "machine"))
    more = {
        "models[0].pretraining.datasets[0].name": ItemAnswer.model_validate(
            {"status": "reported", "value": "BRINDLE-12"}
        )
    }
    enter(papers, study, "ada", **{RATE: number(500), SIZE: number(12)})
    enter(papers, study, "bob", **{RATE: number(250), SIZE: number(12.0), **more})
    return study


def stops(page: str) -> list[str]:
    return [html.unescape(path) for path in re.findall(r'data-stop="([^"]+)"', page)]


def choose(app: Running, name: str, path: str, **fields: str) -> str:
    return app.post("/conflicts/items/choose", record=name, path=path, **fields).text


def test_only_the_items_that_differ_are_shown_and_a_ruling_takes_from_each_side(papers: Path, name: str) -> None:
    rows = "models[0].pretraining.datasets[0].name"
    with running(papers, "carl") as app:
        page = app.enter().get("/conflicts", stage="extraction").text
        assert stops(page) == [RATE, rows]
        assert "2 of 2 items open" in re.sub("<[^>]+>", "", page)
        assert ">ada<" not in page
        assert ">ada<" in app.get("/conflicts", stage="extraction", names="shown").text
        unready = app.post("/conflicts/items/resolve", record=name, note="read again").text
        assert "2 items unresolved" in unready
        sides = dict(re.findall(r'<span class="soft small">([AB])</span>\s*<strong dir="auto">(\d+)</strong>', page))
        assert sorted(sides.values()) == ["250", "500"]
        adas = "AB".index(next(letter for letter, value in sides.items() if value == "500"))
        assert ">chosen<" in choose(app, name, RATE, action="take", side=str(adas))
        assert "1 item unresolved" in app.post("/conflicts/items/resolve", record=name, note="read again").text
        choose(app, name, rows, action="take", side=str(1 - adas))
        without = app.post("/conflicts/items/resolve", record=name, note=" ").text
        assert "the reason for your adjudication" in without
        done = app.post("/conflicts/items/resolve", record=name, note="read again").text
        assert "Resolved: 2 items" in done
        ruling = judged_at(papers, Stage.EXTRACTION, "adjudicator")[name]
        assert (ruling.items[RATE].value, ruling.items[rows].value) == (500, "BRINDLE-12")
        assert ruling.items[SIZE].value == 12
        assert ruling.reason == "read again"
        back = app.post("/conflicts/undo", stage="extraction").text
        assert "Adjudication undone" in back
        assert judged_at(papers, Stage.EXTRACTION, "adjudicator") == {}
        assert "0 of 2 items open" in re.sub("<[^>]+>", "", back)
        assert "read again</textarea>" in back
        again = app.post("/conflicts/items/resolve", record=name, note="read again").text
        assert "Resolved: 2 items" in again
        assert judged_at(papers, Stage.EXTRACTION, "adjudicator")[name].items == ruling.items


@pytest.mark.slow
def test_a_ruling_may_give_an_answer_that_nobody_gave(papers: Path, name: str) -> None:
    rows = "models[0].pretraining.datasets[0].name"
    with running(papers, "carl") as app:
        app.enter()
        assert "is not a number" in choose(app, name, RATE, action="correct", value="fast")
        assert "Your answer" in choose(app, name, RATE, action="correct", value="1,000")
        assert app.post("/conflicts/items/choose", record=name, path=SIZE, action="take", side="0").status_code == 400
        assert "no such side" in choose(app, name, rows, action="take", side="7")
        first = judged_at(papers, Stage.EXTRACTION)[name].items
        page = app.get("/conflicts", stage="extraction").text  # what was chosen is still there
        assert "1 of 2 items open" in re.sub("<[^>]+>", "", page)
        lacks = re.findall(r'<span class="soft small">([AB])</span>\s*<em>no such entry', page)
        choose(app, name, rows, action="take", side=str("AB".index(lacks[0])))
        app.post("/conflicts/items/resolve", record=name, note="the paper says so")
    ruling = judged_at(papers, Stage.EXTRACTION, "adjudicator")[name]
    assert ruling.items[RATE].value == 1000
    assert rows not in ruling.items
    assert set(ruling.items) == set(first) - {rows}
    with running(papers, "carl") as app:
        back = app.enter().post("/conflicts/undo", stage="extraction").text
        assert "Your answer" in back
        app.post("/conflicts/items/resolve", record=name, note="the paper says so")
    assert judged_at(papers, Stage.EXTRACTION, "adjudicator")[name].items == ruling.items


@pytest.mark.slow
def test_of_two_extractions_by_one_person_the_one_that_is_chosen_is_taken(papers: Path, name: str) -> None:
    other = max(judged_at(papers, Stage.EXTRACTION, "machine"))
    enter(papers, other, "ada", **{RATE: number(100), SIZE: number(12)})
    ledger = Ledger.of(papers / ".screener")
    merged = merge_records(ledger, name, other, "carl")
    ledger.close()
    with running(papers, "carl") as app:
        shown = item(app.enter().get("/conflicts", stage="extraction").text, RATE)
        columns = re.findall(r'<strong dir="auto">(\d+)</strong>', shown)
        assert sorted(columns) == ["100", "250", "500"]
        for side, value in enumerate(columns):
            page = choose(app, merged, RATE, action="take", side=str(side))
            taken = [
                re.findall(r'<strong dir="auto">(\d+)</strong>', part)
                for part in page.split("<li")
                if ">chosen<" in part
            ]
            assert taken == [[value]]
        last = columns[-1]
        for path in stops(app.get("/conflicts", stage="extraction").text):
            if path != RATE:
                choose(app, merged, path, action="take", side=str(columns.index("500")))
        assert "Resolved" in app.post("/conflicts/items/resolve", record=merged, note="read again").text
        assert judged_at(papers, Stage.EXTRACTION, "adjudicator")[merged].items[RATE].value == int(last)
        again = item(app.post("/conflicts/undo", stage="extraction").text, RATE)
        taken = [
            re.findall(r'<strong dir="auto">(\d+)</strong>', part) for part in again.split("<li") if ">chosen<" in part
        ]
        assert taken == [[last]]


def test_a_choice_is_open_again_when_that_person_extracts_the_study_anew(papers: Path, name: str) -> None:
    with running(papers, "carl") as app:
        shown = item(app.enter().get("/conflicts", stage="extraction").text, RATE)
        adas = re.findall(r'<strong dir="auto">(\d+)</strong>', shown).index("500")
        assert ">chosen<" in choose(app, name, RATE, action="take", side=str(adas))
        enter(papers, name, "ada", **{RATE: number(400), SIZE: number(12)})
        assert ">chosen<" not in item(app.get("/conflicts", stage="extraction").text, RATE)


def test_undo_takes_the_last_choice_back_before_a_ruling(papers: Path, name: str) -> None:
    rows = "models[0].pretraining.datasets[0].name"
    with running(papers, "carl") as app:
        app.enter()
        choose(app, name, RATE, action="correct", value="1,000")
        choose(app, name, rows, action="unclear")
        app.post("/conflicts/items/resolve", record=name, note="read again")
        app.post("/conflicts/undo", stage="extraction")
        choose(app, name, RATE, action="not_reported")
        back = app.post("/conflicts/undo", stage="extraction", record=name).text
        assert "Undone: your choice for Sampling rate (Hz)" in back
        assert '<strong dir="auto">1000</strong>' in item(back, RATE)
        app.post("/conflicts/items/resolve", record=name, note="read again")
        assert "Adjudication undone" in app.post("/conflicts/undo", stage="extraction", record=name).text


def test_a_ruling_in_the_making_is_not_taken_for_ones_own_extraction(papers: Path, name: str) -> None:
    with running(papers, "ada") as app:
        app.enter()
        assert "Your answer" in choose(app, name, RATE, action="correct", value="1,000")
        own = item(app.get("/extract/card", record=name).text, RATE)
        assert "500" in own
        assert "1000" not in own
        assert "Your answer" in item(app.get("/conflicts", stage="extraction").text, RATE)


def test_who_has_not_extracted_the_study_yet_is_shown_nothing_of_the_conflict(papers: Path, name: str) -> None:
    other = max(judged_at(papers, Stage.EXTRACTION, "machine"))
    enter(papers, other, "ada", **{RATE: number(500)})
    with running(papers, "ada") as app:
        page = app.enter().get("/conflicts", stage="extraction").text
        assert stops(page) == [RATE, "models[0].pretraining.datasets[0].name"]  # her own conflict with Bob
        assert "Conflict 1 of 1" in page


def test_people_who_differ_on_an_item_have_decided_nothing(papers: Path, name: str, cli: Cli) -> None:
    rows = cli("export", "--stage", "extraction", "--format", "jsonl", "--review", papers).out
    standing = set(re.findall(rf'"id": "{name}".*?"standing": "(\w+)"', rows))
    assert standing == {"conflict"}
    enter(papers, name, "bob", **{RATE: number(500), SIZE: number(12)})
    rows = cli("export", "--stage", "extraction", "--format", "jsonl", "--review", papers).out
    assert set(re.findall(rf'"id": "{name}".*?"standing": "(\w+)"', rows)) == {"final"}


@pytest.mark.slow
def test_the_reader_of_pages_ends_with_the_app_however_that_ends(papers: Path) -> None:
    def children(process: int) -> list[int]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == process:
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    if not Path("/proc/self/stat").exists():
        pytest.skip("the processes of this system cannot be listed")
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with running(papers, "ada") as app:
            record = record_on(app.enter().get("/extract/card").text)
            page = app.get("/reader/page", record=record, doc="main", page="1").text
            picture = re.findall(r"/document/[0-9a-f]{64}/1\.png", page)[0]
            assert app.get(picture).status_code == 200
            began = children(app.process.pid)
            assert began
            os.kill(app.process.pid, ending)
            app.process.wait(10)
        until = time.monotonic() + 60
        while (left := [one for one in began if Path(f"/proc/{one}").exists()]) and time.monotonic() < until:
            time.sleep(0.1)
        assert left == []


@pytest.fixture
def two_machines(papers: Path) -> str:
    """A study that two machines have extracted: they differ on the window, and on another item one of them cannot tell."""
    protocol = papers / "prompts" / "review.yaml"
    text = protocol.read_text(encoding="utf-8")
    head, _, tail = text.rpartition("decided_by: {humans: 2, machine: embedded}")
    text = f"{head}decided_by: {{humans: 2, machine: embedded, second: other}}{tail}  other: {{kind: embedded}}\n"
    protocol.write_text(text, encoding="utf-8")
    study = min(judged_at(papers, Stage.EXTRACTION, "machine"))
    first = judged_at(papers, Stage.EXTRACTION, "machine")[study]
    assert first.items[WINDOW].status == "reported"
    assert first.items[RATE].status == "unclear"
    items = {**first.items, WINDOW: number(123), RATE: number(3)}
    body = Judgement(decision=Decision.UNCLEAR, items=items)
    ledger = Ledger.of(papers / ".screener")
    with ledger.write() as connection:
        row = {"run_id": "", "record_id": study, "text_hash": "x", "stage": "extraction", "reviewer": "other",
               "role": "machine", "asked": "x", "rule": "x", "repeat": 0, "at": now(), "decision": "unclear",
               "probability": None, "body": body.model_dump_json(exclude_defaults=True)}  # fmt: skip
        connection.execute(insert(t.judgements).values(row))
    ledger.close()
    return study


def item(page: str, path: str) -> str:
    """The part of a page that is about one item."""
    return next(part for part in page.split("<section") if f'data-stop="{path}"' in part)


def test_items_on_which_two_machines_differ_are_shown_with_both_answers(papers: Path, two_machines: str) -> None:
    with running(papers, "ada") as app:
        page = app.enter().get("/extract/card", record=two_machines).text
        assert "the machines differ on 1" in page
        assert "Other machine" in item(page, WINDOW)
        assert "123" in item(page, WINDOW)
        assert "Other machine" not in item(page, RATE)  # only one of them can tell, so its answer is the proposal
        assert '<strong dir="auto">3</strong>' in item(page, RATE)
        say = {"record": two_machines}
        assert "alert" in app.post("/extract/item", path=RATE, action="accept_other", **say).text
        app.post("/extract/item", path=WINDOW, action="accept_other", **say)
        app.post("/extract/item", path=RATE, action="accept", **say)
        app.post("/extract/save", anyway="1", **say)
    mine = judged_at(papers, Stage.EXTRACTION)[two_machines]
    assert (mine.items[WINDOW].value, mine.items[RATE].value) == (123, 3)


def test_a_second_machine_stands_beside_another_first_one_at_extraction_only(papers: Path, cli: Cli) -> None:
    protocol = papers / "prompts" / "review.yaml"
    text = protocol.read_text(encoding="utf-8")
    for wrong in ("second: embedded", "second: nobody"):
        head, _, tail = text.rpartition("machine: embedded}")
        protocol.write_text(f"{head}machine: embedded, {wrong}}}{tail}", encoding="utf-8")
        refused = cli("check", "--review", papers)
        assert refused.code == 2
        assert "second" in refused.err
    protocol.write_text(
        text.replace("machine: embedded}", "machine: embedded, second: other}", 1) + "  other: {kind: embedded}\n"
    )
    assert cli("check", "--review", papers).code == 2


def test_a_third_form_is_asked_about_and_agreement_counts_items(papers: Path, name: str) -> None:
    protocol = papers / "prompts" / "review.yaml"
    head, _, tail = protocol.read_text(encoding="utf-8").rpartition("machine: embedded}")
    protocol.write_text(f"{head}machine: embedded, resolvers: [zoe]}}{tail}", encoding="utf-8")
    rows = [judged_at_extraction(papers, who)[name].items for who in ("ada", "bob")]
    lines = align(rows)
    same = sum(not line.differs for line in lines)
    assert 0 < same < len(lines)
    review, ledger = Review(papers), Ledger.of(papers / ".screener")
    agreement = progress(ledger, review, Stage.EXTRACTION, "ada").agreement
    ledger.close()
    assert (agreement.same_items, agreement.items, agreement.records) == (same, len(lines), 1)
    with running(papers, "cem") as cem, running(papers, "zoe") as zoe:
        assert "Agreement and conflicts: shown once you have finished" in " ".join(zoe.enter().get("/").text.split())
        say = {"record": name, "anyway": "1"}
        assert (
            "This record has its 2 judgements already. Saving would add a form"
            in cem.enter().get("/extract/card", record=name).text
        )
        refused = cem.post("/extract/save", **say)
        assert "Not saved: this record has its 2 judgements already" in refused.text
        assert 'name="beyond" value="1"' in refused.text
        assert judged_at_extraction(papers, "cem") == {}
        assert "Saved: " in cem.post("/extract/save", beyond="1", **say).text
        assert judged_at_extraction(papers, "cem").keys() == {name}


def judged_at_extraction(folder: Path, who: str) -> dict[str, Judgement]:
    """What a person has extracted, by record."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        rows = {row.record_id: row.judgement for row in reads.judgements(connection, Stage.EXTRACTION, reviewer=who)}
    ledger.close()
    return rows
