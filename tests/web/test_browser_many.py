"""In a real browser, by keyboard: tags, one decision on many, the machine's answers afterwards; gold drawn and locked."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from support.browser import needs_browser
from support.label_all import label_all
from support.unblinded import around, shown
from support.web_app import SECRET, human, running

from screener.ledger import tables as t
from screener.ledger.store import Ledger

pytestmark = [needs_browser, pytest.mark.slow]


def marks(folder: Path, kind: str) -> list[str]:
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        found = list(connection.execute(select(t.ui_events.c.body).where(t.ui_events.c.kind == kind)).scalars())
    ledger.close()
    return found


def test_tags_by_keyboard(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("s")
    desk.keys("l")
    desk.page.keyboard.type("Animal, protocol")
    desk.keys("Enter")
    desk.page.wait_for_selector(".chip:has-text('protocol')")
    desk.keys("l")
    desk.page.keyboard.type("-animal")
    desk.keys("Enter")
    desk.page.wait_for_function("() => document.querySelectorAll('.chip').length === 1")
    desk.keys("n", "z")  # the answer is not saved yet, so that the tag is what was done last
    desk.page.wait_for_function("() => document.querySelectorAll('.chip').length === 2")
    assert marks(folder, "tag") == ["animal", "protocol", "animal"]


def test_many_are_decided_on_by_keyboard_after_a_second_look(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("r", "table")
    desk.keys("/")
    desk.page.keyboard.type('"paper 1"')
    desk.keys("Enter")
    desk.page.wait_for_function("() => document.querySelectorAll('input[name=tick]').length === 5")
    desk.keys("x", "j", "j", "x")
    assert desk.page.inner_text("[data-count=tick]") == "2"
    desk.keys("d")
    desk.page.keyboard.type("exclude")
    desk.keys("Tab")
    desk.page.keyboard.type("all about mice")
    desk.keys("Enter")
    desk.page.wait_for_selector("#bulk-title:has-text('Exclude 2 records?')")
    assert human(folder, "ada") == {}
    desk.page.focus("main")
    desk.keys("Enter")
    desk.page.wait_for_selector("#message:has-text('Excluded: 2 records')")
    mine = human(folder, "ada")
    assert {name: (one.failed(), one.reason) for name, one in mine.items()} == {
        "r1": ("signal", "all about mice"), "r11": ("signal", "all about mice"),
    }  # fmt: skip
    desk.keys("z")
    desk.page.wait_for_selector("#message:has-text('Undone')")
    assert human(folder, "ada") == {}


def test_the_machines_answers_are_kept_or_changed_by_keyboard_and_nothing_typed_ahead_is_meant_for_them(
    folder: Path,
    open_desk,  # type: ignore[no-untyped-def]
) -> None:
    shown(folder, "after")
    desk = open_desk("ada")
    desk.go("s")
    first = desk.record
    assert SECRET not in desk.page.content()
    desk.keys("n", "Enter", "y", "y")
    desk.page.wait_for_selector(".machine")
    assert desk.page.is_checked("input[name='answer.signal'][value=no]")
    assert desk.page.get_attribute(".criterion.active", "data-stop") == "signal"
    assert desk.save() == first
    second = desk.record
    desk.keys("n", "Enter")
    desk.page.wait_for_selector(".machine")
    desk.keys("1", "y", "a", "Enter")
    desk.page.wait_for_function("name => document.querySelector('#judge [name=record]')?.value !== name", arg=second)
    mine = human(folder, "ada")
    assert (mine[first].decision, mine[second].decision) == ("exclude", "include")
    assert [blinded for blinded, _ in around(folder)] == ["blind", "open", "blind", "open"]


def test_gold_is_drawn_and_locked(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("l", ".stages")
    desk.page.fill("#n-abstract", "4")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#message:has-text('Drawn: 4 of 14')")
    assert desk.page.is_disabled(".lock button")
    label_all(folder)
    desk.page.reload()
    desk.page.check("input[name=sure]")
    desk.page.focus("#share-abstract")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#message:has-text('Locked as version 1: 4 labels')")
    assert (folder / "gold" / "abstract.csv").read_text().count("\n") == 5
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        sample = connection.execute(select(t.samples)).one()
    ledger.close()
    assert (sample.kind, sample.drawn, sample.n) == ("gold", "random", 4)
    assert json.loads(sample.body)["guide"]
    with running(folder, "ben") as app:
        assert "version 1" in app.enter().get("/gold").text
