"""The review's protocol: `prompts/review.yaml` as a frozen model, read and checked as a whole.

Every key has its meaning in the docstring under it; an unknown key is refused, so that a misspelt one cannot be
ignored in silence.
"""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from ..core.errors import BadInput, together
from ..core.frozen import Frozen
from ..core.judgement import Stage
from ..core.yamlfile import YamlFile, touched
from .consistency import protocol_mistakes
from .deciding import DecidedBy as DecidedBy
from .deciding import Gate as Gate
from .deciding import Workflow

# Every specification that review.yaml may hold can be imported from here.
from .endpoints import Thresholds as Thresholds
from .endpoints import Until as Until
from .policy import policy
from .registration import Registration as Registration
from .reviewer_specs import EmbeddedReviewerSpec as EmbeddedReviewerSpec
from .reviewer_specs import EnsembleSpec as EnsembleSpec
from .reviewer_specs import Id, answer_json
from .reviewer_specs import OtherReviewer as OtherReviewer
from .reviewer_specs import ProbabilityReviewerSpec as ProbabilityReviewerSpec
from .reviewer_specs import ReviewerSpec as ReviewerSpec
from .searches import Source, SourcesFile, VenueRule
from .stopping import Queue as Queue
from .stopping import Stopping as Stopping
from .tables import TablesSpec
from .workflows import filled_in


class Cues(Frozen):
    """Words that speak for or against a criterion, as they stand in texts.

    A cue is a word or phrase; case does not matter, a hyphen equals a space, and a trailing `*` stands for any
    ending. `screener check` refuses all else that databases know (`?`, quotes, `adj3`, `[tiab]`). They help the embedded reviewer and are highlighted for human ones.
    """

    supports: tuple[str, ...] = ()
    """Their presence speaks for `yes`."""
    suggests: tuple[str, ...] = ()
    """Their presence makes `yes` possible without settling it."""
    contradicts: tuple[str, ...] = ()
    """Their presence speaks for `no`."""


class _Criterion(Frozen):
    """What criteria of both kinds have."""

    id: Id
    """A short name: lower-case letters, digits and `_`. Files, exports and judgements name the criterion by it."""
    label: str = Field(default="", exclude=True)
    """A word or two for reasons of exclusion, such as `human subjects`: people read "not human subjects". Default: the
    id, with spaces. It is shown to people only: no prompt has it, and changing it makes no judgement stale."""

    @model_validator(mode="after")
    def _labelled(self) -> Self:
        object.__setattr__(self, "label", " ".join(self.label.split()) or self.id.replace("_", " "))
        return self


class QuestionCriterion(_Criterion):
    """An eligibility question put to a reviewer, phrased so that `yes` is eligible."""

    kind: Literal["question"] = "question"
    """A question that a reviewer answers; may be left out."""
    question: str
    """The question as people and models read it, so that `yes` means eligible."""
    met_when: str = ""
    """What counts as `yes`, in plain sentences; the embedded reviewer compares the record with each of them."""
    not_met_when: str = ""
    """What counts as `no`, above all what is easily confused with `yes`."""
    applies_if: Id | None = Field(default=None, exclude_if=lambda parent: parent is None)
    """The id of an earlier question of the stage that this one presupposes: where the answer to that is `no` or `not_asked`,
    this one is `not_asked`, whatever anybody answers. It then decides nothing and counts in no agreement or accuracy."""
    silence: Literal["unclear", "no"] = "unclear"
    """What it means that the text says nothing of it. `"no"`: an abstract of an eligible study would say it, so silence is
    a `no`. `unclear`: abstracts seldom say it, so silence decides nothing. A title alone is never taken for silence."""
    quote: Literal["required", "optional"] = "optional"
    """Whether a `yes` must stand on a verified quote. A `no` without one is silence, whatever is said here."""
    cues: Cues = Cues()
    """Words that speak for or against it."""


