"""What the code promises of its own shape: rooms on floors, small functions, declared dependencies."""

import re
import tomllib

import house
from support import ROOT

MOST_ROOMS, LONGEST_CHAIN, MOST_ARROWS = 24, 12, 140
SQL = {"ledger", "team"}
"""The rooms that know SQL."""
MOST_LINES, MOST_PARAMETERS, MOST_LINES_OF_A_MODULE = 60, 7, 450

OTHER_NAMES = {
    "argon2": "argon2-cffi",
    "docx": "python-docx",
    "markdown_it": "markdown-it-py",
    "yaml": "pyyaml",
    "sklearn": "scikit-learn",
}
"""Packages that are imported by another name than that of their distribution."""
FOR_EXTRAS_ONLY = {"test", "docs"}
"""Extras that nothing in the program may need."""


def test_rooms_are_few_and_stand_on_floors() -> None:
    assert not house.circles()
    imported, height = house.arrows(), house.floors()
    arrows, chain = sum(map(len, imported.values())), max(height.values())
    print(f"{len(imported)} rooms, {arrows} arrows, longest chain of {chain} rooms")
    assert len(imported) <= MOST_ROOMS
    assert chain <= LONGEST_CHAIN
    assert arrows <= MOST_ARROWS


CLOCK = re.compile(r"\b(perf_counter|monotonic|process_time|time\.time)(_ns)?\(")


def test_no_test_asserts_how_long_something_takes() -> None:
    """A busy machine would fail it; how fast something is, a benchmark measures. A limit to waiting is no such assertion."""
    lines = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.lstrip().startswith("assert ") and CLOCK.search(line) and "- " in line
    ]
    assert lines == []


def test_no_test_imports_another() -> None:
    paths = sorted((ROOT / "tests").rglob("*.py"))
    importing = re.compile(r"^\s*(from|import) +\.*([\w.]+\.)?test_", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in paths if importing.search(path.read_text(encoding="utf-8"))] == []


def test_no_module_lies_outside_a_room() -> None:
    assert house.loose_modules() == []


def test_modules_are_short() -> None:
    lengths = {path: len((house.HOUSE / path).read_text(encoding="utf-8").splitlines()) for path in house.modules()}
    assert {str(path): lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_MODULE} == {}


def test_functions_are_short() -> None:
    assert [str(function) for function in house.functions() if function.lines > MOST_LINES] == []


def test_functions_have_few_parameters() -> None:
    """Commands are left out: their parameters are the options of the command line, and Typer has no other place for them."""
    functions = house.functions()
    assert sum(function.is_command for function in functions) >= 20, "commands are no longer recognised"
    wide = [function for function in functions if function.parameters > MOST_PARAMETERS and not function.is_command]
    assert [str(function) for function in wide] == []


def declared() -> dict[str, set[str]]:
    """The distributions that `pyproject.toml` names, by extra; those of the core under an empty name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in lines} for extra, lines in groups.items()}


def distribution(package: str) -> str:
    return OTHER_NAMES.get(package, package.replace("_", "-").lower())


def test_what_is_imported_is_declared() -> None:
    known = set().union(*(names for extra, names in declared().items() if extra not in FOR_EXTRAS_ONLY))
    missing = {package: paths for package, paths in house.third_party().items() if distribution(package) not in known}
    assert missing == {}


def test_dependencies_have_lower_bounds_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    assert [line for line in lines if not re.fullmatch(r"[a-zA-Z0-9_-]+(\[[a-z,]+\])?>=[0-9.]+", line)] == []


def test_only_the_app_needs_the_packages_of_its_extra() -> None:
    paths = {
        path
        for package, paths in house.third_party().items()
        if distribution(package) in declared()["ui"]
        for path in paths
    }
    assert {path.parts[0] for path in paths} == {"web", "cli"}


def test_the_contract_on_sql_binds_every_room_but_ledger_and_team() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [bound] = [one["source_modules"] for one in contracts if one["name"] == "Only ledger and team know SQL"]
    assert sorted(bound) == [f"screener.{room}" for room in sorted(house.rooms()) if room not in SQL]


def test_sqlalchemy_is_imported_by_ledger_and_team_alone() -> None:
    assert {path.parts[0] for path in house.third_party()["sqlalchemy"]} == SQL
