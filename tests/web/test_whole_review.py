"""A whole review on a server, in browsers alone: from the empty list to the report, with two people, a third, and a machine."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from servers import Server, openai_server
from support.browser import WAIT, needs_browser
from support.ports import free_port

from screener.core.judgement import Stage
from screener.ledger import reads
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("argon2")
canvas = pytest.importorskip("reportlab.pdfgen.canvas")

pytestmark = [needs_browser, pytest.mark.slow]
COMMAND = [sys.executable, "-c", "from screener.cli.main import main; main()", "serve", "--config"]
PASSWORD, REVIEW = "four unrelated words stand here", "/r/naps-and-memory"
PAPERS = (
    ("Short naps and word recall in students", "Forty students napped or rested, and recalled words afterwards."),
    ("Afternoon naps and motor memory", "Sixty adults learned a sequence of fingers and napped in the afternoon."),
    ("Sleep at night and memory of faces", "We studied sleep at night only and asked people to remember faces."),
    ("Napping in older adults and recall of lists", "One hundred older adults were asked about naps and tested."),
    ("Coffee or a nap before a memory test", "We gave coffee or a nap to fifty people before a memory test."),
    ("Naps of ninety minutes and emotional memory", "Thirty people napped for ninety minutes after seeing pictures."),
)
AT_NIGHT, COFFEE = 2, 4
"""The paper that all exclude, and the one that people differ on."""


def exports(folder: Path) -> list[Path]:
    """Three exports of databases; two papers are in two of them."""
    risen = "".join(
        f"TY  - JOUR\nTI  - {PAPERS[n][0]}\nAB  - {PAPERS[n][1]}\nPY  - 201{n}\nDO  - 10.1000/nap.{n}\nER  - \n\n"
        for n in (0, 1, 2)
    )
    medline = "".join(
        f"PMID- 90{n}\nTI  - {PAPERS[n][0]}\nAB  - {PAPERS[n][1]}\nDP  - 201{n}\nAID - 10.1000/nap.{n} [doi]\n\n"
        for n in (2, 3, 4)
    )
    bib = "".join(
        f"@article{{n{n}, title={{{PAPERS[n][0]}}}, abstract={{{PAPERS[n][1]}}}, year={{201{n}}}, doi={{10.1000/nap.{n}}}}}\n"
        for n in (4, 5)
    )
    files = {"web.ris": risen, "pubmed.nbib": medline, "scholar.bib": bib}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def people_in(record: str) -> str:
    """How many people a paper says it recruited."""
    number = re.sub(r"\D", "", record)
    return str(20 + int(number[-1]))


def paper(folder: Path, number: int) -> Path:
    """The PDF of a paper."""
    path = folder / f"paper{number}.pdf"
    page = canvas.Canvas(str(path))
    lines = [PAPERS[number][0], f"doi:10.1000/nap.{number}", PAPERS[number][1], "This was a randomised trial.",
             f"We recruited {20 + number} people in one town.", "The Fund for Rest paid for it."]  # fmt: skip
    for place, line in enumerate(lines):
        page.drawString(60, 780 - 24 * place, line)
    page.save()
    return path


@contextmanager
def server(folder: Path, port: int, model: Server) -> Iterator[str]:
    """`screener serve` with one model, as a program; the link of its first administrator."""
    config = folder / "server.yaml"
    config.write_text(
        f"port: {port}\nmodels:\n  mini: {{model: 'openai:gpt-5-mini', base_url: '{model.base_url}', "
        "api_key_env: WHOLE_REVIEW_KEY, price: {input: 1.0, output: 2.0}}\n"
    )
    invited = subprocess.run(
        [*COMMAND, str(config), "--invite"], capture_output=True, text=True, check=True, timeout=60
    )
    with (folder / "log").open("w") as log:
        program = subprocess.Popen([*COMMAND, str(config)], stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert program.stdout is not None
        assert program.stdout.readline().startswith("http"), (folder / "log").read_text()
        yield invited.stdout.strip()
    finally:
        program.terminate()
        program.wait(30)


class Person:
    """Somebody in a browser of their own. What the browser's console says is a failure."""

    def __init__(self, browser: Any, link: str, name: str) -> None:
        self.page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.page.set_default_timeout(WAIT)
        self.origin = link.partition("/enter/")[0]
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(link)
        self.page.fill("#name", name)
        self.page.fill("#login", f"{name.lower()}@example.org")
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(f"{self.origin}/")

    def go(self, path: str, base: str = REVIEW) -> Any:
        self.page.goto(f"{self.origin}{base}{path}")
        return self.page

    def invite(self, role: str) -> str:
        """The link of an invitation to the review."""
        page = self.go("/people/naps-and-memory", "")
        form = page.locator("form:has-text('Invite somebody')")
        for box in form.locator("input[name=role]").all():
            box.set_checked(box.get_attribute("value") == role)
        form.locator("button.main").click()
        return str(page.inner_text(".notice code"))

    def save_setup(self) -> None:
        with self.page.expect_response(lambda answer: "act=save" in (answer.request.post_data or "")):
            self.page.click("#setup button.main")
        self.page.wait_for_selector("#message >> text=Saved")

    def screen(self, stage: str, wanted: Callable[[str], bool]) -> int:
        """Judge all that comes; how many that were."""
        page, judged = self.go(f"/screen/{stage}"), 0
        while self.offered("#judge"):
            record = page.input_value("#judge [name=record]")
            answer = "yes" if wanted(page.inner_text("#main")) else "no"
            page.locator(f"#judge [name='answer.population'][value={answer}]").check(force=True)
            page.keyboard.press("Enter")
            page.wait_for_function("was => document.querySelector('#judge [name=record]')?.value !== was", arg=record)
            judged += 1
        return judged

    def offered(self, form: str) -> bool:
        """Whether there is something to judge, once the page says so or that nothing is left."""
        self.page.locator(form).or_(self.page.get_by_text("You're done for now")).first.wait_for()
        return bool(self.page.locator(form).count())

    def extract(self, mistake: str = "") -> int:
        """Fill the form of all studies; `mistake` is the end of the id of one whose number is taken down wrongly."""
        page, done = self.go("/extract"), 0
        while self.offered(".item"):
            record = page.locator(".item [name=record]").first.input_value()
            people = people_in(record)
            noted = "99" if mistake and record.endswith(mistake) else people
            self.fill("study.design", "select", "randomised_trial", "This was a randomised trial.")
            self.fill("study.participants", "input", noted, f"We recruited {people} people in one town.")
            self.fill("study.funder", "input", "Fund for Rest", "The Fund for Rest paid for it.")
            page.locator("form:has([name=text]) button.main").click()
            gone = "was => document.querySelector('.item [name=record]')?.value !== was"
            page.wait_for_function(gone, arg=record)
            done += 1
        return done

    def fill(self, path: str, field: str, value: str, quote: str) -> None:
        """Answer one item with its quote."""
        item = self.page.locator(f".item:has([name=path][value='{path}'])")
        item.get_by_text("Fill in").first.click()
        entry = item.locator(f"{field}[name=value]")
        _ = entry.select_option(value) if field == "select" else entry.fill(value)
        item.locator("[name=quote]").fill(quote)
        with self.page.expect_response("**/extract/item"):
            item.locator("button.main >> text=Save").click()


