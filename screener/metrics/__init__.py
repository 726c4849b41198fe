"""Figures of reviewers, right and with intervals: plain functions on arrays that import nothing else of ours.

Three small types carry the data: `Confusion` (two yes/no judgements), a square contingency table (two raters) and
`Ranking` (an ordered list). A figure with an interval is an `Estimate`. What is not defined is None, never NaN.
"""

from .agreement import (
    cohen_kappa,
    contingency,
    gwet_ac1,
    negative_agreement,
    pabak,
    positive_agreement,
    raw_agreement,
    specific_agreement,
)
from .bootstrap import bootstrap, percentile_interval, resampled_indices, resampled_sums
from .calibration import Bin, brier, ece, reliability_curve
from .comparison import McNemar, mcnemar, mcnemar_of, paired_difference
from .confusion import (
    Confusion,
    ConfusionMetric,
    accuracy,
    balanced_accuracy,
    f1,
    f2,
    fbeta,
    mcc,
    npv,
    precision,
    recall,
    specificity,
    wmcc,
)
from .intervals import Estimate, clopper_pearson, effective_n, wilson
from .multirater import count_ratings, fleiss_kappa, krippendorff_alpha
from .ranking import (
    Ranking,
    auroc,
    auroc_delong,
    average_precision,
    average_time_to_discovery,
    ranking_loss,
    recall_curve,
    records_to_recall,
    tnr,
    wss,
)
from .summary import ranking_estimates, screening_estimates

__all__ = [
    "Bin",
    "Confusion",
    "ConfusionMetric",
    "Estimate",
    "McNemar",
    "Ranking",
    "accuracy",
    "auroc",
    "auroc_delong",
    "average_precision",
    "average_time_to_discovery",
    "balanced_accuracy",
    "bootstrap",
    "brier",
    "clopper_pearson",
    "cohen_kappa",
    "contingency",
    "count_ratings",
    "ece",
    "effective_n",
    "f1",
    "f2",
    "fbeta",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "mcc",
    "mcnemar",
    "mcnemar_of",
    "negative_agreement",
    "npv",
    "pabak",
    "paired_difference",
    "percentile_interval",
    "positive_agreement",
    "precision",
    "ranking_estimates",
    "ranking_loss",
    "raw_agreement",
    "recall",
    "recall_curve",
    "records_to_recall",
    "reliability_curve",
    "resampled_indices",
    "resampled_sums",
    "screening_estimates",
    "specific_agreement",
    "specificity",
    "tnr",
    "wilson",
    "wmcc",
    "wss",
]
