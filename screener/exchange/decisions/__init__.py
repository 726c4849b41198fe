"""Human decisions from files of other tools: read, matched to records, and entered as judgements."""

from .decision_file import FORMATS
from .enter import Labelled, enter_labels

__all__ = ["FORMATS", "Labelled", "enter_labels"]
