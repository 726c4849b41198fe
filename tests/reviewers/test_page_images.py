"""Page images stand beside the documents' text, and are no evidence."""

import struct
from dataclasses import replace

import pytest
from support.models import chat

from screener.core.judgement import Basis, Value
from screener.core.messages import ChatRequest, Message, PagePicture, Passage, PictureRequest, PictureResponse
from screener.documents import Attached, Block, Document, EvidenceTexts, Kind, Quote, Report
from screener.models import count_tokens, picture_tokens
from screener.models.wire import chat_body, text_as_read, with_schema
from screener.protocol import ChatSpec
from screener.protocol.model import QuestionCriterion
from screener.reviewers.extraction import ungrounded
from screener.reviewers.page_images import MOST_PAGES, NO_IMAGES, PageImages, page_images, with_page_images
from screener.reviewers.screening import Proposal, settle
from screener.running.stored_answers import request_hash


def picture(place: str = "main, page 2", width: int = 940, height: int = 1220, content: bytes = b"") -> PagePicture:
    return PagePicture(place, b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", width, height) + content)


def pictured(*pictures: PagePicture) -> ChatRequest:
    user = Message("user", "Stands between <record-m> and </record-m>.\n<record-m>\nText.\n</record-m>\n\nJudge it.")
    messages = with_page_images((Message("system", "Be brief."), user), "m", PageImages(pictures))
    return ChatRequest(messages, "screening", "{}")


def test_pictures_stand_behind_the_documents_and_before_the_question() -> None:
    body = chat_body(ChatSpec(model="openai:gpt-4o"), pictured(picture()), "json_schema")
    system, user = body["messages"]
    assert system["content"] == "Be brief."
    before, label, image, behind = user["content"]
    assert before["text"].startswith("Stands between")
    assert "</record-m>\n\nPictures of 1 of these pages follow" in before["text"]
    assert label["text"] == "[main, page 2, as a picture]"
    assert image["image_url"]["url"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert behind["text"].strip() == "Judge it."


def test_a_schema_in_the_prompt_comes_behind_the_question() -> None:
    messages = chat_body(ChatSpec(model="openai:gpt-4o"), pictured(picture()), "prompt")["messages"]
    assert [part["type"] for part in messages[1]["content"]] == ["text", "text", "image_url", "text", "text"]
    assert with_schema([{"role": "user", "content": "x"}], "{}")[0]["content"].startswith("x\n\n")


def test_requests_without_pictures_are_what_they_were() -> None:
    """The hash is that of the version before there were pictures: stored answers are found by it."""
    plain = ChatRequest((Message("system", "Be brief."), Message("user", "What is it?")), "screening", "{}")
    assert request_hash("{}", plain) == "3107bf1767780a55eb9d00ee3ffc4070"
    assert with_page_images(plain.messages, "m", NO_IMAGES) == plain.messages
    assert chat_body(ChatSpec(model="openai:gpt-4o"), plain, "json_schema")["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is it?"},
    ]


def test_requests_with_other_pictures_are_other_requests() -> None:
    one, other = pictured(picture()), pictured(picture(content=b"."))
    assert request_hash("{}", one) != request_hash("{}", other)
    spec = ChatSpec(model="openai:gpt-4o")
    assert text_as_read(spec, one) != text_as_read(spec, other)


def test_the_option_is_written_only_where_it_is_used() -> None:
    assert "page_images" not in ChatSpec(model="openai:gpt-4o").model_dump()
    assert ChatSpec(model="openai:gpt-4o", page_images="tables").model_dump()["page_images"] == "tables"


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("openai:gpt-4o", (1_024, 1_024), 765),  # OpenAI's guide has these two
        ("openai:gpt-4o-2024-08-06", (2_048, 4_096), 1_105),
        ("openai:gpt-4.1-mini", (1_024, 1_024), 1_659),
        ("anthropic:claude-sonnet-4-5", (1_000, 1_000), 1_334),  # and Anthropic's this one
        ("openai:gpt-of-tomorrow", (1_024, 1_024), None),
        ("google_genai:gemini-2.5-pro", (1_024, 1_024), None),
    ],
)
def test_a_picture_costs_what_its_provider_says_and_else_nobody_knows(
    model: str, size: tuple[int, int], tokens: int | None
) -> None:
    assert picture_tokens(ChatSpec(model=model), picture("p", *size)) == tokens
    own = ChatSpec(model=model, base_url="http://127.0.0.1:1/v1")
    assert picture_tokens(own, picture("p", *size)) is None


def test_limits_of_tokens_count_pictures() -> None:
    plain = chat()
    with_one = replace(plain, messages=(*plain.messages[:-1], replace(plain.messages[-1], pictures=(picture(),))))
    assert count_tokens(with_one) - count_tokens(plain) >= 1_000


