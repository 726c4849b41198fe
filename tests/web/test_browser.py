"""The app in a real browser: Debian's Chromium, driven by Playwright. Screenshots go to the test's folder."""

import os
from pathlib import Path

import pytest
from support import Cli
from support.browser import needs_browser
from support.web_app import STAGE, drafts_of, human

pytestmark = needs_browser
SCREENS = (
    ("o", ".stages", "overview"), ("s", "#judge", "screen"), ("r", "table", "records"), ("c", "main", "conflicts"),
    ("d", "main", "duplicates"), ("l", ".stages", "gold"),
)  # fmt: skip


@pytest.mark.slow
def test_ten_records_by_keyboard_alone(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("s")
    said: dict[str, str] = {}
    for number in range(10):
        if number % 3 == 0:
            desk.keys("n")
        elif number % 3 == 1:
            desk.keys("y", "y")
        else:
            desk.keys("y", "u")
        wanted = ("exclude", "include", "unclear")[number % 3]
        desk.page.wait_for_selector(f"#verdict .tag.{wanted}")
        if number == 4:
            desk.keys("m")
            desk.page.keyboard.type("a note, with y and n in it")
            desk.keys("Escape")
        said[desk.save()] = wanted
    mine = human(folder, "ada")
    assert {name: judgement.decision.value for name, judgement in mine.items()} == said
    assert len(said) == 10
    assert [judgement.reason for judgement in mine.values() if judgement.reason] == ["a note, with y and n in it"]


@pytest.mark.slow
def test_undo_previous_skip_and_open_questions_by_keyboard(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("s")
    first = desk.record
    desk.keys("Enter")
    desk.page.wait_for_selector("#open-hint:not([hidden])")
    assert "No question answered" in desk.page.inner_text("#open-hint")
    desk.keys("y", "Enter")
    assert "1 question unanswered" in desk.page.inner_text("#open-hint")
    assert desk.save() == first
    assert human(folder, "ada")[first].decision == "unclear"
    desk.keys("z")
    desk.page.wait_for_function("name => document.querySelector('#judge [name=record]')?.value === name", arg=first)
    assert human(folder, "ada") == {}
    desk.keys("a")
    desk.page.wait_for_selector("#verdict .tag.include")
    desk.save()
    second = desk.record
    desk.keys("s")
    desk.page.wait_for_function("name => document.querySelector('#judge [name=record]')?.value !== name", arg=second)
    desk.keys("p")
    desk.page.wait_for_function("name => document.querySelector('#judge [name=record]')?.value === name", arg=first)
    assert "your decision of" in desk.page.inner_text(".strip")


@pytest.mark.slow
def test_what_is_typed_is_kept_at_once(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("s")
    name = desk.record
    desk.keys("y", "m")
    desk.page.keyboard.type("half a sen")
    desk.page.wait_for_selector("#verdict .saved:text('draft saved')")
    desk.page.wait_for_timeout(400)
    assert drafts_of(folder, "ada")[name]["note"] == "half a sen"
    desk.page.reload()
    desk.page.wait_for_selector("#judge")
    assert desk.record == name
    assert desk.page.input_value("#note") == "half a sen"


@pytest.mark.slow
def test_two_reviewers_at_once_and_their_conflict(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    ada, ben = open_desk("ada"), open_desk("ben")
    ada.go("s")
    ben.go("s")
    assert ada.record == ben.record
    ada.keys("y", "y")
    ben.keys("n")
    name = ada.save()
    assert ben.save() == name
    ada.go("c")
    assert ada.record == name
    ada.keys("1", "n", "m")
    ada.page.keyboard.type("only in the title")
    ada.keys("Escape")
    ada.page.wait_for_selector("#verdict .tag.exclude")
    ada.keys("Enter")
    ada.page.wait_for_selector("text=No conflicts to resolve")
    ruling = human(folder, "ada", "adjudicator")[name]
    assert (ruling.decision, ruling.reason, ruling.failed()) == ("exclude", "only in the title", "signal")
    assert human(folder, "ada")[name].decision == "include"


@pytest.mark.slow
def test_a_title_that_is_a_script_does_nothing(open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.page.goto(desk.page.url.partition("/screen")[0].rstrip("/") + f"/screen/{STAGE}?record=r3")
    desk.page.wait_for_selector("#judge")
    assert desk.page.evaluate("window.taken") is None
    assert "<script>" in desk.page.inner_text("#record-title")


@pytest.mark.slow
def test_every_control_has_a_name_and_focus_is_seen(open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    for key, wanted in (
        ("s", "#judge"),
        ("r", "table"),
        ("o", ".stages"),
        ("l", ".stages"),
        ("d", "main"),
        ("c", "main"),
    ):
        desk.go(key, wanted)
        nameless = desk.page.evaluate(
            """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea')]
            .filter(one => one.offsetParent && !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length))
            .map(one => one.outerHTML)"""
        )
        assert nameless == []
    desk.keys("Tab")
    assert desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("theme", "size"),
    [("light", (1280, 800)), ("dark", (1280, 800)), ("light", (820, 1180))],
)
def test_screens_fit_and_are_photographed(tmp_path: Path, open_desk, theme: str, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada", theme, size)
    pictures = Path(os.environ.get("SCREENER_SHOTS", tmp_path / "shots"))
    pictures.mkdir(parents=True, exist_ok=True)
    for key, wanted, name in SCREENS:
        desk.go(key, wanted)
        desk.page.wait_for_timeout(200)
        desk.page.screenshot(path=pictures / f"{name}-{theme}-{size[0]}.png")
        wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is wider than the window"
    ground = desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    desk.keys("t")
    assert desk.page.evaluate("getComputedStyle(document.body).backgroundColor") != ground


@pytest.mark.slow
def test_what_is_typed_ahead_is_meant_for_the_next_record(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.go("s")
    first = desk.record
    desk.keys("n", "Enter", "y", "y", "Enter", "n")
    desk.page.wait_for_function("() => document.querySelector('.strip strong')?.textContent.startsWith('2 done')")
    mine = human(folder, "ada")
    assert mine[first].decision == "exclude"
    assert sorted(judgement.decision for judgement in mine.values()) == ["exclude", "include"]


@pytest.mark.slow
def test_a_title_that_is_one_long_word_keeps_the_pages_as_wide_as_the_window(  # type: ignore[no-untyped-def]
    open_desk, folder: Path, cli: Cli, tmp_path: Path
) -> None:
    table = tmp_path / "long.csv"
    table.write_text(f"id,title\nlong,{'Electrocardiography' * 40}\n")
    assert cli("import", table, "--review", folder).code == 0
    page = open_desk("ada").page
    start = page.url.partition("?")[0]
    for path, shown in (("screen/abstract?record=long", "#judge"), ("records", "[data-stop=long]")):
        page.goto(start + path)
        page.wait_for_selector(shown)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
