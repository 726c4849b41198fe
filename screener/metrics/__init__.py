"""Figures of reviewers, right and with intervals: plain functions on arrays that import nothing else of ours.

Three small types carry the data: `Confusion` (two yes/no judgements), a square contingency table (two raters) and
`Ranking` (an ordered list). Extracted items are `ItemValue`s by path, compared by their `ItemKind`. A figure with an
interval is an `Estimate`. What is not defined is None, never NaN.
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
from .clustered import ratio_by_study
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
from .evidence import evidence_at_3, evidence_hits, quote_validity, same_place
from .intervals import Estimate, clopper_pearson, effective_n, wilson
from .item_scores import ExtractionScores, ItemScores, ItemTally, item_agreement, score_extraction
from .items import ComparedItem, Outcome, ScoredItem, compare_items, differing, item_outcome, score_items
from .matching import ItemPair, item_name, pair_items
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
from .values import ItemKind, ItemValue, SetCounts, count_members, values_agree

__all__ = [
    "Bin",
    "ComparedItem",
    "Confusion",
    "ConfusionMetric",
    "Estimate",
    "ExtractionScores",
    "ItemKind",
    "ItemPair",
    "ItemScores",
    "ItemTally",
    "ItemValue",
    "McNemar",
    "Outcome",
    "Ranking",
    "ScoredItem",
    "SetCounts",
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
    "compare_items",
    "contingency",
    "count_members",
    "count_ratings",
    "differing",
    "ece",
    "effective_n",
    "evidence_at_3",
    "evidence_hits",
    "f1",
    "f2",
    "fbeta",
    "fleiss_kappa",
    "gwet_ac1",
    "item_agreement",
    "item_name",
    "item_outcome",
    "krippendorff_alpha",
    "mcc",
    "mcnemar",
    "mcnemar_of",
    "negative_agreement",
    "npv",
    "pabak",
    "pair_items",
    "paired_difference",
    "percentile_interval",
    "positive_agreement",
    "precision",
    "quote_validity",
    "ranking_estimates",
    "ranking_loss",
    "ratio_by_study",
    "raw_agreement",
    "recall",
    "recall_curve",
    "records_to_recall",
    "reliability_curve",
    "resampled_indices",
    "resampled_sums",
    "same_place",
    "score_extraction",
    "score_items",
    "screening_estimates",
    "specific_agreement",
    "specificity",
    "tnr",
    "values_agree",
    "wilson",
    "wmcc",
    "wss",
]
