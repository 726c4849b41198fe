"""Commands that write, killed in the middle and two at once: a few tries of the campaigns in `tests/attacks`."""

from pathlib import Path

import pytest
from attacks.commands_at_once import Places
from attacks.kill import kill_command
from support.writing import COMMANDS, FILES, MIGRATION, age, copied, prepare

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("writing")
    prepare(folder / "prepared")
    return folder


@pytest.mark.parametrize("name", ["import --undo", "label --undo", "gold lock", "ledger copy"])
def test_a_command_that_is_killed_leaves_the_review_as_it_was_or_whole(name: str, place: Path) -> None:
    outcome = kill_command(name, {**COMMANDS, **FILES}[name], place / "prepared", place, 3)
    assert (outcome.survived, outcome.lost) == (3, 0)


def test_a_migration_that_is_killed_begins_anew(place: Path) -> None:
    age(copied(place / "prepared", place / "old"))
    outcome = kill_command(MIGRATION, ("import", "more.csv"), place / "old", place, 3)
    assert (outcome.survived, outcome.lost) == (3, 0)


def test_two_commands_at_once_leave_what_they_leave_one_after_the_other(tmp_path: Path) -> None:
    places = Places(tmp_path)
    for first, second in (("label", "label"), ("import", "import --undo"), ("gold lock", "gold lock")):
        assert places.at_once(COMMANDS[first], COMMANDS[second]) == ""
