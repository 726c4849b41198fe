"""Human decisions from files of other tools: read, matched to records, and entered as judgements."""

from .enter import Labelled, enter_labels
from .said import FORMATS

__all__ = ["FORMATS", "Labelled", "enter_labels"]
