"""When a value of gold is nowhere in the text as it was read: told of what the page must show, and of nothing else."""

import pytest

from screener.documents import Document
from screener.evaluation.gold_in_text import TextAsRead
from screener.forms import ItemField, Quantity
from screener.gold import GoldItem

TEXT = (
    "We trained on 21,799 recordings of 10 seconds at 0.5 kHz. The AUROC was 93.1 %.\n"
    "Three data sets were used, among them PTB-\nXL and Chap-\nman. Code: github.com/Lab/net\n"
)
NUMBER = ItemField("n", "", "number")
SECONDS = ItemField("n", "", "number", quantity=Quantity({"s": 1.0, "ms": 0.001}))
HERTZ = ItemField("n", "", "number", quantity=Quantity({"Hz": 1.0, "kHz": 1000.0}))
NAME, NAMES, LINK, CODE = (ItemField("n", "", kind) for kind in ("text", "texts", "url", "code"))  # type: ignore[arg-type]


def lacks(value: object, item: ItemField, quote: str | None = None) -> bool:
    documents = {"paper.pdf": Document(text=TEXT, pages=(0,), blocks=(), reader="test")}
    gold = GoldItem.model_validate({"id": "s", "path": "n", "status": "reported", "value": value, "quote": quote})
    return TextAsRead(documents).lacks(gold, item)


@pytest.mark.parametrize(
    ("value", "item"), [(21799, NUMBER), (0.931, NUMBER), (93.1, NUMBER), (3, NUMBER), (500, HERTZ), (10, SECONDS)]
)
def test_a_number_is_there_in_any_writing(value: float, item: ItemField) -> None:
    assert not lacks(value, item)


def test_a_number_that_the_page_shows_and_the_text_has_not_is_the_parsers_fault() -> None:
    assert lacks(0.913, NUMBER)
    assert lacks(0.913, NUMBER, "an AUROC of 0.913 on the test set")
    # Gold counted it: no page shows it.
    assert not lacks(7, NUMBER, "PTB-XL, Chapman and five others")


def test_a_text_is_looked_for_without_line_ends_hyphens_and_case() -> None:
    assert not lacks("ptb-xl", NAME, "among them PTB-XL")
    assert not lacks(["Chapman", "PTB-XL"], NAMES, "PTB-XL and Chapman")
    assert lacks("Georgia", NAME, "Chapman and Georgia")
    assert lacks(["Chapman", "Georgia"], NAMES, "Chapman and Georgia")
    # A labeller's own words need not be on the page.
    assert not lacks("three public collections", NAME, "Three data sets were used")
    assert not lacks("three public collections", NAME)


def test_addresses_are_looked_for_and_codes_are_not() -> None:
    assert not lacks("https://github.com/Lab/net", LINK, "our code")
    assert lacks("https://zenodo.org/1", LINK, "our weights")
    assert not lacks("masked", CODE)


def test_without_a_document_nothing_is_told() -> None:
    gold = GoldItem.model_validate({"id": "s", "path": "n", "status": "reported", "value": 5})
    assert not TextAsRead({}).lacks(gold, NUMBER)