def set_up(ada: Person) -> None:
    """Write the protocol: a chat model, and what is asked at both stages of screening."""
    page = ada.go("/setup")
    page.click("text=Add a chat model")
    page.fill("[name='reviewers.1..key']", "mini")
    page.select_option("[name='reviewers.1.model']", "openai:gpt-5-mini")
    ada.save_setup()
    for stage in ("abstract", "fulltext"):
        ada.go(f"/setup/{stage}")
        page.click(f"#e-stages-{stage}-criteria-0 > summary")
        criterion = f"stages.{stage}.criteria.0"
        page.fill(f"[name='{criterion}.question']", "Is a nap studied?")
        page.fill(f"[name='{criterion}.met_when']", "Sleep of less than two hours by day is studied.")
        page.fill(f"[name='{criterion}.not_met_when']", "Only sleep at night is studied.")
        page.select_option(f"[name='stages.{stage}.decided_by.machine']", "mini")
        ada.save_setup()
    assert "No mistakes" in page.inner_text("#setup-check")


def import_and_sample(ada: Person, files: list[Path]) -> None:
    """Import the exports, and draw the gold sample before anybody judges."""
    page = ada.go("/import")
    page.set_input_files("section.drop input[type=file]", files)
    page.fill("[name=source-1]", "Web of Science")
    page.click("form:has-text('Ready to import') button.main")
    page.wait_for_selector("text=6 records in the review")
    page = ada.go("/gold")
    page.fill("#n-abstract", "6")
    page.click("section:has(#n-abstract) button >> text=Draw")
    page.wait_for_selector("text=/6 (records )?(drawn|labelled|in the sample|of 6)/i")


def run_machine(ada: Person, model: Server) -> None:
    """A dry run sends nothing; then the run goes on before one's eyes."""
    page = ada.go("/run")
    page.click("button >> text=Dry run")
    page.wait_for_selector("text=calls to pay for")
    assert model.stats()["calls"] == 0
    page.click("text=Start the run")
    page.wait_for_selector("#run-jobs >> text=Machine run")
    page.wait_for_selector("#run-jobs >> text=6 calls")
    assert model.stats()["calls"] == 6