class RuleCriterion(_Criterion):
    """A criterion that code decides from the record's fields. Exactly one of the fields below says how.

    A record of which the field is unknown is `unclear`, never `no`.
    """

    kind: Literal["rule"]
    """A criterion that code decides; no reviewer is asked."""
    question: str
    """The rule as people read it, phrased so that `yes` means eligible."""
    years: tuple[int, int] | None = None
    """First and last year, both eligible. `no` only when every known date is outside, `yes` when the earliest is in."""
    languages: tuple[str, ...] | None = None
    """Eligible languages: names in English or their own, or codes of ISO 639. Of a paper in several, one is enough."""
    venues: tuple[str, ...] | None = None
    """Eligible venues (journals, conferences). The place for them is `venues` of a source, in the sources file: what stands
    here is read as the `eligible` of every source, and the criterion is asked of nobody."""

    @field_validator("years")
    @classmethod
    def _in_order(cls, years: tuple[int, int] | None) -> tuple[int, int] | None:
        if years and years[0] > years[1]:
            raise ValueError("the first year is after the last")
        return years

    def model_post_init(self, _: Any) -> None:
        """Exactly one rule."""
        if sum(value is not None for value in (self.years, self.languages, self.venues)) != 1:
            raise ValueError("a rule needs exactly one of years, languages, venues")


def _kind(value: Any) -> str:
    kind = value.get("kind", "question") if isinstance(value, dict) else getattr(value, "kind", "question")
    return str(kind)


Criterion = Annotated[
    Annotated[QuestionCriterion, Tag("question")] | Annotated[RuleCriterion, Tag("rule")], Discriminator(_kind)
]


class StageProtocol(Frozen):
    """One stage: its question, its criteria in the order in which reasons are reported, and who decides."""

    question: str
    """What the stage asks of every record; prompts and the report show it."""
    template: str
    """The prompt's file, in the folder of the protocol."""
    examples: str | None = None
    """A file with worked examples for the prompt, in the folder of the protocol; none of them may be a gold `test` record."""
    criteria: tuple[Criterion, ...] = ()
    """The eligibility criteria; none at the stage `extraction`, which has a form instead."""
    form: tuple[str, ...] = ()
    """At the stage `extraction`: the files of the form, in the folder of the protocol: YAML, or Python with a class `Form`,
    which is run when it is loaded."""
    workflow: Workflow | None = None
    """At a screening stage, the name of a way to work: it fills in who decides where the stage does not say, and the check
    refuses what contradicts it. Without a name `decided_by`, `gate` and `show_machine` say all. `two_people`;
    `person_and_machine`: one person, with a machine as second reviewer; `two_models`: what two models both exclude is
    suggested; `machine_with_gate`: what a machine excludes is final while its gate is open."""
    decided_by: DecidedBy = DecidedBy()
    """Who decides, and how many people it takes."""
    gate: Gate | None = None
    """What the machine must reach before its exclusions are final; without a gate they are only suggested."""
    queue: Queue = "random"
    """In which order humans are given records. `ranked` is by a machine's probability, `learned` by a ranking that learns from
    every label; both are recorded as partly unblinded."""
    stopping: Stopping | None = None
    """By which rule people stop screening a `ranked` or `learned` queue, and the sample that estimates recall."""
    show_machine: Literal["never", "after", "before"] | None = None
    """When people are shown the machine's answers. At the screening stages `never` (the default; only who resolves a
    conflict sees them, and never of a record in a sample) or `after` their own blind judgement, which they may then keep
    or change; what they changed is counted. At `extraction` also `before` (the default there): the form comes with the
    machine's proposal."""

    @field_validator("form", mode="before")
    @classmethod
    def _one_or_more(cls, form: Any) -> Any:
        return (form,) if isinstance(form, str) else form

    @property
    def shows_machine(self) -> Literal["never", "after", "before"]:
        """When people are shown the machine's answers, the default filled in."""
        return self.show_machine or ("before" if self.form else "never")

    @property
    def questions(self) -> tuple[QuestionCriterion, ...]:
        """Return the criteria that a reviewer answers."""
        return tuple(c for c in self.criteria if isinstance(c, QuestionCriterion))

    @property
    def presupposed(self) -> tuple[tuple[str, str], ...]:
        """Return each criterion that presupposes another, with that one."""
        return tuple((c.id, c.applies_if) for c in self.questions if c.applies_if is not None)

    @property
    def rules(self) -> tuple[RuleCriterion, ...]:
        """Return the criteria that code answers."""
        return tuple(c for c in self.criteria if isinstance(c, RuleCriterion))


