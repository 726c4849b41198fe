"""Compare reviewers with gold and each other: accuracy, agreement, thresholds, gate checks, stopping."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from ..metrics import Estimate
from .stopping_state import stopping_state

if TYPE_CHECKING:
    from .agreement import AgreementEstimates, InterRaterAgreement, agreement_among, inter_rater_agreement, ratings_of
    from .chosen_thresholds import ChosenThresholds, PromiseRequest
    from .compare import ReviewerComparison
    from .evaluate import Measure, against, measure
    from .example_choice import ChosenExample, choose_examples
    from .extractions import Part
    from .extractor_agreement import ItemAgreement, compare_extractors
    from .figures import FIELDS, Calibration, Figures, JudgedPair, probabilities, stability
    from .gate_bounds import positives_needed
    from .gate_checks import check_gate, read_gate, record_check, shown_split, test_positives
    from .gate_sample import GateSampleSize, gate_sample_size
    from .item_parts import FormPartCounts
    from .items import ItemEvaluation, evaluate_items, values_offered, wrong_items
    from .other_words import Offer, OfferedValues
    from .pilots import read_pilots
    from .quality import Goal, ReviewerQuality
    from .quality_lacks import StageQuality, against_goal, read_quality
    from .read_twice import AgreementWithGold, agreement_with_gold
    from .result import Evaluation
    from .stopping import RankedQueue, ranked_queue
    from .stopping_state import StoppingState, draw_elusion_after_stop
    from .threshold_choice import choose_on_dev
    from .threshold_search import INCLUDE_PRECISION, decimal
    from .tuning import CausedError, CriterionErrors, TuningAnalysis, analyse, excluded_by
    from .unblinded_changes import UnblindedChanges, changes, count
    from .wordings import TriedWording, against_part, compare_wordings, final_misses
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "FIELDS",
    "INCLUDE_PRECISION",
    "AgreementEstimates",
    "AgreementWithGold",
    "Calibration",
    "CausedError",
    "ChosenExample",
    "ChosenThresholds",
    "CriterionErrors",
    "Estimate",
    "Evaluation",
    "Figures",
    "FormPartCounts",
    "GateSampleSize",
    "Goal",
    "InterRaterAgreement",
    "ItemAgreement",
    "ItemEvaluation",
    "JudgedPair",
    "Measure",
    "Offer",
    "OfferedValues",
    "Part",
    "PromiseRequest",
    "RankedQueue",
    "ReviewerComparison",
    "ReviewerQuality",
    "StageQuality",
    "StoppingState",
    "TriedWording",
    "TuningAnalysis",
    "UnblindedChanges",
    "against",
    "against_goal",
    "against_part",
    "agreement_among",
    "agreement_with_gold",
    "analyse",
    "changes",
    "check_gate",
    "choose_examples",
    "choose_on_dev",
    "compare_extractors",
    "compare_wordings",
    "count",
    "decimal",
    "draw_elusion_after_stop",
    "evaluate_items",
    "excluded_by",
    "final_misses",
    "gate_sample_size",
    "inter_rater_agreement",
    "measure",
    "positives_needed",
    "probabilities",
    "ranked_queue",
    "ratings_of",
    "read_gate",
    "read_pilots",
    "read_quality",
    "record_check",
    "shown_split",
    "stability",
    "stopping_state",
    "test_positives",
    "values_offered",
    "wrong_items",
]
