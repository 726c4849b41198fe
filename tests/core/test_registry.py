"""A registry has built-in entries and those that installed packages declare; what is wrong with one is one clear line."""

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path

import pytest

from screener.core import registry
from screener.core.errors import BadInput
from screener.core.registry import Registry
from screener.exchange.decisions import DECISION_FILES
from screener.exchange.exporters import EXPORTERS
from screener.models import MODELS
from screener.protocol.reviewer_kinds import REVIEWERS
from screener.records import READERS
from screener.sources import DATABASES

GROUP = "screener.colours"


Declare = Callable[..., None]


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Have a package declare an entry."""
    monkeypatch.syspath_prepend(str(tmp_path))
    points: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: [point for point in points if point.group == group])

    def declared(package: str, name: str, code: str, group: str = GROUP) -> None:
        module = package.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code)
        folder = tmp_path / f"{module}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {package}\nVersion: 1.0\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        points.append(EntryPoint(name, f"{module}:ENTRY", group)._for(PathDistribution(folder)))  # type: ignore[attr-defined]

    return declared


def colours(**built_in: int) -> Registry[int]:
    return Registry(GROUP, int, built_in)


BLUE = "ENTRY = 2"


def test_the_entries_of_packages_stand_after_the_built_in_ones_and_are_asked_before_them(declare: Declare) -> None:
    declare("more-colours", "blue", BLUE)
    entries = colours(red=1)
    assert entries.names == ["red", "blue"]
    assert list(entries.values()) == [2, 1]
    assert "blue" in entries
    assert entries["blue"] == 2


def test_a_package_is_imported_when_its_entry_is_asked_for(declare: Declare) -> None:
    declare("broken-colours", "blue", "raise RuntimeError('no paint\\nleft')")
    entries = colours(red=1)
    assert entries["red"] == 1
    with pytest.raises(BadInput) as raised:
        entries["blue"]
    assert str(raised.value) == (
        "screener.colours: `blue` of broken-colours (broken_colours:ENTRY) cannot be loaded (RuntimeError: no paint left); "
        "update or uninstall that package"
    )


def test_an_entry_of_another_type_is_refused(declare: Declare) -> None:
    declare("odd-colours", "blue", "ENTRY = 'blue'")
    with pytest.raises(BadInput, match=r"`blue` of odd-colours \(odd_colours:ENTRY\) is a str, no int"):
        colours()["blue"]


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="nothing is named `green`; known: red"):
        colours(red=1)["green"]


def test_a_name_that_is_taken_twice_is_refused_with_both(declare: Declare) -> None:
    declare("more-colours", "blue", BLUE)
    declare("other-colours", "blue", BLUE)
    with pytest.raises(
        BadInput, match=r"by both more-colours \(more_colours:ENTRY\) and other-colours \(other_colours"
    ):
        colours().names  # noqa: B018
    with pytest.raises(
        BadInput, match=r"`blue` of more-colours \(more_colours:ENTRY\) is the name of a built-in entry"
    ):
        colours(blue=0).names  # noqa: B018


def test_a_name_that_means_something_already_is_no_packages(declare: Declare) -> None:
    declare("more-colours", "blue", BLUE)
    with pytest.raises(
        BadInput, match=r"`blue` of more-colours \(more_colours:ENTRY\) is the name of a built-in entry"
    ):
        Registry(GROUP, int, reserved=("blue",)).names  # noqa: B018


def test_what_can_be_read_written_and_asked_is_in_registries() -> None:
    assert {"ris", "medline", "wos-tagged", "endnote-tagged", "jsonl", "pubmed", "table"} <= set(READERS.names)
    assert EXPORTERS.names[:6] == ["csv", "jsonl", "xlsx", "ris", "judgements", "asreview"]
    assert {"rayyan", "covidence", "asreview", "asreview_project", "ris"} <= set(DECISION_FILES.names)
    assert MODELS.names[:3] == ["openai", "langchain", "systemone"]
    registries = (READERS, DECISION_FILES, EXPORTERS, MODELS, REVIEWERS, DATABASES)
    assert [registry.group.removeprefix("screener.") for registry in registries] == [
        "readers", "decision_files", "exporters", "models", "reviewers", "sources",
    ]  # fmt: skip


def test_a_package_that_ends_the_program_when_it_is_imported_is_named(declare: Declare) -> None:
    declare("quitting-colours", "green", "import sys\nsys.exit(7)")
    with pytest.raises(BadInput, match=r"`green` of quitting-colours .* cannot be loaded \(SystemExit: 7\)"):
        colours(red=1)["green"]
