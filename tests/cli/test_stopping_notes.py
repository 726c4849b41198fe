"""What `screener check` tells of a queue that learns: a rule that is missing, and what the recall sample can show."""

from pathlib import Path

import pytest
from support import Cli
from support.hearts import hearts


def notes(folder: Path, cli: Cli, lines: str, records: int = 3) -> list[str]:
    review = hearts(folder, cli, "abstract", records=records)
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("    decided_by", f"    {lines}\n    decided_by"))
    done = cli("check", "--review", folder, "--json")
    assert done.code == 0, done.err
    told: list[str] = done.json["stopping"].get("abstract", [])
    plain = " ".join(cli("check", "--review", folder).out.split())
    assert all(" ".join(note.split()) in plain for note in told)
    return told


def test_a_learned_queue_without_a_rule_is_told_what_to_write(tmp_path: Path, cli: Cli) -> None:
    (note,) = notes(tmp_path, cli, "queue: learned")
    assert "`stopping: {rule: buscar, target: 0.95}`" in note


def test_a_queue_in_random_order_is_told_nothing(tmp_path: Path, cli: Cli) -> None:
    assert notes(tmp_path, cli, "queue: random") == []


@pytest.mark.parametrize(
    ("sample", "target", "told"),
    [
        # 0.025 ** (1 / 72) is 0.950, and 0.025 ** (1 / 10) is 0.69.
        (71, 0.95, "71 is too small to show a recall of 0.95: that takes 72 kept records in it"),
        (144, 0.95, "144 can show a recall of 0.95 only if 72 of its records are kept (50 % of them)"),
        (200, 0.8, "200 can show a recall of 0.8 only if 17 of its records are kept (8 % of them)"),
        (200, 1.0, "200 can estimate recall, not show a recall of 1"),
    ],
)
def test_what_the_sample_can_show(tmp_path: Path, cli: Cli, sample: int, target: float, told: str) -> None:
    rule = f"{{rule: buscar, target: {target}, sample: {sample}}}"
    first, note = notes(tmp_path, cli, f"queue: learned\n    stopping: {rule}", records=sample)
    assert "promises nothing" in first
    assert told in note
    assert "with 10 kept ones, all found, its interval begins at 0.69" in note
