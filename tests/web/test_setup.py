"""Setup: the protocol and the form are written in the browser, and nothing but what was changed becomes another."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import ROOT, Later
from support.sent_form import sent_form
from support.web_app import HOSTILE, PROTOCOL, human, record_on

pytest.importorskip("fastapi")
pytest.importorskip("httpx")
from screener.core.yaml_text import YamlText
from screener.ledger.amendments import amendments
from screener.ledger.store import Ledger
from screener.protocol.model import Review

APP, LOCAL, CLIENT = Later("screener.web.app"), Later("screener.web.local_door"), Later("starlette.testclient")
SPECS, FIELDS, WRITING = (
    Later("screener.web.setup_specs"),
    Later("screener.web.yaml_fields"),
    Later("screener.web.yaml_writing"),
)
STAGE = "stages.abstract"
FORM = """\
# What is asked.
guide: Of the report alone.
form:
  study:               # once
    help: The study.
    items:
      people: {help: "How many?", type: count}   # a number
"""


@dataclass
class SetupWindow:
    """Somebody's window on Setup: the form of the page seen last, and what they change in it."""

    client: Any
    csrf: str
    folder: Path
    path: str = "/setup"
    fields: dict[str, list[str]] | None = None

    def open(self, path: str) -> "SetupWindow":
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return SetupWindow(self.client, self.csrf, self.folder, path, sent_form(answer.text, '<form class="setup"'))

    def send(self, act: str, csrf: str | None = None, **more: str) -> Any:
        assert self.fields is not None
        sent = {**self.fields, **{name: [value] for name, value in more.items()}, "act": [act]}
        headers = {"X-CSRF-Token": self.csrf if csrf is None else csrf, "HX-Request": "true"}
        answer = self.client.post(self.path, data=sent, headers=headers)
        if answer.status_code == 200 and "made_of" in answer.text:
            self.fields = sent_form(answer.text, '<form class="setup"')
        return answer

    def fill(self, **values: str | list[str]) -> "SetupWindow":
        assert self.fields is not None
        for name, value in values.items():
            place = name.replace("__", ".")
            self.fields[place] = value if isinstance(value, list) else [value]
        return self

    def text(self, file: str = "review.yaml") -> str:
        return (self.folder / "prompts" / file).read_bytes().decode()


@pytest.fixture
def window(folder: Path) -> Iterator[SetupWindow]:
    with window_on(folder) as opened:
        yield opened


@contextmanager
def window_on(folder: Path) -> Iterator[SetupWindow]:
    """A window on the app of a review."""
    review = Review(folder)
    ledger, session = Ledger.of(review.hidden), LOCAL.Session(9001)
    with CLIENT.TestClient(APP.create_app(ledger, review, "ada", session), base_url="http://127.0.0.1:9001") as client:
        client.cookies.set(session.cookie_name, session.cookie)
        yield SetupWindow(client, session.csrf, folder)
    ledger.close()


def test_what_is_opened_and_saved_stays_as_it_is_and_one_field_changes_its_own_lines(window: SetupWindow) -> None:
    before = window.text()
    for path in ("/setup", "/setup/abstract"):
        answer = window.open(path).send("save")
        assert answer.status_code == 200
        assert window.text() == before
    stage = window.open("/setup/abstract").fill(**{f"{STAGE}__criteria__0__met_when": "Signals go in."})
    assert stage.send("check").status_code == 200
    assert window.text() == before, "a check writes nothing"
    assert stage.send("save").headers["X-Saved"] == "1"
    assert window.text() == before.replace("met_when: ECGs go in.", "met_when: Signals go in.")


def test_the_packaged_review_is_opened_and_saved_without_a_change_and_changed_in_one_line(tmp_path: Path) -> None:
    for room in ("prompts", "gold"):
        shutil.copytree(ROOT / room, tmp_path / room)
    with window_on(tmp_path) as window:
        before = {name: window.text(name) for name in ("review.yaml", "sources.yaml")}
        for path in ("/setup", "/setup/abstract", "/setup/fulltext", "/setup/extraction", "/setup/sources"):
            assert window.open(path).send("save").status_code == 200
            assert {name: window.text(name) for name in before} == before, path
        stage = window.open("/setup/abstract").fill(**{f"{STAGE}__criteria__0__silence": "unclear"})
        stage.send("save")
        assert window.text() == before["review.yaml"].replace('silence: "no"', 'silence: "unclear"', 1)