class Protocol(Frozen):
    """A review's protocol."""

    id: Annotated[str, Field(min_length=8, max_length=64)] | None = None
    """What tells this review from any other, in its ledger as here; written by the program, and kept for good."""
    title: str
    """The review's title, as report, export and app show it."""
    questions: tuple[str, ...] = Field(min_length=1)
    """The questions that the review answers."""
    open_questions: tuple[str, ...] = ()
    """What the protocol leaves undecided; shown by `screener check`, decided by nobody's code."""
    registration: Registration | None = None
    """Register, number and protocol of the review, or a sentence that it was not registered; for the report."""
    funding: str = ""
    """Who paid for the review and what part the funders had in it, or that there was no funding; for the report."""
    competing_interests: str = ""
    """Competing interests of the authors, or that there are none; for the report."""
    sources: str | None = None
    """The file with the sources and their queries, in the folder of the protocol."""
    stages: dict[Stage, StageProtocol] = Field(min_length=1)
    """The stages that the review has, by name: `abstract`, `fulltext`, `extraction`."""
    tables: TablesSpec = TablesSpec()
    """Which items of the form make the tables for the synthesis and the paper."""
    reviewers: dict[Id, ReviewerSpec] = Field(default_factory=dict)
    """The machine reviewers by the name that `--reviewer` takes. Their `kind` says which keys each has."""

    @model_validator(mode="after")
    def _with_workflows(self) -> Self:
        for stage, spec in self.stages.items():
            self.stages[stage] = filled_in(spec, self.reviewers) if spec.workflow and not spec.form else spec
        return self

    @field_validator("registration", mode="before")
    @classmethod
    def _in_words(cls, registration: Any) -> Any:
        return {"statement": registration} if isinstance(registration, str) else registration


