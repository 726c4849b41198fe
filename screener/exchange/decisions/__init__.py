"""Human decisions from files of other tools: read, matched to records, and entered as judgements."""

from typing import TYPE_CHECKING

from ...core.faces import on_demand

if TYPE_CHECKING:
    from .decision_file import DecisionFile, DecisionFileRequest, DecisionReader, DecisionRow, Opinion
    from .enter import EnteredDecisions, LabelOptions, enter_labels
    from .formats import DECISION_FILES, FORMATS
    from .judgement_file import enter_judgements, is_judgement_file
else:
    __getattr__ = on_demand(__name__, __file__)

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
    "enter_judgements",
    "enter_labels",
    "is_judgement_file",
]
