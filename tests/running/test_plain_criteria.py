"""Criteria in plain sentences, from the command line: ranks before any label, suggestions after a few, never a promise."""

import csv
from pathlib import Path

import pytest
import yaml
from support import Cli


def plain(review: Path) -> None:
    """Take the cues and thresholds away: what is left are sentences."""
    path = review / "prompts" / "review.yaml"
    protocol = yaml.safe_load(path.read_text())
    for criterion in protocol["stages"]["abstract"]["criteria"]:
        criterion.pop("cues", None)
    protocol["reviewers"]["embedded"] = {"kind": "embedded"}
    path.write_text(yaml.safe_dump(protocol, sort_keys=False))


@pytest.mark.slow
def test_plain_criteria_suggest_exclusions_only_after_a_kept_label(ecg: Path, cli: Cli, tmp_path: Path) -> None:
    plain(ecg)
    first = cli("run", "--stage", "abstract", "--json").json
    assert "suggests no exclusion" in first["notices"][0]
    by_rule = first["exclude"]
    rows = list(csv.DictReader(cli("export").out.splitlines()))
    assert len({row["probability"] for row in rows}) > 100, "it ranks"
    with (ecg / "gold" / "abstract.csv").open() as file:
        excluded = [row["id"] for row in csv.DictReader(file) if row["decision"] == "exclude"]
    labels = tmp_path / "anna.csv"
    labels.write_text("id,decision\n" + "".join(f"{name},exclude\n" for name in excluded))
    cli("label", labels, "--reviewer", "anna", "--stage", "abstract")
    nothing = cli("run", "--stage", "abstract", "--fit")
    assert nothing.code == 2
    assert "was kept" in nothing.err

    gold = ecg / "gold" / "gold.yaml"
    gold.write_text(gold.read_text().replace("status: provisional", "status: human"))
    fitted = cli("run", "--stage", "abstract", "--fit")
    told = " ".join(fitted.err.split())
    assert fitted.code == 0
    assert "Estimated recall" in told
    assert "nothing is promised" in told
    (estimated,) = (
        lack
        for lack in cli("evaluate", "--stage", "abstract", "--quality", "--json").json["missing"]
        if lack["code"] == "fit"
    )
    assert "estimated recall" in estimated["sentence"], "the page of quality says it too"
    assert "suggests no exclusion" not in fitted.out
    again = cli("run", "--stage", "abstract", "--fit", "--json").json
    assert again["fit"] == {"compared": 120, "excluded": 0, "kept": 0}, "the same labels make the same fit"
    assert "notices" not in again
    rows = list(csv.DictReader(cli("export").out.splitlines()))
    assert sum(row["decision"] == "exclude" for row in rows) > by_rule
