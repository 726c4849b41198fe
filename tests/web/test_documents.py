"""Full text, extraction, duplicates and gold over HTTP, on the synthetic papers."""

import re
from pathlib import Path

import pytest
from markupsafe import escape
from sqlalchemy import select
from support import Cli
from support.documents import HEIGHT, WIDTH
from support.label_all import label_all
from support.scans import write_partly_scanned
from support.web_app import judged_at, record_on, running, small_review

from screener.adjudication.pairs import Pairs, settle_pairs, undo_pairs
from screener.adjudication.queue import enter
from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.documents import Role, layout
from screener.documents.ocr.recognised import RecognisedLine, RecognisedPage
from screener.evaluation.unblinded_changes import changes
from screener.exchange.attach_full_texts import attach_document, hash_of
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.documents import AttachedFile
from screener.ledger.links import MACHINE, add_link, link_row
from screener.ledger.merges import split_record
from screener.ledger.samples import Sample, samples
from screener.ledger.store import Ledger
from screener.protocol.model import Review, find_review

pytest.importorskip("fastapi")
pytest.importorskip("pypdfium2")

pytestmark = pytest.mark.slow


def test_full_text_is_read_searched_and_judged_blind(papers: Path) -> None:
    with running(papers, "ada") as app:
        app.enter()
        page = app.get("/screen/fulltext/card").text
        name = record_on(page)
        assert "not found by pattern" not in page
        assert "embedded" not in page
        first = app.get("/reader/page", record=name, doc="main", page="1").text
        sha = re.findall(r"/document/([0-9a-f]{64})/1\.png", first)[0]
        picture = app.get(f"/document/{sha}/1.png")
        assert picture.headers["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
        hits = app.get("/reader/find", record=name, doc="main", q="electrocardiogra*").text
        start, end = re.findall(r'data-from="(\d+)" data-to="(\d+)"', hits)[0]
        marked = app.get("/reader", record=name, doc="main", start=start, end=end).text
        assert re.search(r'data-found="\[\[1, [\d.]+, [\d.]+, [\d.]+, [\d.]+\]\]"', marked)
        assert app.get("/reader/page", record=name, doc="main", page="99").status_code == 400
        for stranger in ("0" * 64, "..%2F..%2Fledger.db", "x"):
            assert app.get(f"/document/{stranger}/1.png").status_code in (400, 404)
        done = app.post(
            "/screen/fulltext/decide", record=name, **{"answer.human_ecg": "no", "answer.pretraining": "no"}
        )
        assert "Saved: exclude" in done.text
    mine = judged_at(papers, Stage.FULLTEXT)[name]
    assert (mine.decision, mine.failed()) == ("exclude", "pretraining")


def test_a_page_that_was_read_by_ocr_says_so_and_its_quotes_are_marked_on_it(papers: Path) -> None:
    words = RecognisedLine(
        text="accuracy of O.9I3", words=((80, 140), (145, 158), (163, 200)), top=100, bottom=112, confidence=0.61
    )
    page = RecognisedPage(page=2, width=WIDTH, height=HEIGHT, angle=0, lines=(words,), left_out=2, by="rapidocr 3")
    scan = write_partly_scanned(papers / "scan.pdf", "We trained an encoder")
    document = layout(scan, recognised=[page])
    with running(papers, "ada") as app:
        app.enter()
        name = record_on(app.get("/screen/fulltext/card").text)
        file = AttachedFile("scan.pdf", hash_of(scan), Role.SUPPLEMENT, "by hand", "ada")
        attach_document(Ledger.of(papers / ".screener"), find_review(papers), name, scan, document, file)
        start = document.text.index("O.9I3")
        asked = {"record": name, "doc": "supplement"}
        marked = app.get("/reader", **asked, start=str(start), end=str(start + 5)).text
        assert 'data-page="2"' in marked
        assert 'data-found="[[2, 163.0, 100.0, 200.0, 112.0]]"' in marked
        shown = app.get("/reader/page", **asked, page="2").text
        assert "The text of this page was read by OCR (rapidocr 3)" in shown
        assert "2 lines could not be read" in shown
        assert "1 line was read with little certainty" in shown
        assert "61 %" in shown
        assert "O.9I3</span>" in shown
        assert "read by OCR" not in app.get("/reader/page", **asked, page="1").text


def test_a_document_whose_file_is_not_on_this_machine_is_told_and_its_text_is_shown(papers: Path) -> None:
    for path in (papers / ".screener" / "documents").iterdir():
        path.unlink()
    with running(papers, "ada") as app:
        app.enter()
        page = app.get("/screen/fulltext/card").text
        assert "is not on this machine, only its text" in page
        text = app.get("/reader/page", record=record_on(page), doc="main", page="1").text
        assert "page-image" not in text
        assert "electrocardiogra" in text


def test_a_conflict_on_a_full_text_has_the_pages_beside_it_and_the_quotes_tell_no_machine(screened: Path) -> None:
    review, ledger = Review(screened), Ledger.of(screened / ".screener")
    machine = judged_at(screened, Stage.FULLTEXT, "machine")
    name, quoted = next(
        (name, one) for name, one in machine.items() if any(e.page for a in one.answers.values() for e in a.evidence)
    )
    out = Judgement(decision=Decision.EXCLUDE, answers={"human_ecg": Answer(value=Value.NO)})
    enter(ledger, review, Stage.FULLTEXT, name, "ada", out)
    enter(ledger, review, Stage.FULLTEXT, name, "ben", Judgement(decision=Decision.INCLUDE, stated=True))
    ledger.close()
    with running(screened, "ada") as app:
        hidden = app.enter().get("/conflicts", stage="fulltext").text
        named = app.get("/conflicts", stage="fulltext", names="shown").text
    quote = next(e.quote for a in quoted.answers.values() for e in a.evidence if e.page)
    assert str(escape(quote)) in hidden
    assert not any("<blockquote" in cell for cell in re.findall(r"<td>.*?</td>", hidden, re.DOTALL))
    assert any("<blockquote" in cell for cell in re.findall(r"<td>.*?</td>", named, re.DOTALL))
    assert 'id="reader"' in hidden
    assert re.search(r'hx-get="/reader\?record=[^"]+start=\d+', hidden)


def test_what_cannot_be_had_is_noted(papers: Path) -> None:
    with running(papers, "ada") as app:
        page = app.enter().get("/full-texts").text
        name = re.findall(r'name="record" value="([^"]+)"', page)[0]
        assert app.post("/full-texts/note", record=name, status="not_retrieved", reason=" ").status_code == 400
        assert (
            "asked the authors"
            in app.post("/full-texts/note", record=name, status="not_retrieved", reason="asked the authors").text
        )
    ledger = Ledger.of(papers / ".screener")
    with ledger.read() as connection:
        row = connection.execute(select(t.retrievals)).mappings().one()
    ledger.close()
    assert (row["record_id"], row["status"], row["who"]) == (name, "not_retrieved", "ada")


def test_a_note_on_a_search_is_taken_back_by_another_one(papers: Path) -> None:
    with running(papers, "ada") as app:
        page = app.enter().get("/full-texts").text
        name = re.findall(r'name="record" value="([^"]+)"', page)[0]
        assert "still sought</option>" not in page
        noted = app.post("/full-texts/note", record=name, status="no_full_text_exists", reason="the wrong paper").text
        assert "still sought</option>" in noted
        assert (
            "Saved: sought"
            in app.post("/full-texts/note", record=name, status="sought", reason="it was another one").text
        )
        ongoing = app.post("/full-texts/note", record=name, status="ongoing", reason="recruits until 2028").text
        assert "recruits until 2028</bdi>” (ada)" in ongoing
        assert "no longer set aside</option>" in ongoing
        settled = app.post("/full-texts/note", record=name, status="settled", reason="it has ended").text
        assert "no longer set aside</option>" not in settled


def test_an_extraction_is_accepted_corrected_and_read_back(papers: Path) -> None:
    with running(papers, "ada") as app:
        page = app.enter().get("/extract/card").text
        name = re.findall(r'name="record" value="([^"]+)"', page)[0]
        assert "/reader?record=" in page
        say = {"record": name}
        accepted = app.post("/extract/item", path="study.design", action="accept", **say).text
        assert "alert" not in accepted
        wrong = app.post(
            "/extract/item", path="models[0].identity.sampling_rate_hz", action="correct", value="fast", **say
        ).text
        assert "is not a number" in wrong
        app.post("/extract/item", path="models[0].identity.sampling_rate_hz", action="correct", value="1,000", **say)
        missing = app.post(
            "/extract/item", path="models[0].identity.name", action="correct", value="X", quote="nowhere at all", **say
        )
        assert "not found in the documents" in missing.text
        app.post("/extract/item", path="models[0].identity.name", action="not_reported", **say)
        assert app.post("/extract/item", path="models[9].identity.name", action="unclear", **say).status_code == 400
        more = app.post("/extract/row", list="models[0].evaluation.results", **say).text
        assert "Results 1" in more
        app.post("/extract/item", path="models[0].evaluation.results[0].task", action="unclear", **say)
        assert "items unanswered" in app.post("/extract/save", **say).text
        assert "Saved:" in app.post("/extract/save", anyway="1", **say).text
        mine = judged_at(papers, Stage.EXTRACTION)[name]
        machine = judged_at(papers, Stage.EXTRACTION, "machine")[name]
        assert mine.items["study.design"] == machine.items["study.design"]
        assert mine.items["models[0].identity.sampling_rate_hz"].value == 1000
        assert mine.items["models[0].identity.name"].status == "not_reported"
        assert "models[0].evaluation.results[0].task" in mine.items
        back = app.post("/extract/undo").text
        assert name in back
        assert judged_at(papers, Stage.EXTRACTION) == {}


def shown(folder: Path, when: str) -> None:
    """Have the protocol say when people are shown what the machine extracted."""
    path = folder / "prompts" / "review.yaml"
    before, stage, rest = path.read_text().partition("  extraction:\n")
    path.write_text(f"{before}{stage}    show_machine: {when}\n{rest}")


def test_a_value_that_is_being_typed_is_kept_and_a_wrong_one_stands_as_it_was_left(papers: Path) -> None:
    with running(papers, "ada") as app:
        page = app.enter().get("/extract/card").text
        name, path = record_on(page), re.findall(r'data-stop="([^"]*parameters_millions)"', page)[0]
        said = {"record": name, "path": path, "action": "correct", "quote": "half a quo"}
        assert app.post("/extract/typing", value="4", **said).text == ""
        assert app.post("/extract/typing", value="41", **said).text == ""
        app.process.kill()
        app.process.wait(10)
    with running(papers, "ada") as app:
        page = app.enter().get("/extract/card", record=name).text
        form = page[page.index(f'id="edit-{path}"') :]
        assert 'value="41"' in form[: form.index("</form>")]
        assert "half a quo</textarea>" in form
        wrong = app.post("/extract/item", **{**said, "quote": ""}, value="1,5").text
        assert "“1,5” is not a number; use a point for decimals" in wrong
        assert 'value="1,5"' in wrong
        kept = app.post("/extract/item", **{**said, "quote": ""}, value="1,500.5").text
        assert '<p class="value" dir="auto">1500.5' in kept
        assert 'value="41"' not in app.get("/extract/card", record=name).text


def test_the_form_is_empty_where_the_protocol_never_shows_the_machine(papers: Path) -> None:
    shown(papers, "never")
    with running(papers, "ada") as app:
        page = app.enter().get("/extract/card").text
        name = re.findall(r'name="record" value="([^"]+)"', page)[0]
        assert "no suggestions shown" in page
        assert "Suggested:</span>" not in page
        assert app.post("/extract/item", record=name, path="study.design", action="accept").text.count("alert") == 1
        saved = app.post("/extract/save", record=name, anyway="1").text
        assert name not in re.findall(r'name="record" value="([^"]+)"', saved)


def test_the_machines_items_come_beside_ones_own_after_these_are_saved(papers: Path) -> None:
    shown(papers, "after")
    with running(papers, "ada") as app:
        page = app.enter().get("/extract/card").text
        name = re.findall(r'name="record" value="([^"]+)"', page)[0]
        assert "Suggested:</span>" not in page
        app.post("/extract/item", record=name, path="study.design", action="not_reported")
        page = app.post("/extract/save", record=name, anyway="1").text
        assert re.findall(r'name="record" value="([^"]+)"', page)[0] == name
        assert "The machine's answers differ on" in page
        assert "Machine:</span>" in page
        assert "alert" not in app.post("/extract/item", record=name, path="study.design", action="accept").text
        page = app.post("/extract/save", record=name).text
        assert name not in re.findall(r'name="record" value="([^"]+)"', page)
    ledger = Ledger.of(papers / ".screener")
    with ledger.read() as connection:
        said = [row.blinded for row in connection.execute(select(t.judgement_context))]
    mine, machine = judged_at(papers, Stage.EXTRACTION)[name], judged_at(papers, Stage.EXTRACTION, "machine")[name]
    assert said == ["blind", "open"]
    assert mine.items["study.design"] == machine.items["study.design"]
    (change,) = changes(ledger, Review(papers), Stage.EXTRACTION)
    ledger.close()
    assert (change.changed, change.seen, change.right) == (True, ("embedded",), None)


def test_pairs_are_confirmed_taken_apart_and_decided_again(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "review"
    small_review(folder, 3)
    head, rest = "doi,title,abstract,authors,year,journal", 'One text.,"Doe, J",2020'
    (folder / "one.csv").write_text(f"{head}\n10.1000/heart,Self-supervised learning of the heart,{rest},Heart\n")
    (folder / "two.csv").write_text(f"{head}\n10.1000/heart,Self supervised learning of the heart.,{rest},HEART\n")
    assert cli("import", folder / "one.csv", folder / "two.csv", "--review", folder).code == 0
    of_kind = {"kind": "duplicate"}
    with running(folder, "ada") as app:
        page = app.enter().get("/duplicates", **of_kind).text
        assert "Pair 1 of 1" in page
        exact = app.get("/duplicates/exact", **of_kind).text
        assert "1 exact pair" in exact
        assert "Pair 1 of 1" in app.get("/duplicates", **of_kind).text, "to look at them confirms nothing"
        assert "1 merge confirmed</p>" in app.post("/duplicates/exact", **of_kind).text
        page = app.post("/duplicates/undo", **of_kind).text
        assert "Pair 1 of 1" in page
        number = re.findall(r'"pair": (\d+)', page)[0]
        assert "One record" in app.post("/duplicates", pair=number, verdict="same", **of_kind).text
        assert "Nothing left to check" in app.get("/duplicates", **of_kind).text
        decided = app.get("/duplicates", decided="1", **of_kind).text
        assert "confirmed by ada" in decided
        number = re.findall(r'"pair": (\d+)', decided)[0]
        assert "Different works" in app.post("/duplicates", pair=number, verdict="apart", decided="1", **of_kind).text
        ledger = Ledger.of(folder / ".screener")
        with ledger.read() as connection:
            assert reads.count_records(connection) == 5
        ledger.close()
        assert app.post("/duplicates", pair="999", verdict="apart").status_code == 400
        assert app.post("/duplicates", pair=number, verdict="perhaps").status_code == 400
        # z takes back one decision after the other, until nobody has looked at the pair.
        assert "Undone. 1 pair: different works" in app.post("/duplicates/undo", **of_kind).text
        assert "confirmed by ada" in app.get("/duplicates", decided="1", **of_kind).text
        again = app.post("/duplicates/undo", **of_kind).text
        assert "Undone. 1 pair: one record" in again
        assert "not checked yet" in again
        assert "Nothing decided yet" in app.get("/duplicates", decided="1", **of_kind).text
        nothing = app.post("/duplicates/undo")
        assert (nothing.status_code, nothing.text) == (400, "Nothing to undo: ada has changed no link.")
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        assert reads.count_records(connection) == 4
    ledger.close()


def test_a_pair_that_was_merged_comes_apart_by_undo_but_not_where_somebody_has_decided_since(
    tmp_path: Path, cli: Cli
) -> None:
    small_review(tmp_path / "review", 3)
    ledger = Ledger.of(tmp_path / "review" / ".screener")
    with ledger.write() as connection:
        add_link(connection, link_row("conflict", 2, 1, "doi", 1.0, MACHINE))
    (pair,) = Pairs(ledger).page("conflict").pairs
    assert settle_pairs(ledger, [pair.number], "same", "ada") == "One record: r0"
    with ledger.read() as connection:
        assert reads.count_records(connection) == 2
    assert undo_pairs(ledger, "ada") == "Undone. 1 pair: one record"
    with ledger.read() as connection:
        assert [record.id for record in reads.records(connection)] == ["r0", "r1", "r2"]
    assert [(open_.kind, open_.who) for open_ in Pairs(ledger).page("conflict").pairs] == [("conflict", MACHINE)]
    settle_pairs(ledger, [pair.number], "same", "ada")
    split_record(ledger, "r0", "ben")
    with pytest.raises(BadInput, match="merged or split again since"):
        undo_pairs(ledger, "ada")
    ledger.close()


def test_taking_a_pair_apart_undoes_this_merge_alone(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "review"
    small_review(folder, 2)
    for name in ("one", "two", "three"):
        row = f"{name},Self-supervised learning of the heart,One text.,10.1000/heart,2020"
        (folder / f"{name}.csv").write_text(f"id,title,abstract,doi,year\n{row}\n")
        assert cli("import", folder / f"{name}.csv", "--review", folder).code == 0
    with running(folder, "ada") as app:
        page = app.enter().get("/duplicates", kind="duplicate", view="list").text
        ticks = re.findall(r'name="tick" value="(\d+)"', page)
        assert len(ticks) == 2
        told = app.post("/duplicates", kind="duplicate", verdict="apart", tick=ticks[0])
        assert "Different works" in told.text
        assert app.post("/duplicates", kind="duplicate", verdict="apart").status_code == 400
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        assert sorted(record.aliases for record in reads.records(connection)) == [(), (), (), ("three",)]
    ledger.close()


@pytest.fixture
def sampled(tmp_path: Path, cli: Cli) -> Path:
    folder = tmp_path / "review"
    small_review(folder, 8)
    assert cli("gold", "sample", "--stage", "abstract", "--n", "4", "--review", folder).code == 0
    return folder


def test_gold_is_locked_when_all_are_labelled_twice(sampled: Path) -> None:
    with running(sampled, "ada") as app:
        app.enter()
        assert "0 of 4" in app.get("/gold").text
        assert app.post("/gold/lock", stage="abstract").status_code == 400
        assert (
            "4 records have too few judgements" in app.post("/gold/lock", stage="abstract", sure="yes", share="50").text
        )
        label_all(sampled)
        assert "Locked as version 1: 4 labels" in app.post("/gold/lock", stage="abstract", sure="yes", share="50").text
        assert "version 1" in app.get("/gold").text
        path = sampled / "gold" / "abstract.csv"
        assert path.read_text().count("\n") == 5
        path.chmod(0o644)
        path.write_text(path.read_text() + "\n")
        assert app.get("/").status_code == 200  # the overview does without gold


def samples_of(folder: Path) -> list[Sample]:
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        found = samples(connection, Stage.ABSTRACT)
    ledger.close()
    return found


def test_samples_are_drawn_in_the_app_by_the_rules_of_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    small_review(folder, 12)
    with running(folder, "ada") as app:
        app.enter()
        assert "No sample yet" in app.get("/gold").text
        assert app.post("/gold/draw", stage="abstract", how="random", n="some").status_code == 400
        too_many = app.post("/gold/draw", stage="abstract", how="random", n="99").text
        assert "No sample drawn: 99 records are asked for, and 12 can be drawn." in too_many
        assert "Drawn: 2 of 12 records" in app.post("/gold/draw", stage="abstract", how="pilot", n="2").text
        page = app.post("/gold/draw", stage="abstract", how="stratified", n="4").text
        assert "Drawn: 4 of 10 records" in page
    pilot, gold = samples_of(folder)
    assert (pilot.kind, pilot.drawn, pilot.n) == ("pilot", "random", 2)
    assert (gold.kind, gold.drawn, gold.n, len(gold.members)) == ("gold", "stratified", 4, 5)
    for member in (*pilot.members, *gold.members):
        assert f">{member.record_id}<" not in page  # which they are is told to nobody


def test_what_a_lock_lacks_is_told_and_conflicts_only_to_who_is_done(sampled: Path) -> None:
    (gold,) = samples_of(sampled)
    names = [member.record_id for member in gold.counted]
    yes = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
    with running(sampled, "ada") as ada, running(sampled, "ben") as ben:
        ada.enter()
        ben.enter()
        for name in names:
            ada.post("/screen/abstract/decide", record=name, **yes)
        ben.post("/screen/abstract/decide", record=names[0], **{"answer.signal": "no"})
        for app, told in ((ada, "1"), (ben, "once you have finished")):
            page = " ".join(app.get("/gold").text.split())
            assert "<dt>with too few judgements (2 each)</dt><dd>3</dd>" in page
            assert told in page.split("in conflict</dt>")[1].split("</dl>")[0]
        for name in names[1:]:
            ben.post("/screen/abstract/decide", record=name, **yes)
        refused = ben.post("/gold/lock", stage="abstract", sure="yes").text
        assert "Not locked: 0 records have too few judgements (2 each), 1 are in conflict." in refused
        ada.post("/conflicts/resolve", stage="abstract", record=names[0], note="seen again", **yes)
        assert "Locked as version 1: 4 labels" in ada.post("/gold/lock", stage="abstract", sure="yes", share="50").text


def test_a_pilots_agreement_by_criterion_is_told_to_who_has_judged_it(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    small_review(folder, 8)
    no = {"answer.signal": "no", "answer.training": "yes", "answer.scope": "yes"}
    yes = {**no, "answer.signal": "yes"}
    with running(folder, "ada") as ada, running(folder, "ben") as ben, running(folder, "cem") as cem:
        ada.enter().post("/gold/draw", stage="abstract", how="pilot", n="4")
        (pilot,) = samples_of(folder)
        names = [member.record_id for member in pilot.counted]
        for app in (ada, ben.enter(), cem.enter()):
            assert {record_on(app.get("/screen/abstract/card").text)} <= set(names)  # the same records, first, for all
        for name in names:
            ada.post("/screen/abstract/decide", record=name, **yes)
            ben.post("/screen/abstract/decide", record=name, **(no if name == names[0] else yes))
        assert "Agreement by criterion: ada, ben" in ada.get("/gold").text
        table = re.sub(r"<[^>]+>", " ", ada.get("/gold").text.split("Agreement by criterion")[1].split("</table>")[0])
        assert re.search(r"signal\s+4\s+0\.75", table)
        assert re.search(r"training\s+4\s+1\.00", table)
        assert "Agreement by criterion" not in cem.get("/gold").text


def test_what_was_removed_is_audited_in_the_app(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "review"
    small_review(folder, 8)
    (folder / "old.csv").write_text(
        "id,title,abstract,year\n" + "".join(f"o{n},An old thing {n},Text,1990\n" for n in range(6))
    )
    assert cli("import", folder / "old.csv", "--review", folder).code == 0
    assert cli("run", "--stage", "abstract", "--review", folder).code == 0  # a rule removes what is old
    no = {"answer.signal": "no"}
    with running(folder, "ada") as ada, running(folder, "ben") as ben:
        ada.enter()
        ben.enter()
        assert (
            "99 records are asked for, and 6 were removed without a human"
            in ada.post("/gold/draw", stage="abstract", how="elusion", n="99").text
        )
        assert "Drawn: 4 of" in ada.post("/gold/draw", stage="abstract", how="elusion", n="4").text
        (audit,) = samples_of(folder)
        assert len(audit.members) == 5  # one that is kept is among them
        assert "No bound until all of them are labelled" in ada.post("/gold/elusion", stage="abstract").text
        for member in audit.members:
            for app in (ada, ben):
                app.post("/screen/abstract/decide", record=member.record_id, **no)
        told = re.sub(r"<[^>]+>", " ", ada.post("/gold/elusion", stage="abstract").text)
        # C(6 − K, 4)/C(6, 4) > 0.05 holds up to K = 2.
        assert "at most 2 relevant ones are left" in told
        assert "set once" in ada.post("/gold/draw", stage="abstract", how="elusion", n="5").text