@pytest.mark.parametrize("path", sorted((ROOT / "screener" / "examples").rglob("*.yaml")), ids=lambda path: path.stem)
def test_what_the_fields_show_of_a_packaged_file_written_back_changes_nothing(path: Path) -> None:
    before = path.read_text("utf-8")
    parts = [part for section in (SPECS.form_page(path.name).parts, SPECS.SOURCES[0].parts) for part in section]
    text = YamlText(before)
    WRITING.write(parts, FIELDS.read_file(parts, text, ()), text, ())
    assert text.result() == before


@pytest.mark.parametrize(
    "words",
    [HOSTILE, "- a: b # c", "\U0001f600 \u202eabc", 'one\ntwo: "3"', "{{ title }} ' *a", "no", "a\u2028b"],
)
def test_any_words_are_kept_as_they_were_typed_and_shown_as_text(window: SetupWindow, words: str) -> None:
    sent = window.open("/setup/abstract").fill(
        stages__abstract__question=words.replace("\n", "\r\n"),
        stages__abstract__criteria__0__cues__supports=["ECG*", "a b"],
        stages__abstract__criteria__0__not_met_when=words,
    )
    cue = words.replace("\n", " ")
    sent.fields |= {f"{STAGE}.criteria.1.label": [f"x {words}"], f"{STAGE}.criteria.1.cues.supports": [cue]}  # type: ignore[operator]
    answer = sent.send("save")
    assert answer.status_code == 200, answer.text
    stage = yaml.safe_load(window.text())["stages"]["abstract"]
    assert stage["question"] == words.strip()
    assert stage["criteria"][0]["not_met_when"] == words.strip()
    assert stage["criteria"][0]["cues"]["supports"] == ["ECG*", "a b"]
    assert stage["criteria"][1]["cues"]["supports"] == [cue]
    assert "<script>window" not in answer.text
    assert "<img src=x" not in window.client.get("/setup/abstract").text


def test_criteria_are_added_moved_and_removed_and_nothing_is_lost_meanwhile(window: SetupWindow) -> None:
    sent = window.open("/setup/abstract").fill(**{f"{STAGE}__question": "typed and not saved"})
    answer = sent.send(f"add:0:{STAGE}.criteria")
    assert answer.status_code == 200, answer.text
    assert sent.fields
    assert sent.fields[f"{STAGE}.criteria.rows"] == ["0", "1", "2", "3"]
    sent.fields |= {
        f"{STAGE}.criteria.3.label": ["Human subjects"],
        f"{STAGE}.criteria.3.question": ["Are they human?"],
    }
    sent.fields[f"{STAGE}.criteria.3.cues.supports.+"] = ["people\nvolunteer*"]
    sent.send(f"up:{STAGE}.criteria.3")
    sent.send(f"remove:{STAGE}.criteria.0")
    assert "typed and not saved" not in window.text()
    assert sent.send("save").status_code == 200
    stage = yaml.safe_load(window.text())["stages"]["abstract"]
    assert stage["question"] == "typed and not saved"
    assert [criterion["id"] for criterion in stage["criteria"]] == ["training", "human_subjects", "scope"]
    assert stage["criteria"][1]["cues"] == {"supports": ["people", "volunteer*"]}
    assert window.client.get("/setup/abstract").status_code == 200


def test_mistakes_are_told_at_their_fields_and_what_could_not_be_opened_is_not_saved(window: SetupWindow) -> None:
    before = window.text()
    sent = window.open("/setup/abstract").fill(
        stages__abstract__criteria__0__cues__supports=["ECG*", "E?G"], stages__abstract__decided_by__humans="many"
    )
    told = sent.send("check").text
    assert f'data-for="{STAGE}.criteria.0.cues.supports.1"' in told
    assert f'data-for="{STAGE}.decided_by.humans"' in told
    refused = sent.send("save")
    assert (refused.headers["X-Not-Saved"], window.text()) == ("1", before)
    assert "Not saved. Titles and abstracts: “" in refused.text
    assert "stages.abstract" not in refused.text.partition("data-refused")[2].partition("</p>")[0]


def test_of_two_windows_the_later_is_told_and_overwrites_nothing(window: SetupWindow) -> None:
    first, second = window.open("/setup"), window.open("/setup/abstract")
    assert first.fill(title="From the first").send("save").status_code == 200
    now = window.text()
    for act in ("save", "check", f"add:0:{STAGE}.criteria"):
        answer = second.fill(**{f"{STAGE}__question": "From the second"}).send(act)
        assert answer.status_code == 409
        assert "still here" in answer.text
    assert window.text() == now


def test_without_the_token_of_the_page_nothing_is_written(window: SetupWindow) -> None:
    before = window.text()
    answer = window.open("/setup").fill(title="Taken").send("save", csrf="x")
    assert (answer.status_code, window.text()) == (403, before)


