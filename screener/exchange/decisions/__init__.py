"""Human decisions from files of other tools: read, matched to records, and entered as judgements."""

from .decision_file import Asked, DecisionFile, DecisionReader, DecisionRow, Opinion
from .enter import Labelled, enter_labels
from .formats import DECISION_FILES, FORMATS

__all__ = [
    "DECISION_FILES",
    "FORMATS",
    "Asked",
    "DecisionFile",
    "DecisionReader",
    "DecisionRow",
    "Labelled",
    "Opinion",
    "enter_labels",
]
