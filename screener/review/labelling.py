"""People's decisions from a file into the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Decision, Stage
from ..exchange.decisions import EnteredDecisions, LabelOptions, enter_judgements, enter_labels, is_judgement_file
from ..ledger import Ledger
from ..protocol import Review
from ..records import Export
from .changes import after_change


@dataclass(frozen=True)
class LabelResult:
    """What became of a file of decisions.

    `entered` decisions are new, `unchanged` were there already; `unjudged` rows hold none; `rejected` rows, by their
    number in the file, were not entered, with the reason. `unused` are columns of which nothing was read. `reviewers` has
    role, entered and unchanged by name.
    `agreement` is that of all people so far: records with two or more judgements, those judged alike, and the share;
    None where there are none.
    """

    format: str
    entered: int
    unchanged: int
    unjudged: int
    rejected: tuple[tuple[int, str], ...]
    reviewers: Mapping[str, Mapping[str, Any]]
    agreement: Mapping[str, Any] | None
    remarks: tuple[str, ...]
    number: int | None = None
    """The number by which the file can be taken back; None where nothing was entered."""
    unused: tuple[str, ...] = ()
    stages: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """Of a file of judgements, which names its stages: how far people agree at each, as `agreement`."""

    @classmethod
    def of(cls, labelled: EnteredDecisions) -> "LabelResult":
        """Take what was entered."""
        return cls(
            labelled.format,
            labelled.entered,
            labelled.unchanged,
            labelled.unjudged,
            tuple(labelled.rejected),
            labelled.reviewers,
            labelled.agreement,
            tuple(labelled.remarks),
            labelled.number,
            labelled.unused,
            labelled.stages,
        )

    @property
    def nothing(self) -> bool:
        """Return whether no row could be used."""
        return bool(self.rejected) and not self.entered and not self.unchanged

    def as_json(self) -> dict[str, Any]:
        """Return what `label --json` prints."""
        return {
            "format": self.format,
            "entered": self.entered,
            "unchanged": self.unchanged,
            "unjudged": self.unjudged,
            "rejected": [{"row": row, "reason": reason} for row, reason in self.rejected],
            "reviewers": self.reviewers,
            "agreement": self.agreement,
            "remarks": list(self.remarks),
            "label_file": self.number,
            "unused": list(self.unused),
            **({"stages": dict(self.stages)} if self.stages else {}),
        }


def label_file(ledger: Ledger, review: Review, stage: Stage | None, path: Path, options: LabelOptions) -> LabelResult:
    """Enter the decisions of a file; see `exchange.decisions` for what is refused. Only a file of judgements has stages."""
    export = Export.of(path)
    if is_judgement_file(export):
        labelled = enter_judgements(ledger, review, stage, export, options)
    elif stage is None:
        raise BadInput("--stage is missing: say whether these are decisions at `abstract` or `fulltext`")
    else:
        labelled = enter_labels(ledger, review, stage, path, options)
    after_change(ledger, review)
    return LabelResult.of(labelled)


def label_options(
    reviewer: str | None, columns: Mapping[str, str] | None, decision: str | None, overrule: bool
) -> LabelOptions:
    """Return the options of `label`; `BadInput` for a decision that is none."""
    if decision is not None and decision not in set(Decision):
        raise BadInput(f"--decision: `{decision}` is none of {', '.join(Decision)}")
    return LabelOptions(reviewer, columns or {}, Decision(decision) if decision else None, overrule)
