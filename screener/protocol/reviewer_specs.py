"""What review.yaml says of a machine reviewer, by its kind."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_serializer

from ..core.frozen import Frozen
from ..core.judgement import Stage
from .endpoints import ChatSpec, ProbabilitySpec, Thresholds, Until
from .reviewer_kinds import BUILT_IN, REVIEWERS

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class EmbeddedReviewerSpec(Frozen):
    """The embedded engine: sentence similarity and cues; no key, no network."""

    kind: Literal["embedded"]
    """The packaged sentence model and the protocol's cues."""
    thresholds: dict[Stage, dict[str, Thresholds]] = Field(default_factory=dict)
    """By stage and criterion; what is not named uses the engine's cautious defaults."""


class ProbabilityReviewerSpec(ProbabilitySpec):
    """A probability model and where its probabilities become answers."""

    thresholds: dict[Stage, dict[str, Thresholds]] = Field(default_factory=dict)
    """By stage and criterion; what is not named uses 0.2 and 0.8."""


class EnsembleSpec(Frozen):
    """Several reviewers as one: by a rule, or as a cascade that asks them in order until one settles the record."""

    kind: Literal["ensemble"]
    members: tuple[Id, ...] = Field(min_length=1)
    """The reviewers of this protocol that are asked, in this order; none of them may be a combination itself."""
    rule: Literal["any_include", "majority", "all_include", "mean"] | None = None
    """How the members' decisions become one. `any_include`: include if any includes, exclude only if all exclude.
    `all_include`: include only if all include, exclude if any excludes. `majority`: what more than half say. `mean`: the
    mean of their probabilities against `until`. Anything else is `unclear`. Without a rule it is a cascade: members are
    asked one after the other, each only about the records that none before it has settled."""
    until: Until | None = None
    """Where a cascade stops asking, or where a `mean` decides. Needed for these two and only there;
    `screener evaluate --stage abstract --thresholds 0.95` proposes values."""

    def model_post_init(self, _: Any) -> None:
        """A cascade and a mean need to know when to decide."""
        if (self.rule is None or self.rule == "mean") != (self.until is not None):
            raise ValueError("needs `until` for a cascade (no rule) or the rule `mean`, and only there")
        if len(set(self.members)) != len(self.members):
            raise ValueError("a member appears twice")

    @field_serializer("kind")
    def _as_hashed(self, _: str) -> str:
        """An ensemble was called `combine`: its hashes, under which judgements are stored, stay what they were."""
        return "combine"


class OtherReviewer(Frozen):
    """A reviewer of a kind that an installed package brings."""

    kind: str
    """The name under which the package declares it (entry points of the group `screener.reviewers`)."""
    options: dict[str, Any] = Field(default_factory=dict)
    """What the package lets you choose; it checks them itself."""
    model: ChatSpec | None = None
    """The chat model that answers it, where it needs one; as a reviewer of `kind: chat` would name it."""


_OF_A_PACKAGE = "the kind of an installed package"


def _reviewer_kind(value: Any) -> str | None:
    """Return which of the specifications below a reviewer has; a kind that nobody knows is returned as it stands."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    if not isinstance(kind, str) or kind in BUILT_IN:
        return kind if isinstance(kind, str) else None
    return _OF_A_PACKAGE if kind in REVIEWERS else kind


def _renamed(value: Any) -> Any:
    """Read the old name of an ensemble."""
    return {**value, "kind": "ensemble"} if isinstance(value, dict) and value.get("kind") == "combine" else value


ReviewerSpec = Annotated[
    Annotated[EmbeddedReviewerSpec, Tag("embedded")]
    | Annotated[ChatSpec, Tag("chat")]
    | Annotated[ProbabilityReviewerSpec, Tag("probability")]
    | Annotated[EnsembleSpec, Tag("ensemble")]
    | Annotated[OtherReviewer, Tag(_OF_A_PACKAGE)],
    Discriminator(_reviewer_kind),
    BeforeValidator(_renamed),
]


HOW = {
    "requests_per_minute", "tokens_per_minute", "max_concurrency", "price", "timeout_s", "api_key_env", "base_url",
}  # fmt: skip
"""How a model is asked, which says nothing of its answers."""


def answer_json(spec: ReviewerSpec) -> str:
    """Return what a specification says of a reviewer's answers."""
    if isinstance(spec, OtherReviewer):
        return spec.model_dump_json(exclude={"model": HOW} if spec.model else None)
    return spec.model_dump_json(exclude=HOW)
