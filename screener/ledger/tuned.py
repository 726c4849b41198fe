"""How much the wording of a stage was tuned: what the ledger's runs tell of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from .runs import end_run, runs


@dataclass(frozen=True)
class TuningCounts:
    """How much a stage's wording was tuned: in how many rounds, and how many variants were tried.

    A round is the wording that held while variants were tried. A variant whose file was changed in between counts again.
    """

    rounds: int = 0
    variants: int = 0
    names: tuple[str, ...] = ()
    proposals: int = 0
    """How often a model was asked for other wording."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        return {
            "rounds": self.rounds,
            "variants": self.variants,
            "names": list(self.names),
            "proposals": self.proposals,
        }

    @property
    def sentence(self) -> str:
        """Return the counts in words; empty where nothing was tried."""
        if not self.variants:
            return ""
        variants = f"{self.variants} variant{'s' * (self.variants != 1)} tried"
        return f"the wording of this stage was tuned on gold dev: {variants} in {self.rounds} round{'s' * (self.rounds != 1)}"


NOT_TUNED = TuningCounts()


def tuning_counts(specifications: Mapping[str, Mapping[str, Any]], stage: str) -> TuningCounts:
    """Return how much a stage's wording was tuned, from how the ledger's runs were set up."""
    here = [found for spec in specifications.values() if (found := spec.get("tuning")) and found["stage"] == stage]
    tried = [found for found in here if found["kind"] == "try"]
    return TuningCounts(
        len({found["base"] for found in tried}),
        len({(found["base"], found["wording"]) for found in tried}),
        tuple(dict.fromkeys(found["variant"] for found in tried)),
        sum(found["kind"] == "propose" for found in here),
    )


@dataclass(frozen=True)
class TriedOnDev:
    """A variant as it was tried: by whom, when, and what came of it on `check`, as `tune try --json` has it."""

    at: str
    stage: str
    variant: str
    reviewer: str
    wording: str
    """The hash of the instructions that it makes."""
    cost_usd: float | None
    check: Mapping[str, Any] | None
    """None where the trial did not come to its figures."""


def keep_trial(connection: Connection, run_id: str, asked: Mapping[str, Any], check: Mapping[str, Any]) -> None:
    """Keep with a trial's run what came of it; `asked` is what the run has so far."""
    end_run(connection, run_id, {**asked, "check": dict(check)})


def trials(connection: Connection) -> list[TriedOnDev]:
    """Return the variants that were tried, oldest first, each as often as it was."""
    found = []
    for row in runs(connection):
        told, summary = json.loads(row["specification"]).get("tuning"), json.loads(row["summary"] or "{}")
        if told and told["kind"] == "try":
            found.append(
                TriedOnDev(
                    row["at"], told["stage"], told["variant"], told["reviewer"], told["wording"],
                    summary.get("cost_usd"), summary.get("check"),
                )
            )  # fmt: skip
    return found
