"""The protocol of a review: `prompts/review.yaml`, searches, prompts, few-shot examples, and what it decides by itself."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand

if TYPE_CHECKING:
    from .combining import combine, settles
    from .criticism import Finding, criticise
    from .decisions import apply_rule, decide, facts_hash
    from .endpoints import ChatSpec, Price, ProbabilitySpec
    from .example_draft import DraftExample, draft_answers, draft_file
    from .fewshot import NONE, Examples, read_examples
    from .gold import GoldSpec, Lock, gold_spec, records_file
    from .model import (
        DecidedBy,
        Gate,
        QuestionCriterion,
        Review,
        RuleCriterion,
        StageProtocol,
        find_folder,
        find_review,
        review_with_mistakes,
    )
    from .not_asked import as_asked, values_as_asked, with_not_asked
    from .policy import models_of_server
    from .prompts import LONGEST_TEXT, Prompt, RecordDetails, as_shown, try_out
    from .review_id import new_id, read_id, write_id
    from .reviewer_kinds import REVIEWERS, ReviewerContext
    from .searches import ConferenceRule, JcrRule, Source, VenueRule
    from .stopping import RANKED, Stopping
    from .tables import EffectRoles, PerformanceRoles, ReleasedPart, RiskOfBias, TablesSpec
    from .variants import (
        PROPOSED,
        TRIED,
        Variant,
        Wording,
        accept_wording,
        base_name,
        checked_name,
        read_variant,
        tried_name,
        variant_names,
        variants_folder,
        with_variant,
        write_variant,
    )
    from .workflows import in_words as workflow_in_words
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "LONGEST_TEXT",
    "NONE",
    "PROPOSED",
    "RANKED",
    "REVIEWERS",
    "TRIED",
    "ChatSpec",
    "ConferenceRule",
    "DecidedBy",
    "DraftExample",
    "EffectRoles",
    "Examples",
    "Finding",
    "Gate",
    "GoldSpec",
    "JcrRule",
    "Lock",
    "PerformanceRoles",
    "Price",
    "ProbabilitySpec",
    "Prompt",
    "QuestionCriterion",
    "RecordDetails",
    "ReleasedPart",
    "Review",
    "ReviewerContext",
    "RiskOfBias",
    "RuleCriterion",
    "Source",
    "StageProtocol",
    "Stopping",
    "TablesSpec",
    "Variant",
    "VenueRule",
    "Wording",
    "accept_wording",
    "apply_rule",
    "as_asked",
    "as_shown",
    "base_name",
    "checked_name",
    "combine",
    "criticise",
    "decide",
    "draft_answers",
    "draft_file",
    "facts_hash",
    "find_folder",
    "find_review",
    "gold_spec",
    "models_of_server",
    "new_id",
    "read_examples",
    "read_id",
    "read_variant",
    "records_file",
    "review_with_mistakes",
    "settles",
    "tried_name",
    "try_out",
    "values_as_asked",
    "variant_names",
    "variants_folder",
    "with_not_asked",
    "with_variant",
    "workflow_in_words",
    "write_id",
    "write_variant",
]