def report(pages: int, drawn: set[int]) -> tuple[Report, list[Passage]]:
    """A report with a page a line; the `drawn` ones are captions."""
    lines = [f"Line {number} of the paper." for number in range(1, pages + 1)]
    starts, blocks, length = [], [], 0
    for number, line in enumerate(lines, 1):
        starts.append(length)
        kind = Kind.CAPTION if number in drawn else Kind.TEXT
        blocks.append(Block(start=length, end=length + len(line), kind=kind))
        length += len(line) + 1
    document = Document(text="\f".join(lines), pages=tuple(starts), blocks=tuple(blocks), reader="pypdfium2 5")
    attached = Attached(
        record_id="a", name="main", role="main", file="paper.pdf", sha256="ab", content="c", pages=pages,
        characters=length, scan=False, how="by hand", at="2026-01-01",
    )  # fmt: skip
    passages = [
        Passage("main", n, "", line, start) for n, (line, start) in enumerate(zip(lines, starts, strict=True), 1)
    ]
    return Report(id="a", title="A title", attached=(attached,), load=lambda _: document), passages


def test_pages_with_tables_among_the_passages_are_asked_for() -> None:
    one, passages = report(5, {2, 4, 5})
    asking = page_images(one, passages[:4])
    request = next(asking)
    assert isinstance(request, PictureRequest)
    assert [(place.document, place.page, place.sha256) for place in request.pages] == [
        ("main", 2, "ab"),
        ("main", 4, "ab"),
    ]
    with pytest.raises(StopIteration) as stop:
        asking.send(PictureResponse((picture(),), missing=1))
    assert stop.value.value.flags == ["page_images_not_drawn_1"]


def test_only_so_many_pages_are_shown_and_the_others_are_named() -> None:
    one, passages = report(MOST_PAGES + 2, set(range(1, MOST_PAGES + 3)))
    asking = page_images(one, passages)
    request = next(asking)
    assert isinstance(request, PictureRequest)
    assert len(request.pages) == MOST_PAGES
    with pytest.raises(StopIteration) as stop:
        asking.send(PictureResponse(tuple(picture(f"main, page {place.page}") for place in request.pages)))
    images = stop.value.value
    assert images.flags == [f"page_images_{MOST_PAGES}_of_{MOST_PAGES + 2}"]
    message = with_page_images((Message("user", "<record-m></record-m>"),), "m", images)[0]
    assert f"not shown as pictures: main, page {MOST_PAGES + 1}; main, page {MOST_PAGES + 2}." in message.content


def test_a_report_without_tables_asks_for_nothing() -> None:
    one, passages = report(3, set())
    with pytest.raises(StopIteration) as stop:
        next(page_images(one, passages))
    assert stop.value.value == NO_IMAGES


CRITERION = QuestionCriterion(id="human", question="Are the subjects human?", met_when="people")
TEXTS = EvidenceTexts({"main": "The subjects are people of two towns."})
SHOWN = replace(TEXTS, pictured=True)


def settled(proposal: Proposal, sources: EvidenceTexts) -> tuple[Value, str, Basis | None]:
    answer = settle(CRITERION, report(1, set())[0], proposal, sources)
    return answer.value, answer.reason, answer.basis


def test_an_answer_that_rests_on_what_only_an_image_shows_is_unclear() -> None:
    assert settled(Proposal(Value.YES, "figure 2"), TEXTS)[0] is Value.YES  # the criterion asks for no quote
    value, reason, _ = settled(Proposal(Value.YES, "figure 2"), SHOWN)
    assert value is Value.UNCLEAR
    assert reason == "figure 2; a quote is required and none was given; what only a page image shows is no evidence"
    value, reason, _ = settled(Proposal(Value.NO, "figure 2", quotes=(Quote("mice in cages"),)), SHOWN)
    assert value is Value.UNCLEAR
    assert reason.endswith("is not in the record; what only a page image shows is no evidence")
    assert settled(Proposal(Value.YES, "", quotes=(Quote("people of two towns"),)), SHOWN)[0] is Value.YES


def test_a_value_that_only_an_image_shows_is_not_grounded() -> None:
    words = "what only a page image shows is no evidence"
    assert ungrounded((), SHOWN) == f"there is no quote; {words}"
    assert ungrounded((SHOWN.find(Quote("0.913 in the figure")),), SHOWN).endswith(f"is not in the documents; {words}")
    assert ungrounded((SHOWN.find(Quote("people of two towns")),), SHOWN) == ""
    assert words not in ungrounded((), TEXTS)
