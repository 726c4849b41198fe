"""`gold/gold.yaml`: what a gold set is, how it was drawn and split, and which of its stages are locked."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..core.judgement import Drawn, Stage
from ..core.yamlfile import YamlFile
from .model import Review


class SplitRule(BaseModel):
    """How labels are divided: by the hash of `salt`, a colon and the id, within each decision."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    salt: str
    """Any text. It fixes which labels are `dev` and which are `test`, and it may not change later."""


class Lock(BaseModel):
    """A locked version of one stage's labels: made by `screener gold lock`, never by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int
    """Counts up with every lock."""
    sha256: str
    """Of the file `gold/<stage>.csv`, which may not be changed."""
    at: str
    """When it was locked."""
    drawn: Drawn
    """How the locked records were drawn; as `drawn` above."""
    drawn_at: str
    """When the last of the records were drawn."""
    frame: int
    """How many records they were drawn from."""
    samples: tuple[int, ...]
    """The numbers of the samples that it was made from."""
    reviewers: tuple[str, ...]
    """Who labelled."""
    adjudicators: tuple[str, ...] = ()
    """Who resolved the conflicts among the labels."""
    guide: str
    """Hash of what the reviewers were told: question, criteria, written guide."""
    earlier_wording: int = 0
    """How many of the single labels and rulings were given under an earlier wording than that."""
    blinded: dict[str, int] = {}
    """How many of the single labels were given blind, partly so, or it is not known."""


class GoldSpec(BaseModel):
    """The content of `gold/gold.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    """The set's name, as figures against it carry it."""
    status: Literal["human", "provisional"]
    """`provisional`: no human has confirmed the labels; every figure against them says so, and they open no gate."""
    level: Literal["abstract", "final"] = "abstract"
    """What a label of the abstract stage says: the title/abstract decision, or the review's final inclusion."""
    split: SplitRule
    """How labels are divided into `dev`, on which one may choose, and `test`, on which one may only measure."""
    drawn: Drawn = "chosen"
    """How the labelled records were drawn from those that the labels are to speak for. `random`: each with the same known
    chance, independently of any ranking: only such labels may feed a promise. `stratified`: at random within strata; each
    row has its `weight` (1/chance) and its `stratum`. `chosen`: any other way, also from the top of a ranking."""
    abstracts: str = ""
    """What is particular about the abstracts in `records.csv`, if anything; shown wherever they are."""
    attribution: str = ""
    """Whom to credit for the labels."""
    licence: str = ""
    """Under which licence they may be used."""
    locked: dict[Stage, Lock] = {}
    """The stages whose labels are locked; `status`, `level` and `drawn` above are those of the other stages."""

    def of(self, stage: Stage) -> "GoldSpec":
        """Return what holds of one stage: locked labels are human, whatever the rest is."""
        lock = self.locked.get(stage)
        if lock is None:
            return self
        return self.model_copy(update={"status": "human", "level": "abstract", "drawn": lock.drawn})


def gold_spec(review: Review) -> GoldSpec | None:
    """Return the gold set's description, or None where the review has no gold."""
    path = review.gold / "gold.yaml"
    return YamlFile(path).validate(GoldSpec) if path.is_file() else None


def records_file(review: Review) -> Path | None:
    """Return the records that come with the gold set, if any."""
    path = review.gold / "records.csv"
    return path if path.is_file() else None
