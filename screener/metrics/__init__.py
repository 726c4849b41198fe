"""Figures of reviewers, right and with intervals: plain functions on arrays that import nothing else of ours.

Three small types carry the data: `Confusion` (two yes/no judgements), a square contingency table (two raters) and
`Ranking` (an ordered list). Extracted items are `ItemValue`s by path, compared by their `ItemKind`. A figure with an
interval is an `Estimate`. What is not defined is None, never NaN.
"""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from .bootstrap import bootstrap

if TYPE_CHECKING:
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
    from .bootstrap import (
        MIN_DEFINED,
        RESAMPLES,
        SEED,
        basic_interval,
        percentile_interval,
        resampled_indices,
        resampled_sums,
    )
    from .calibration import Bin, brier, brier_estimate, ece, ece_estimate, reliability_curve
    from .clustered import ratio_by_study, weighted_mean
    from .comparison import McNemar, mcnemar, mcnemar_of, no_discordant_pair, paired_difference
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
    from .design import Design
    from .evidence import evidence_at_3, evidence_hits, quote_validity, same_place
    from .exact import binomial_cdf, fisher_exact, hypergeometric_cdf
    from .guarantees import (
        Drawn,
        Frame,
        NotRandomError,
        SampleGuarantee,
        ThresholdGuarantee,
        allowed_misses,
        learn_then_test,
        positives_needed,
        random_sample_guarantee,
    )
    from .intervals import Estimate, clopper_pearson, effective_n, wilson
    from .item_scores import ExtractionScores, ItemScores, ItemTally, item_agreement, score_extraction
    from .items import (
        ComparedItem,
        EntryMatch,
        Outcome,
        ScoredItem,
        compare_items,
        differing,
        item_outcome,
        score_items,
    )
    from .matching import ItemPair, Keys, item_name, pair_items
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
    from .read_twice import TwiceReadFigures, TwiceReadItem, score_twice, twice_figures
    from .recall_sample import RecallEstimate, fewest_for_recall
    from .stopping import BuscarTest, FoundCount, Heuristic, buscar_ranked_heuristic, buscar_test, safe_heuristic
    from .summary import agreement_estimates, ranking_estimates, screening_estimates
    from .values import (
        ItemKind,
        ItemValue,
        SetCounts,
        count_members,
        normal_text,
        numbers_differ,
        values_agree,
        values_same,
    )
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "MIN_DEFINED",
    "RESAMPLES",
    "SEED",
    "Bin",
    "BuscarTest",
    "ComparedItem",
    "Confusion",
    "ConfusionMetric",
    "Design",
    "Drawn",
    "EntryMatch",
    "Estimate",
    "ExtractionScores",
    "FoundCount",
    "Frame",
    "Heuristic",
    "ItemKind",
    "ItemPair",
    "ItemScores",
    "ItemTally",
    "ItemValue",
    "Keys",
    "McNemar",
    "NotRandomError",
    "Outcome",
    "Ranking",
    "RecallEstimate",
    "SampleGuarantee",
    "ScoredItem",
    "SetCounts",
    "ThresholdGuarantee",
    "TwiceReadFigures",
    "TwiceReadItem",
    "accuracy",
    "agreement_estimates",
    "allowed_misses",
    "auroc",
    "auroc_delong",
    "average_precision",
    "average_time_to_discovery",
    "balanced_accuracy",
    "basic_interval",
    "binomial_cdf",
    "bootstrap",
    "brier",
    "brier_estimate",
    "buscar_ranked_heuristic",
    "buscar_test",
    "clopper_pearson",
    "cohen_kappa",
    "compare_items",
    "contingency",
    "count_members",
    "count_ratings",
    "differing",
    "ece",
    "ece_estimate",
    "effective_n",
    "evidence_at_3",
    "evidence_hits",
    "f1",
    "f2",
    "fbeta",
    "fewest_for_recall",
    "fisher_exact",
    "fleiss_kappa",
    "gwet_ac1",
    "hypergeometric_cdf",
    "item_agreement",
    "item_name",
    "item_outcome",
    "krippendorff_alpha",
    "learn_then_test",
    "mcc",
    "mcnemar",
    "mcnemar_of",
    "negative_agreement",
    "no_discordant_pair",
    "normal_text",
    "npv",
    "numbers_differ",
    "pabak",
    "pair_items",
    "paired_difference",
    "percentile_interval",
    "positive_agreement",
    "positives_needed",
    "precision",
    "quote_validity",
    "random_sample_guarantee",
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
    "safe_heuristic",
    "same_place",
    "score_extraction",
    "score_items",
    "score_twice",
    "screening_estimates",
    "specific_agreement",
    "specificity",
    "tnr",
    "twice_figures",
    "values_agree",
    "values_same",
    "weighted_mean",
    "wilson",
    "wmcc",
    "wss",
]
