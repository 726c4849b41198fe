"""The check of a review: protocol, prompts, examples, forms, sources and gold read as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..core.errors import BadInput, together
from ..core.judgement import Stage
from ..core.yamlfile import YamlFile
from ..evaluation import positives_needed, read_gate, test_positives
from ..forms import FormSpec, load_forms
from ..gold import GoldItems, GoldSet, load_gold, load_gold_items, refuse_test_records
from ..ledger import Ledger, stages_judged_by_people
from ..ledger.synthetic import Synthetic, read_synthetic
from ..protocol import (
    NONE,
    ChatSpec,
    Examples,
    Gate,
    Prompt,
    Review,
    StageProtocol,
    gold_spec,
    read_examples,
    read_variant,
    review_with_mistakes,
    try_out,
    variant_names,
    workflow_in_words,
)
from ..reporting.tables import table_mistakes
from ..reviewers import form_requests, is_of_today
from ..stages import (
    IntegrityState,
    StageState,
    VenueRules,
    adjudicated,
    against_agreement,
    differing,
    differing_standings,
    integrity_state,
    load_stages,
    unfit,
    venue_restrictions,
)
from .form_files import refuse_other_version
from .own_ledger import ledger_to_read
from .status import on_other_text, without_criterion
from .stopping_notes import stopping_notes
from .unfinished import form_cue_mistakes, unfinished, unmatched_cues
from .wording import WordingNote, wording_notes

T = TypeVar("T")


@dataclass(frozen=True)
class ReviewCheck:
    """What a review consists of, all of it read without a mistake.

    `gates` says by stage what its gate needs and what there is; `on_other_text` by stage which records people judged on
    another text than they have now, with who did; `against_agreement` by stage and adjudicator the records whose
    adjudication goes against people who agree; `without_criterion` the reports excluded without naming a criterion.
    """

    review: Review
    examples: Mapping[Stage, Examples]
    form: FormSpec | None
    gold: Mapping[Stage, GoldSet | None]
    gold_items: GoldItems | None
    gates: Mapping[Stage, dict[str, Any]]
    on_other_text: Mapping[str, dict[str, list[str]]]
    against_agreement: Mapping[str, dict[str, list[str]]]
    without_criterion: Sequence[str]
    unmatched_cues: Mapping[Stage, Mapping[str, list[str]]]
    """The cues that stand in no title or abstract of the records, by stage and criterion."""
    prompt_notes: Sequence[str] = ()
    """What makes requests dearer than they need be, and which reviewers a prompt is not made for, a line each."""
    integrity: IntegrityState | None = None
    """What is known against the records, where there is a ledger."""
    synthetic: Synthetic = field(default_factory=Synthetic)
    """What came from test servers."""
    wording: Sequence[WordingNote] = ()
    """Advice on the wording of criteria; none of it is a mistake."""
    stopping: Mapping[Stage, Sequence[str]] = field(default_factory=dict)
    """What is to be known of the rule for stopping, and of the sample that estimates recall, by stage."""

    @property
    def workflows(self) -> dict[Stage, str]:
        """Return by stage in words who decides in the workflow that it names."""
        stages = self.review.protocol.stages.items()
        return {
            stage: workflow_in_words(spec.workflow, spec.decided_by.humans, spec.decided_by.machine)
            for stage, spec in stages
            if spec.workflow
        }

    @property
    def searches(self) -> int:
        """Return how many searches the sources list."""
        return sum(len(source.queries) for source in self.review.sources)

    @property
    def venues(self) -> dict[str, str]:
        """Return the rules on venues in words, by source."""
        return venue_restrictions(self.review)

    @property
    def venue_notes(self) -> list[str]:
        """Return what is to be known of the rules on venues: lists that are not there, criteria that are read as rules."""
        notes = [
            f"venue rule not applied: {source}: {line}" for source, line in VenueRules.of(self.review).missing.items()
        ]
        return notes + [
            f"the criterion `{criterion.id}` on venues is read as a rule of every source, asked of nobody; write it in "
            f"{self.review.protocol.sources or 'a sources file'} as `venues: {{eligible: [{', '.join(criterion.venues or ())}]}}` "
            "under each source it is for, and remove the criterion"
            for criterion in self.review.venue_criteria
        ]

    @property
    def numbers_without_units(self) -> list[str]:
        """Return the numbers of the form that stand as they are printed, whatever unit follows them."""
        items = self.form.by_path if self.form else {}
        return [path for path, item in items.items() if item.kind == "number" and item.quantity is None]

    @property
    def gold_item_count(self) -> int | None:
        """Return how many items the gold of the extraction has; None without one."""
        return sum(map(len, self.gold_items.studies.values())) if self.gold_items else None

    def as_json(self) -> dict[str, Any]:
        """Return what `check --json` prints."""
        stages = self.review.protocol.stages
        form = self.form and {
            "items": len(self.form.by_path),
            "derived": list(self.form.derived),
            "lists": list(self.form.lists),
            "numbers_without_units": self.numbers_without_units,
        }
        return {
            "review": str(self.review.root),
            "title": self.review.protocol.title,
            "stages": {stage.value: [criterion.id for criterion in spec.criteria] for stage, spec in stages.items()},
            "workflows": {stage.value: stages[stage].workflow for stage in self.workflows},
            "show_machine": {stage.value: spec.shows_machine for stage, spec in stages.items()},
            "resolvers": {stage.value: list(spec.decided_by.resolvers) for stage, spec in stages.items()},
            "examples": {stage.value: len(read.all) for stage, read in self.examples.items() if read.all},
            "reviewers": list(self.review.protocol.reviewers),
            "searches": self.searches,
            "gold": {stage.value: _gold_json(gold) for stage, gold in self.gold.items() if gold is not None},
            "gates": {stage.value: gate for stage, gate in self.gates.items()},
            "form": form,
            "gold_items": self.gold_item_count,
            "on_other_text": dict(self.on_other_text),
            "against_agreement": dict(self.against_agreement),
            "without_criterion": list(self.without_criterion),
            "unmatched_cues": {stage.value: dict(cues) for stage, cues in self.unmatched_cues.items()},
            "prompt_notes": list(self.prompt_notes),
            "findings": [note.as_json() for note in self.wording],
            "stopping": {stage.value: list(notes) for stage, notes in self.stopping.items()},
            "integrity": self.integrity
            and {
                "checked": self.integrity.checked or None,
                "must_decide": [record.id for record in self.integrity.undecided],
            },
            "synthetic": self.synthetic.as_json(),
            "venues": self.venues,
            "venue_notes": self.venue_notes,
            "open_questions": list(self.review.protocol.open_questions),
        }


def check_folder(folder: Path) -> ReviewCheck:
    """Read all that the review in a folder consists of; every mistake is a line of one `BadInput`, with its place.

    Forms are Python files of the review: they are run. Where there is a ledger it is read, and nothing is written.
    """
    parts = _parts(folder)
    review, examples, form = parts.review, parts.examples(), parts.form()
    prompt_notes = parts.prompts(examples, form)
    parts.rest()
    gold, gold_items = parts.gold(), parts.get(lambda: load_gold_items(review, form)) if form and parts.sound else None
    if parts.mistakes:
        raise together(parts.mistakes)
    stages = review.protocol.stages
    gates = {stage: _gate(review, stage, spec.gate, gold[stage]) for stage, spec in stages.items() if spec.gate}
    _add_state(review, gates)
    return ReviewCheck(
        review,
        examples,
        form,
        gold,
        gold_items,
        gates,
        *_check_ledger(review),
        unmatched_cues(review),
        prompt_notes,
        _integrity(review),
        _synthetic(review),
        wording_notes(review),
        {stage: notes for stage in stages if (notes := stopping_notes(review, stage))},
    )


def mistakes_in(folder: Path) -> list[BadInput]:
    """Return what `check_folder` would refuse of protocol, prompts and forms, one by one; gold and ledger are not looked at."""
    try:
        parts = _parts(folder)
        parts.prompts(parts.examples(), parts.form())
        parts.rest()
    except BadInput as error:
        return list(error.parts or [error])
    return [part for mistake in parts.mistakes for part in mistake.parts or (mistake,)]


def _parts(folder: Path) -> "_Parts":
    """Return the parts of the review in a folder; `BadInput` where its protocol lacks what it cannot be without."""
    review, mistakes = review_with_mistakes(folder)
    sound, document = not mistakes, YamlFile(folder / "prompts" / "review.yaml")
    mistakes = document.in_order([*mistakes, *unfinished(document, review)])
    if review is None:
        raise together(mistakes)
    return _Parts(review, sound, mistakes)


def _add_state(review: Review, gates: Mapping[Stage, dict[str, Any]]) -> None:
    """Add to each gate whether it is open, why, and what holds for records that came later; a check makes no ledger."""
    if not gates or not Ledger.exists(review.hidden):
        return
    ledger = ledger_to_read(review)
    for stage, gate in gates.items():
        state = read_gate(ledger, review, stage, review.stage(stage).decided_by.machine)
        gate |= {"open": state.open, "why": state.why, "updates": list(state.updates)}


@dataclass(frozen=True)
class _Parts:
    """The parts of a review, each read whatever the others are like. `sound`: the protocol itself has no mistake.

    What a part says of the criteria is compared with them only where the protocol is sound.
    """

    review: Review
    sound: bool
    mistakes: list[BadInput]

    def get(self, read: Callable[[], T]) -> T | None:
        """Return a part, or note what is wrong with it."""
        try:
            return read()
        except BadInput as error:
            self.mistakes.append(error)
            return None

    def examples(self) -> dict[Stage, Examples]:
        """Return the worked examples by stage."""
        return {stage: self.get(partial(self._examples, stage)) or NONE for stage in self._stages(self.sound)}

    def _examples(self, stage: Stage) -> Examples:
        examples = read_examples(self.review, self.review.stage(stage))
        refuse_test_records(self.review, stage, examples)
        return examples

    def form(self) -> FormSpec | None:
        """Return the form, with words of its items that can be found nowhere noted."""
        extraction = self.review.protocol.stages.get(Stage.EXTRACTION)
        paths = [self.review.prompts / name for name in extraction.form] if extraction else []
        if not paths or not all(path.is_file() for path in paths):
            return None
        form = self.get(lambda: load_forms(paths))
        if form is not None:
            self.mistakes.extend(form_cue_mistakes(self.review, form))
            file = self.review.prompts / "review.yaml"
            self.mistakes.extend(
                BadInput(f"{file}: {mistake}") for mistake in table_mistakes(self.review.protocol.tables, form)
            )
            for path in paths:
                self.get(partial(refuse_other_version, path, paths))
        return form

    def prompts(self, examples: Mapping[Stage, Examples], form: FormSpec | None) -> list[str]:
        """Fill every prompt in, as for a record, so that a mistake in a template shows now; return what is dear in it."""
        notes: list[str] = []
        title = self.review.protocol.title
        for stage, spec in self._stages(True).items():
            path = self.review.prompts / spec.template
            prompt = self.get(partial(Prompt.read, path)) if path.is_file() else None
            if prompt is None or not self.sound:
                continue
            notes += [
                f"{path}:{line}: `record` stands in `# System`, so that no provider can keep what all requests begin with "
                "in its cache; move it to `# User`"
                for line in prompt.record_lines_in_system
            ]
            if stage is not Stage.EXTRACTION:
                notes += self._without_grades(prompt)
                self.get(partial(try_out, prompt, spec, title, examples[stage].all))
            elif self.get(partial(is_of_today, prompt)):
                for values in form_requests(form) if form else ():
                    self.get(partial(try_out, prompt, spec, title, **values))
        return notes

    def _without_grades(self, prompt: Prompt) -> list[str]:
        reviewers = self.review.protocol.reviewers.items()
        graded = [name for name, spec in reviewers if isinstance(spec, ChatSpec) and spec.answers == "graded"]
        if not graded or prompt.asks_for("graded"):
            return []
        return [
            f"{prompt.path}: tells of no grades, so {', '.join(graded)} cannot be asked here; show them where "
            "`{% if graded %}`, as the packaged prompt does"
        ]

    def rest(self) -> None:
        """Read the rules on venues and the variants of the wording."""
        self.get(lambda: VenueRules.of(self.review))
        for name in variant_names(self.review):
            self.get(partial(read_variant, self.review, name))

    def gold(self) -> dict[Stage, GoldSet | None]:
        """Return the gold labels by stage."""
        if self.get(lambda: (gold_spec(self.review),)) is None:
            return {}
        return {stage: self.get(partial(load_gold, self.review, stage)) for stage in self._stages(self.sound)}

    def _stages(self, read: bool) -> Mapping[Stage, StageProtocol]:
        return self.review.protocol.stages if read else {}


_ByStage = dict[str, dict[str, list[str]]]


def _check_ledger(review: Review) -> tuple[_ByStage, _ByStage, list[str]]:
    """Return what of `ReviewCheck` comes from people's judgements; a check makes no ledger."""
    if not Ledger.exists(review.hidden):
        return {}, {}, []
    ledger = ledger_to_read(review)
    with ledger.read() as connection:
        judged, wrong = stages_judged_by_people(connection), differing(connection)
    for stage, names in wrong.items():
        raise BadInput(
            f"ledger: what it keeps of people's agreement at {stage.label.lower()} differs from their judgements "
            f"({', '.join(names[:5])}); delete the row of its table `agreements_made`, and the next change makes it anew"
        )
    for stage, names in differing_standings(ledger, review).items():
        raise BadInput(
            f"ledger: what it keeps of how records stand at {stage.label.lower()} differs from what was judged "
            f"({', '.join(names[:5])}); delete the rows of its table `standings_made`, and the next change makes it anew"
        )
    standings = {
        stage: StageState.load(ledger, review, stage).standings
        for stage in Stage
        if stage in review.protocol.stages and stage in judged
    }
    other_text = {stage.value: on_other_text(by_id) for stage, by_id in standings.items()}
    with ledger.read() as connection:
        against = {
            stage.value: against_agreement(adjudicated(connection, stage, spec))
            for stage, spec in review.protocol.stages.items()
            if stage is not Stage.EXTRACTION and stage in judged
        }
    unnamed = without_criterion(standings.get(Stage.FULLTEXT, {}))
    return _filled(other_text), _filled(against), unnamed


