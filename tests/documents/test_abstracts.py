"""The abstract in a document is known as such in every format, however short it is and whatever stands beside it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from screener.documents import layout, own_abstract, passages_of

SHORT = "We asked 90 runners in two towns how far they ran. Most of them did not know."
LONG = " ".join(["We asked many runners in two towns how far they ran on the day before."] * 5)
OTHER = " ".join(["Whoever runs may like to know how far, and this page says why that is hard."] * 5)
INTRODUCTION = " ".join(["Nobody knows why people who run are asked so often how far they have come."] * 9)
PARTS = ("Background", "Methods", "Results", "Conclusions")


def jats(abstracts: str, body: str = "") -> str:
    return (
        f"<article><front><article-meta><title-group><article-title>On runners</article-title></title-group>{abstracts}"
        f"</article-meta></front><body><sec><title>Introduction</title><p>{INTRODUCTION}</p></sec>{body}</body></article>"
    )


def page(*sections: tuple[str, str]) -> str:
    return "<h1>On runners</h1>" + "".join(
        f"<h2>{head}</h2>" + f"<p>{words}</p>" * bool(words) for head, words in sections
    )


def docling(*sections: tuple[str, str]) -> str:
    texts = [{"label": "title", "text": "On runners"}]
    for head, words in sections:
        texts += [{"label": "section_header", "text": head}] + [{"label": "text", "text": words}] * bool(words)
    body = {"children": [{"$ref": f"#/texts/{number}"} for number in range(len(texts))]}
    return json.dumps({"schema_name": "DoclingDocument", "version": "1.10.0", "body": body, "texts": texts})


def markdown(*sections: tuple[str, str]) -> str:
    return "# On runners\n\n" + "".join(f"## {head}\n\n{words}\n\n" for head, words in sections)


def abstract_of(folder: Path, name: str, written: str, known: str = "") -> str:
    (folder / name).write_text(written, encoding="utf-8")
    return own_abstract(passages_of({"main": layout(folder / name)}), known)[0]


INTRO = ("Introduction", INTRODUCTION)
WRITERS = pytest.mark.parametrize(("name", "write"), [("a.html", page), ("a.json", docling), ("a.md", markdown)])


@WRITERS
def test_a_short_abstract_is_one(tmp_path: Path, name: str, write: Callable[..., str]) -> None:
    assert abstract_of(tmp_path, name, write(("Abstract", SHORT), INTRO)) == SHORT


@WRITERS
def test_parts_headed_as_sections_are_belong_to_the_abstract_above_them(
    tmp_path: Path, name: str, write: Callable[..., str]
) -> None:
    parts = [(part, SHORT) for part in PARTS]
    told = abstract_of(tmp_path, name, write(("Abstract", ""), *parts, INTRO, ("Methods", OTHER)))
    assert told.split("\n\n") == [line for part in parts for line in part]


@WRITERS
@pytest.mark.parametrize("heading", ["ABSTRACT:", "A B S T R A C T", "Summary", "Zusammenfassung", "摘要"])
def test_headings_of_an_abstract(tmp_path: Path, name: str, write: Callable[..., str], heading: str) -> None:
    assert abstract_of(tmp_path, name, write((heading, LONG), INTRO)) == LONG


@WRITERS
def test_of_several_it_is_the_one_headed_so_or_that_of_the_database(
    tmp_path: Path, name: str, write: Callable[..., str]
) -> None:
    written = write(("Graphical abstract", OTHER), ("Summary", OTHER), ("Abstract", LONG), ("Highlights", OTHER), INTRO)
    assert abstract_of(tmp_path, name, written) == LONG
    assert abstract_of(tmp_path, name, written, OTHER) == OTHER


@WRITERS
def test_a_summary_behind_the_papers_own_sections_is_none(tmp_path: Path, name: str, write: Callable[..., str]) -> None:
    assert abstract_of(tmp_path, name, write(INTRO, ("Summary", LONG))) == ""


@WRITERS
def test_a_part_of_the_abstract_that_is_known_does_not_stand_for_all_of_it(
    tmp_path: Path, name: str, write: Callable[..., str]
) -> None:
    assert abstract_of(tmp_path, name, write(("Abstract", SHORT), INTRO), f"{SHORT} {OTHER}") == ""
    assert abstract_of(tmp_path, name, write(("Abstract", ""), INTRO)) == ""


@pytest.mark.parametrize(
    ("abstracts", "told"),
    [
        (f"<abstract><p>{SHORT}</p></abstract>", SHORT),
        (f"<abstract><title>Resumen</title><p>{SHORT}</p></abstract>", SHORT),
        (f"<abstract><title>Why we ran</title><p>{LONG}</p></abstract>", f"Why we ran\n\n{LONG}"),
        (f"<abstract abstract-type='summary'><title>Summary</title><p>{OTHER}</p></abstract><abstract><p>{LONG}</p></abstract>", LONG),
        (f"<abstract abstract-type='graphical'><title>Abstract</title><p>{SHORT}</p></abstract><abstract><p>{LONG}</p></abstract>", LONG),
        (f"<abstract><p>{LONG}</p></abstract><abstract><title>Author summary</title><p>{OTHER}</p></abstract>", LONG),
        (f"<abstract><p>{LONG}</p></abstract><abstract><p>{OTHER}</p></abstract>", LONG),
        (f"<abstract><p>{LONG}</p></abstract><trans-abstract><p>{OTHER}</p></trans-abstract>", LONG),
    ],
)  # fmt: skip
def test_of_the_abstracts_of_an_article_it_is_the_first_of_no_kind(tmp_path: Path, abstracts: str, told: str) -> None:
    assert abstract_of(tmp_path, "a.xml", jats(abstracts)) == told
    assert abstract_of(tmp_path, "b.xml", jats("", f"<sec><title>Summary</title><p>{LONG}</p></sec>")) == ""
