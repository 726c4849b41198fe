"""Page images on their way to a model, as a user runs it: which pages, what the server gets, what it costs, and refusals."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas
from servers import Server, openai_server
from servers.scripted import Asked, scripted
from support import Cli
from support.chat_run import add_reviewer, ledger_rows
from support.documents import LOREM, draw
from support.extraction import answers_from, chat_reviewer, gold_trees, prepare
from support.models import SCHEMA, ask, spec

from screener.core.judgement import Judgement, Stage, Value
from screener.core.messages import ChatRequest, Message, PagePicture
from screener.documents import render
from screener.ledger import reads
from screener.ledger.store import Ledger
from screener.models.langchain import LangChainModel
from screener.reviewers import MOST_PIXELS, PIXELS_A_POINT

pytestmark = pytest.mark.slow
CRITERIA = ("development", "pretraining", "adaptation", "human_ecg")
RUN = ("run", "--stage", "fulltext", "--json", "--reviewer")


@pytest.fixture
def server() -> Iterator[Server]:
    with openai_server({"keep": True}) as running:
        yield running


def text(canvas: Canvas) -> None:
    for number, line in enumerate(LOREM):
        canvas.drawString(72, 760 - 14 * number, line)


def table(canvas: Canvas) -> None:
    canvas.drawString(72, 780, "Table 1. Accuracy of the models on the test set")
    for number, row in enumerate((("Model", "Accuracy"), ("first", "0.913"), ("second", "0.902"), ("third", "0.877"))):
        for x, cell in zip((72, 250), row, strict=True):
            canvas.drawString(x, 760 - 14 * number, cell)


@pytest.fixture
def paper(judged: Path, cli: Cli) -> Path:
    """A paper of three pages with a table on the second, attached to a record of the review."""
    path = draw(judged / "tabled.pdf", text, table, text)
    assert cli("attach", "syn-01", path).code == 0
    return path


def add_chat(review: Path, name: str, url: str, more: str = "") -> None:
    price = "price: {input: 1, output: 2}"
    add_reviewer(review, f"{name}: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{url}', {price}{more}}}")


def script(server: Server, **said: tuple[str, str | None]) -> None:
    full = {name: said.get(name, ("yes", None)) for name in CRITERIA}
    told = {name: {"reason": "so it is", "quote": quote, "answer": value} for name, (value, quote) in full.items()}
    server.set_script({"keep": True, "answers": {"": told}}, reset=True)


def judgement(review: Path, reviewer: str) -> Judgement:
    with Ledger.of(review / ".screener").read() as connection:
        return reads.latest(connection, Stage.FULLTEXT, reviewer)["syn-01"].judgement


def png_of(part: dict[str, Any]) -> bytes:
    head, _, data = part["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(data)


def test_the_page_with_the_table_is_sent_as_a_picture(paper: Path, cli: Cli, server: Server) -> None:
    add_chat(paper.parent, "eyes", server.base_url, ", page_images: tables")
    script(server, human_ecg=("yes", "four hospitals in the north"), pretraining=("yes", "0.999 as the figure shows"))
    done = cli(*RUN, "eyes")
    assert (done.code, done.json["errors"]) == (0, 0)
    [asked] = server.log()
    [part] = [part for part in asked["body"]["messages"][1]["content"] if part["type"] == "image_url"]
    assert png_of(part) == render(paper, 2, PIXELS_A_POINT, most=MOST_PIXELS)
    words = [part["text"] for part in asked["body"]["messages"][1]["content"] if part["type"] == "text"]
    assert words[1] == "[main, page 2, as a picture]"
    answers = judgement(paper.parent, "eyes").answers
    assert answers["human_ecg"].value is Value.YES
    for name in ("development", "pretraining"):  # without a quote, and with one that only the picture could have
        assert answers[name].value is Value.UNCLEAR
        assert "what only a page image shows is no evidence" in answers[name].reason
    stored = [row["parameters"] for row in ledger_rows(paper.parent, "calls")]
    assert not any("base64" in (parameters or "") or len(parameters or "") > 5_000 for parameters in stored)
    assert cli(*RUN, "eyes").json["calls"] == 0  # what is judged is not asked again


def test_without_the_option_no_picture_is_sent_and_another_answer_is_asked_for(
    paper: Path, cli: Cli, server: Server
) -> None:
    add_chat(paper.parent, "blind", server.base_url)
    add_chat(paper.parent, "eyes", server.base_url, ", page_images: tables")
    script(server)
    cli(*RUN, "blind")
    cli(*RUN, "eyes")
    blind, eyes = [entry["body"]["messages"][1]["content"] for entry in server.log()]
    assert isinstance(blind, str)
    joined = eyes[0]["text"] + eyes[-1]["text"]
    assert joined.startswith(blind[: blind.rindex("</record-")])
    assert judgement(paper.parent, "blind").answers["development"].value is Value.YES


def test_pictures_are_in_the_dry_run_and_in_batch_files(paper: Path, cli: Cli, server: Server) -> None:
    add_chat(paper.parent, "eyes", server.base_url, ", page_images: tables")
    add_reviewer(paper.parent, "four: {kind: chat, model: 'openai:gpt-4o', page_images: tables}")
    own = cli(*RUN, "eyes", "--dry-run").json
    assert (own["page_images"], own["images_not_priced"]) == (1, 1)
    assert "1 not priced" in cli("run", "--stage", "fulltext", "--reviewer", "eyes", "--dry-run").out
    priced = cli(*RUN, "four", "--dry-run").json
    assert (priced["page_images"], priced["images_not_priced"]) == (1, 0)
    assert priced["input_tokens"] == own["input_tokens"] + 1_105  # 6 squares of 512 pixels
    assert "1 counted by the rule" in cli("run", "--stage", "fulltext", "--reviewer", "four", "--dry-run").out
    submit = ("batch", "submit", "--stage", "fulltext", "--dry-run", "--reviewer")
    of_batch = cli(*submit, "four", "--json").json
    assert of_batch["estimated_cost_usd"] == pytest.approx(priced["cost_usd"])
    assert (of_batch["page_images"], of_batch["images_not_priced"]) == (1, 0)
    assert "Estimate of 1 page image: 1 not priced" in cli(*submit, "eyes").out
    assert cli("batch", "export", "--stage", "fulltext", "--reviewer", "four", "-o", "four.jsonl").code == 0
    [line] = (paper.parent / "four.jsonl").read_text().splitlines()
    content = json.loads(line)["body"]["messages"][1]["content"]
    [part] = [part for part in content if part["type"] == "image_url"]
    assert png_of(part).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "words",
    [
        "Invalid content type. image_url is only supported by certain models.",
        "This model does not support image inputs",
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
    ],
)
def test_a_server_that_takes_no_images_is_told_in_one_line_with_the_remedy(paper: Path, cli: Cli, words: str) -> None:
    def refuse(_: Asked) -> tuple[int, dict[str, str], bytes]:
        body = {"error": {"message": words, "type": "invalid_request_error"}}
        return 400, {"content-type": "application/json"}, json.dumps(body).encode()

    with scripted(refuse) as server:
        add_chat(paper.parent, "eyes", f"{server.url}/v1", ", page_images: tables")
        done = cli(*RUN[:3], "--reviewer", "eyes")
        assert len(server.log) == 1
    assert done.code in (2, 3)
    assert "openai:gpt-5-mini takes no page images: remove `page_images`" in " ".join((done.out + done.err).split())


def test_extraction_shows_the_same_pictures_before_each_question(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    review = prepare(tmp_path / "review")
    monkeypatch.chdir(review)
    reviewer = chat_reviewer("gpt", server.base_url).replace("timeout_s: 5,", "timeout_s: 5, page_images: tables,")
    add_reviewer(review, reviewer)
    server.set_script({"keep": True, "answers": answers_from(gold_trees())}, reset=True)
    done = cli("run", "--stage", "extraction", "--reviewer", "gpt", "--json")
    assert (done.code, done.json["errors"]) == (0, 0)
    by_study: dict[str, list[list[dict[str, Any]]]] = {}
    for entry in server.log():
        content = entry["body"]["messages"][1]["content"]
        if isinstance(content, list):
            by_study.setdefault(content[0]["text"], []).append(content)
    assert by_study
    for requests in by_study.values():
        assert len({json.dumps(content[:-1]) for content in requests}) == 1  # all but the question is one beginning
        assert all(png_of(part).startswith(b"\x89PNG") for part in requests[0] if part["type"] == "image_url")


def test_langchain_sends_pictures_in_the_providers_form(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "looks.like.any.word.0123SECRET")
    png = render(draw(tmp_path / "a.pdf", table), 1, 0.5)
    message = Message("user", "Before. Behind.", (PagePicture("main, page 1", png),), 8)
    request = ChatRequest((Message("system", "Be brief."), message), "screening", json.dumps(SCHEMA))
    [reply] = ask(lambda: LangChainModel(spec(server.root, model="anthropic:claude-of-tomorrow")), request)
    assert not isinstance(reply, Exception)
    [entry] = server.log()
    image = next(part for part in entry["body"]["messages"][0]["content"] if part["type"] == "image")
    assert base64.b64decode(image["source"]["data"]) == png
    assert "base64" not in json.dumps(reply.parameters)
