"""Tags: put on and taken off, undone, suggested, searched, exported; nobody sees another's before judging."""

from pathlib import Path

import pytest
from support import Cli
from support.web_app import Running, record_on

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

CARD = "/screen/abstract/card"
NO = {"answer.signal": "no"}


def chips(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split("Remove the tag ")[1:]]


def test_a_tag_is_put_on_and_taken_off_in_lower_case_and_once(ada: Running) -> None:
    said = ada.post("/tags/abstract", record="r1", tag=" Animal  study, #Protocol,animal study").text
    assert chips(said) == ["animal study", "protocol"]
    assert "Tagged: animal study, protocol" in said
    assert chips(ada.post("/tags/abstract", record="r1", tag="protocol").text) == ["animal study", "protocol"]
    assert chips(ada.post("/tags/abstract", record="r1", tag="-protocol").text) == ["animal study"]
    assert chips(ada.post("/tags/abstract", record="r1", tag="animal study", on="0").text) == []
    assert ada.post("/tags/abstract", record="r1", tag="x" * 41).status_code == 400
    assert ada.post("/tags/abstract", record="nope", tag="x").status_code == 400


def test_a_tag_is_suggested_on_the_next_record_and_only_text(ada: Running) -> None:
    ada.post("/tags/abstract", record="r1", tag="<script>")
    page = ada.get(CARD, record="r2").text
    assert '<option value="&lt;script&gt;">' in page
    assert chips(page) == []


def test_undo_takes_back_what_was_done_last_tag_or_decision(ada: Running) -> None:
    first = record_on(ada.get(CARD).text)
    ada.post("/tags/abstract", record=first, tag="animal")
    second = record_on(ada.post("/screen/abstract/decide", record=first, **NO).text)
    ada.post("/tags/abstract", record=second, tag="protocol")
    ada.post("/tags/abstract", record=second, tag="-protocol")
    undone = ada.post("/screen/abstract/undo", record=second).text
    assert (record_on(undone), chips(undone)) == (second, ["protocol"])
    assert "Tag restored: protocol" in undone
    assert chips(ada.post("/screen/abstract/undo", record=second).text) == []
    back = ada.post("/screen/abstract/undo", record=second).text
    assert "Undone: exclude" in back
    assert (record_on(back), chips(back)) == (first, ["animal"])
    assert chips(ada.post("/screen/abstract/undo", record=first).text) == []
    assert "Nothing to undo" in ada.post("/screen/abstract/undo", record=first).text


def test_nobody_sees_anothers_tags_before_their_own_judgement(ada: Running, ben: Running) -> None:
    ada.post("/tags/abstract", record="r1", tag="surely-out")
    ada.post("/screen/abstract/decide", record="r1", **NO)
    for page in (
        ben.get(CARD, record="r1"),
        ben.get(CARD, record="r2"),
        ben.get("/records"),
        ben.get("/records", q="paper 1"),
    ):
        assert "surely-out" not in page.text
    assert "Nothing matches" in ben.get("/records", q="surely-out").text
    assert "Nothing matches" in ben.get("/records", tag="surely-out").text
    ben.post("/screen/abstract/decide", record="r1", **NO)
    assert "surely-out" in ben.get(CARD, record="r1").text
    assert chips(ben.get(CARD, record="r1").text) == []  # not his to take off
    assert "Paper 1 on" in ben.get("/records", tag="surely-out").text


def test_records_are_found_by_tag(ada: Running) -> None:
    for name in ("r1", "r2"):
        ada.post("/tags/abstract", record=name, tag="animal study")
    ada.post("/tags/abstract", record="r2", tag="-animal study")
    for query in ({"tag": "animal study"}, {"q": "animal"}):
        page = ada.get("/records", **query).text
        assert "Paper 1 on" in page
        assert "Paper 2 on" not in page


def test_tags_are_exported_with_who_put_them_there(folder: Path, ada: Running, ben: Running, cli: Cli) -> None:
    for app in (ada, ben):
        app.post("/tags/abstract", record="r1", tag="animal")
    ben.post("/tags/abstract", record="r1", tag="=risky")
    done = cli("export", "--review", folder, "--json")
    assert {row["id"]: row["tags"] for row in done.json if row["tags"]} == {"r1": "=risky (ben); animal (ada, ben)"}
    assert "'=risky (ben); animal" in cli("export", "--review", folder).out