class Review:
    """A review folder: `prompts/`, `gold/` and `.screener/`, with the protocol read and checked.

    Attributes: `root` (the folder), `protocol` (without criteria on venues, which are rules of the sources), `sources`.
    """

    root: Path
    protocol: Protocol
    written: Protocol
    """The protocol as it is written, for its hash: what moves out of it makes no judgement stale."""

    def __init__(self, root: Path) -> None:
        """Read the protocol of the folder `root`; raise `BadInput` with file, line and remedy of all its mistakes."""
        review, mistakes = review_with_mistakes(root)
        if mistakes or review is None:
            raise together(mistakes)
        self.root = root
        self.protocol, self.written = review.protocol, review.written

    @classmethod
    def of(cls, root: Path, protocol: Protocol) -> Self:
        """Return a review whose protocol was read already."""
        review, obeyed = cls.__new__(cls), policy()
        review.root, review.written = root, protocol
        review.protocol = without_venues(protocol if obeyed is None else obeyed.applied(protocol))
        return review

    @property
    def prompts(self) -> Path:
        """Return what reviewers are told."""
        return self.root / "prompts"

    @property
    def gold(self) -> Path:
        """Return what humans decided; may be missing."""
        return self.root / "gold"

    @property
    def hidden(self) -> Path:
        """Ledger and caches; made when first needed."""
        return self.root / ".screener"

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Return the sources, from the file that the protocol names."""
        if self.protocol.sources is None:
            return ()
        document = YamlFile(self.prompts / self.protocol.sources)
        sources = document.validate(SourcesFile).sources
        ruled = next((at for at, source in enumerate(sources) if source.venues is not None), None)
        if ruled is not None and (criterion := next(iter(self.venue_criteria), None)):
            raise document.fail(
                ("sources", ruled, "venues"),
                f"venues are a rule here and a criterion in review.yaml (`{criterion.id}`); remove the criterion there",
            )
        return sources

    @property
    def venue_criteria(self) -> tuple[RuleCriterion, ...]:
        """Return the criteria on venues that the protocol still has: they are read as rules of every source."""
        stages = self.written.stages.values()
        return tuple(rule for stage in stages for rule in stage.rules if rule.venues is not None)

    @property
    def venue_rules(self) -> dict[str | None, VenueRule]:
        """Return which venues of each source are eligible, by its name; of what is not in here all are.

        None is the name of all sources: of what a criterion on venues says.
        """
        rules: dict[str | None, VenueRule] = {
            source.name: source.venues for source in self.sources if source.venues and not source.venues.exempt
        }
        names = dict.fromkeys(name for criterion in self.venue_criteria for name in criterion.venues or ())
        return {None: VenueRule(eligible=tuple(names))} if names else rules

    def fingerprint(self, stage: Stage, reviewer: str) -> str:
        """Return the hash of what the protocol says now of a stage and one of its reviewers.

        How they are run is left out.
        """
        spec = self.stage(stage)
        parts = [
            self.written.stages[stage].model_dump_json(
                exclude={"workflow", "decided_by", "gate", "queue", "stopping", "show_machine"}
            ),
            *(answer_json(reviewer_spec) for reviewer_spec in self._with_members(reviewer)),
            *(
                (self.prompts / name).read_text(encoding="utf-8")
                for name in (spec.template, spec.examples, *spec.form)
                if name
            ),
        ]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]

    def _with_members(self, name: str) -> list[ReviewerSpec]:
        spec = self.reviewer(name)
        members = spec.members if isinstance(spec, EnsembleSpec) else ()
        return [spec, *(self.reviewer(member) for member in members)]

    def stage(self, stage: Stage) -> StageProtocol:
        """Return the protocol of a stage; `BadInput` if the review has none."""
        try:
            return self.protocol.stages[stage]
        except KeyError:
            raise BadInput(
                f"{self.prompts / 'review.yaml'}: there is no stage `{stage}`; it has {_listed(self.protocol.stages)}"
            ) from None

    def reviewer(self, name: str) -> ReviewerSpec:
        """Return the specification of a machine reviewer; `BadInput` if the protocol names none so."""
        try:
            return self.protocol.reviewers[name]
        except KeyError:
            raise BadInput(
                f"{self.prompts / 'review.yaml'}: no reviewer is named `{name}`; known: {_listed(self.protocol.reviewers)}"
            ) from None


def review_with_mistakes(root: Path) -> tuple[Review | None, list[BadInput]]:
    """Return the review in a folder, with what is faulty in its protocol left out, and all mistakes by their lines.

    The review is None where the protocol lacks what it cannot be without. `BadInput` where it is no YAML, and on a server
    where it reaches out of its folder.
    """
    obeyed = policy()
    if obeyed is not None and (refused := obeyed.check_folder(root)):
        raise together(refused)
    document = YamlFile(root / "prompts" / "review.yaml")
    if obeyed is not None and (refused := obeyed.check(root, document)):
        raise together(refused)
    protocol, places, mistakes = document.usable(Protocol)
    if protocol is None:
        return None, document.in_order(mistakes)
    review = Review.of(root, protocol)
    # What was left out may be the reason why something else is not as it should be.
    further = protocol_mistakes(document, protocol, review.prompts)
    mistakes += [mistake for where, mistake in further if not touched(where, places)]
    return review, document.in_order(mistakes)


def without_venues(protocol: Protocol) -> Protocol:
    """Return a protocol without its criteria on venues."""
    stages = {
        stage: spec.model_copy(
            update={"criteria": tuple(c for c in spec.criteria if not (isinstance(c, RuleCriterion) and c.venues))}
        )
        for stage, spec in protocol.stages.items()
    }
    return protocol.model_copy(update={"stages": stages})


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names) or "none"


def find_review(start: Path, *, explicit: bool = False) -> Review:
    """Return the review in `start` or, unless `explicit`, in the nearest folder above it that has one."""
    return Review(find_folder(start, explicit=explicit))


def find_folder(start: Path, *, explicit: bool = False) -> Path:
    """Return `start` or, unless `explicit`, the nearest folder above it that has `prompts/review.yaml`."""
    folders = [start] if explicit else [start, *start.parents]
    for folder in folders:
        if (folder / "prompts" / "review.yaml").is_file():
            return folder
    raise BadInput(f"{start}: no review here (prompts/review.yaml is missing); make one with `screener init DIR`")
