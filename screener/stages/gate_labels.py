"""What a check of a gate is read from."""

from dataclasses import dataclass

from ..core.judgement import Decision


@dataclass(frozen=True)
class GateData:
    """Hold what a check is read from: (label's id, its decision, the reviewer's) for each test label, or label
    of an update's sample, that counts.

    `lacks` says why no bound can be read from it; empty if one can.
    """

    pairs: tuple[tuple[str, Decision, Decision], ...]
    hash: str
    lacks: str = ""

    @property
    def positives(self) -> int:
        """Return how many of the labels gold keeps."""
        return sum(label.kept for _, label, _ in self.pairs)

    @property
    def kept(self) -> int:
        """Return how many of these the reviewer keeps too."""
        return sum(label.kept and judged.kept for _, label, judged in self.pairs)