def test_a_change_after_the_start_says_what_it_makes_stale_and_is_an_amendment(window: SetupWindow) -> None:
    name = record_on(window.client.get("/screen/abstract/card").text)
    judged = window.client.post(
        "/screen/abstract/decide", data={"record": name, "answer.signal": "no"}, headers={"X-CSRF-Token": window.csrf}
    )
    assert judged.status_code == 200
    assert name in human(window.folder, "ada")
    before = window.text()
    sent = window.open("/setup/abstract")
    assert "data-reason" not in sent.send("check").text
    sent.fill(**{f"{STAGE}__criteria__0__question": "Is an ECG read?"})
    told = sent.send("check").text
    assert "data-reason" in told
    assert "1 judgement by ada" in told
    refused = sent.send("save")
    assert (refused.headers["X-Not-Saved"], window.text()) == ("1", before)
    assert sent.send("save", reason="The pilot").status_code == 200
    assert "Is an ECG read?" in window.text()
    with Ledger.of(window.folder / ".screener").read() as connection:
        assert [(made.who, made.note) for made in amendments(connection)] == [("ada", "The pilot")]


def test_sources_begin_in_a_file_of_their_own_that_the_protocol_then_names(window: SetupWindow) -> None:
    sent = window.open("/setup/sources")
    sent.send("add:0:sources")
    sent.send("add:0:sources.0.queries")
    sent.fields |= {  # type: ignore[operator]
        "sources.0.name": ["PubMed"], "sources.0.searched": ["2025-10-01"], "sources.0.queries.0.name": ["all"],
        "sources.0.queries.0.query": ['"ecg"[tiab] AND #1: x'], "sources.0.queries.0.reported": ["12"],
    }  # fmt: skip
    assert sent.send("save").status_code == 200
    (source,) = Review(window.folder).sources
    assert (source.name, source.queries[0].query, source.total_reported) == ("PubMed", '"ecg"[tiab] AND #1: x', 12)


def test_a_form_is_built_and_a_faulty_one_is_not_saved(window: SetupWindow) -> None:
    protocol = window.folder / "prompts" / "review.yaml"
    stage = "  extraction:\n    question: What?\n    template: abstract.md\n    form: form.yaml\nreviewers:"
    protocol.write_text(PROTOCOL.replace("reviewers:", stage, 1), "utf-8")
    file = window.folder / "prompts" / "form.yaml"
    file.write_text(FORM, "utf-8")
    sent = window.open("/form")
    assert sent.send("save").status_code == 200
    assert file.read_text("utf-8") == FORM
    sent.send("add:0:form.0.items")
    sent.fields |= {"form.0.items.1.help": ["Which design does it have?"], "form.0.items.1.type": ["code"]}  # type: ignore[operator]
    assert 'data-for="form.0.items.1"' in sent.send("check").text
    assert "X-Saved" not in sent.send("save").headers
    assert file.read_text("utf-8") == FORM
    sent.fields |= {"form.0.items.1.codes": ["trial = randomised, at random\r\ncohort\r\nother"]}  # type: ignore[operator]
    answer = sent.send("save")
    assert answer.status_code == 200, answer.text
    text = file.read_text("utf-8")
    assert text.startswith(FORM)
    assert yaml.safe_load(text)["form"]["study"]["items"]["which_design_does_it"]["codes"] == {
        "trial": ["randomised", "at random"], "cohort": None, "other": None,
    }  # fmt: skip
    sent.fields |= {"form.0.items.0.help": ["How many people?"]}  # type: ignore[operator]
    assert sent.send("save").status_code == 200
    assert file.read_text("utf-8") == text.replace("How many?", "How many people?")


def test_a_form_in_python_is_left_to_an_editor_and_not_overwritten(window: SetupWindow) -> None:
    protocol = window.folder / "prompts" / "review.yaml"
    stage = "  extraction:\n    question: What?\n    template: abstract.md\n    form: form.py\nreviewers:"
    protocol.write_text(PROTOCOL.replace("reviewers:", stage, 1), "utf-8")
    (window.folder / "prompts" / "form.py").write_text(
        "from screener.forms import Group\nclass Form(Group):\n    pass\n"
    )
    assert "is a program in Python" in window.client.get("/form").text
    answer = window.client.post("/form", data={"act": "save"}, headers={"X-CSRF-Token": window.csrf})
    assert answer.status_code == 400
    assert json.dumps(sorted(path.name for path in (window.folder / "prompts").iterdir())).count("form.") == 1