def resolve(cy: Person) -> None:
    """A third person decides what the two differ on."""
    page = cy.go("/conflicts")
    page.locator("[name='answer.population'][value=yes]").check(force=True)
    page.fill("#note", "A nap is one of the two things compared.")
    page.click("button.main >> text=Resolve")
    page.wait_for_selector("#message >> text=Resolved")


def report_of(ada: Person) -> dict[str, Any]:
    """The figures in the report that the page of results gives."""
    page = ada.go("/results")
    with page.expect_download() as download:
        page.click("a[download] >> text=/^Report/")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, re.S)
    assert found is not None
    figures: dict[str, Any] = json.loads(found[1])
    return figures


def test_a_review_from_an_empty_list_to_its_report_without_a_terminal(
    tmp_path: Path, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOLE_REVIEW_KEY", "sk-whole-review-0123456789")
    with openai_server() as model, server(tmp_path, free_port(), model) as link:
        ada = Person(browser, link, "Ada")
        page = ada.page
        page.click("text=New review")
        page.fill("#title", "Naps and memory")
        page.fill("#questions", "Do naps help people remember?")
        page.click("text=Make the review")
        page.wait_for_url(f"**{REVIEW}/")
        bo, cy = Person(browser, ada.invite("reviewer"), "Bo"), Person(browser, ada.invite("adjudicator"), "Cy")
        page.locator(".card:has(h2:has-text('Ada')) [value=reviewer]").check()
        page.click("[aria-label='Save the roles of Ada']")
        page.wait_for_selector("text=are saved")
        set_up(ada)
        import_and_sample(ada, exports(tmp_path))
        run_machine(ada, model)
        assert ada.screen("abstract", lambda text: "at night only" not in text and "coffee" not in text) == 6
        assert bo.screen("abstract", lambda text: "at night only" not in text) == 6
        resolve(cy)
        page = ada.go("/gold")
        page.check("form.lock [name=sure]")
        page.click("form.lock button.main")
        page.wait_for_selector("text=locked")
        page = ada.go("/full-texts")
        page.set_input_files("section.drop input[type=file]", [paper(tmp_path, n) for n in range(6) if n != AT_NIGHT])
        page.wait_for_selector("text=Every report at this stage has a document")
        assert [one.screen("fulltext", lambda text: "Coffee" not in text) for one in (ada, bo)] == [5, 5]
        assert [ada.extract(), bo.extract(mistake="0")] == [4, 4]
        page = cy.go("/conflicts")
        page.click("button >> text=Use A") if "A 20" in page.inner_text("main") else page.click("button >> text=Use B")
        page.fill("#note", "The paper says twenty.")
        page.click("button.main >> text=Resolve")
        page.wait_for_selector("#message >> text=Resolved")
        figures = report_of(ada)
        assert [person.complaints for person in (ada, bo, cy)] == [[], [], []]
    check_ledger(tmp_path / "reviews" / "naps-and-memory")
    boxes = {box["id"]: box["count"] for box in figures["flow"]["boxes"]}
    assert (boxes["identified"], boxes["removed"], boxes["screened"], boxes["included"]) == (8, 2, 6, 4)
    gold = figures["gold"]["versions"]["abstract"]
    assert (gold["status"], gold["labels"], gold["lock"]["reviewers"]) == ("human", 6, ["Ada", "Bo"])


def check_ledger(folder: Path) -> None:
    """Everything that was done in the browsers stands in the ledger."""
    review, ledger = Review(folder), Ledger.for_reading(folder / ".screener")
    with ledger.read() as connection:
        assert reads.count_records(connection) == 6
        screened = {
            (stage, who): sum(row.reviewer == who for row in reads.judgements(connection, stage, roles=("human",)))
            for stage in review.protocol.stages
            for who in ("Ada", "Bo")
        }
        assert list(screened.values()) == [6, 6, 5, 5, 4, 4]
        resolved = {
            stage: [
                (row.reviewer, row.judgement.decision)
                for row in reads.judgements(connection, stage, roles=("adjudicator",))
            ]
            for stage in review.protocol.stages
        }
        assert resolved[Stage.ABSTRACT] == [("Cy", "include")]
        assert [who for who, _ in resolved[Stage.EXTRACTION]] == ["Cy"]
        machine = reads.judgements(connection, Stage.ABSTRACT, roles=("machine",))
        assert [row.reviewer for row in machine] == ["mini"] * 6
    ledger.close()