def _integrity(review: Review) -> IntegrityState | None:
    if not Ledger.exists(review.hidden):
        return None
    ledger = ledger_to_read(review)
    return integrity_state(ledger, load_stages(ledger, review, brief=True))


def _synthetic(review: Review) -> Synthetic:
    if not Ledger.exists(review.hidden):
        return Synthetic()
    with ledger_to_read(review).read() as connection:
        return read_synthetic(connection)


def _filled(by_stage: _ByStage) -> _ByStage:
    return {stage: names for stage, names in by_stage.items() if names}


def _gate(review: Review, stage: Stage, gate: Gate, gold: GoldSet | None) -> dict[str, Any]:
    """Return what a gate needs, and what there is; labels that can open none count for nothing."""
    lacks, needed = unfit(review, stage), positives_needed(gate)
    present = test_positives(gold) if gold is not None and not lacks else 0
    return {
        **gate.model_dump(),
        "positives_needed": needed,
        "positives": present,
        "missing": max(0, needed - present),
        "lacks": lacks,
    }


def _gold_json(gold: GoldSet) -> dict[str, Any]:
    sizes = {name: sum(split == name for split in gold.split.values()) for name in ("dev", "test")}
    return {
        "name": gold.spec.name,
        "status": gold.spec.status,
        "labels": len(gold.labels),
        "version": gold.version,
        "not_asked": gold.not_asked,
        **sizes,
    }
