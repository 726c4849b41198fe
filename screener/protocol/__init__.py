"""The protocol of a review: `prompts/review.yaml`, searches, prompts, few-shot examples."""

from .endpoints import ChatSpec, Price, ProbabilitySpec
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
from .not_asked import as_asked, parent_of_not_asked, values_as_asked, with_not_asked
from .prompts import LONGEST_TEXT, Prompt, RecordDetails, as_shown, try_out
from .review_id import new_id, read_id, write_id
from .reviewer_kinds import REVIEWERS, ReviewerContext
from .searches import ConferenceRule, JcrRule, Source, VenueRule
from .tables import EffectRoles, PerformanceRoles, ReleasedPart, RiskOfBias, TablesSpec

__all__ = [
    "LONGEST_TEXT",
    "NONE",
    "REVIEWERS",
    "ChatSpec",
    "ConferenceRule",
    "DecidedBy",
    "EffectRoles",
    "Examples",
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
    "TablesSpec",
    "VenueRule",
    "as_asked",
    "as_shown",
    "find_folder",
    "find_review",
    "gold_spec",
    "new_id",
    "parent_of_not_asked",
    "read_examples",
    "read_id",
    "records_file",
    "review_with_mistakes",
    "try_out",
    "values_as_asked",
    "with_not_asked",
    "write_id",
]
