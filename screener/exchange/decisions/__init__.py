"""Human decisions from files of other tools: read, matched to records, and entered as judgements."""

from .decision_file import DecisionFile, DecisionFileRequest, DecisionReader, DecisionRow, Opinion
from .enter import EnteredDecisions, LabelOptions, enter_labels
from .formats import DECISION_FILES, FORMATS

__all__ = [
    "DECISION_FILES",
    "FORMATS",
    "DecisionFile",
    "DecisionFileRequest",
    "DecisionReader",
    "DecisionRow",
    "EnteredDecisions",
    "LabelOptions",
    "Opinion",
    "enter_labels",
]
