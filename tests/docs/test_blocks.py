"""The commands and programs in the pages are run, or a line above them says why not; both are counted."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servers import Server, openai_server
from support import Cli
from support.chat_run import answered, written
from support.doc_blocks import COMMAND, Terminal, blocks_of, pages
from support.doc_starts import STARTS, Start, review_at

REASONS = {
    "a network": "asks services on the internet",
    "a server": "goes on until it is stopped; other tests start it",
    "more labels": "takes more records, or labels of people, than an example has",
    "several machines": "starts workers of Dask; tests of their own do",
    "a person answers": "asks somebody question by question",
    "hours": "is a measurement that takes hours",
    "installs": "installs what is installed here",
}
"""Why a block may stand there without being run."""
DATABASE = "postgresql://user@host/database"
README = "README.md"  # `.ci/run` begins with its two commands; its list of commands is an overview of the pages
ALL = [block for page in pages() if page != README for block in blocks_of(page)]
CODE = [block for block in ALL if block.is_code]
RUN = [block for block in CODE if not block.why]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with openai_server() as started:
        yield started


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reviews of all steps lie that were made so far."""
    return tmp_path_factory.mktemp("steps")


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({block.page for block in RUN}))
def test_what_a_page_says_is_run(
    page: str, cli: Cli, made: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    monkeypatch.setenv("OPENAI_API_KEY", "no-key")
    terminal: Terminal | None = None
    heading = ""
    for number, block in enumerate(block for block in RUN if block.page == page):
        if terminal is None or (block.heading != heading and f"{page}#{block.heading}" in STARTS):
            start = STARTS.get(f"{page}#{block.heading}") or STARTS.get(page, Start())
            if "team-ledger" in page:
                monkeypatch.delenv("SCREENER_LEDGER", raising=False)
                database = request.getfixturevalue("cluster").new_database()
                start = replace(start, words={**start.words, DATABASE: database})
            terminal = at_the_beginning(start, tmp_path / f"review{number}", cli, made, server, monkeypatch)
        heading = block.heading
        terminal.run(block)


def at_the_beginning(
    start: Start, folder: Path, cli: Cli, made: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Return a terminal in a copy of the review that a page begins with."""
    if start.at == "nothing":
        folder.mkdir()
    else:
        shutil.copytree(review_at(start.at, made, cli, server.base_url), folder)
    monkeypatch.chdir(folder)
    start.prepare(cli)

    def answer(requests: Path, answers: Path) -> None:
        written(answers, answered(requests, server))

    return Terminal(cli, start.words, start.before, start.judge, answer, monkeypatch.setenv)


def test_no_command_stands_in_a_block_that_is_neither_run_nor_marked() -> None:
    assert [f"{block.page}:{block.line}" for block in ALL if COMMAND.search(block.body) and not block.is_code] == []


def test_what_is_not_run_says_why_and_is_the_smaller_part() -> None:
    assert {block.why for block in ALL} - {""} <= set(REASONS)
    assert [f"{block.page}:{block.line}" for block in ALL if block.why and not block.is_code] == []
    assert len(RUN) > 4 * (len(CODE) - len(RUN)), f"{len(RUN)} of {len(CODE)} blocks are run"


def test_every_page_that_starts_in_its_own_way_has_commands() -> None:
    known = {block.page for block in RUN} | {f"{block.page}#{block.heading}" for block in RUN}
    assert set(STARTS) - known == set()
