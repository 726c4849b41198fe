"""The check of a review: protocol, prompts, examples, forms, sources and gold read as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..evaluation import positives_needed, test_positives
from ..forms import FormSpec, load_forms
from ..gold import GoldItems, GoldSet, load_gold, load_gold_items, refuse_test_records
from ..ledger import Ledger, stages_judged_by_people
from ..protocol import Examples, Gate, Prompt, Review, read_examples, try_out
from ..reviewers import form_requests
from ..stages import StageState, adjudicated, against_agreement, differing, differing_standings, unfit
from .own_ledger import ledger_to_read
from .status import on_other_text, without_criterion


@dataclass(frozen=True)
class ReviewCheck:
    """What a review consists of, all of it read without a mistake.

    `gates` says by stage what its gate needs and what there is; `on_other_text` by stage which reports people judged on
    other documents than they have now, with who did; `against_agreement` by stage and adjudicator the records whose
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

    @property
    def searches(self) -> int:
        """Return how many searches the sources list."""
        return sum(len(source.queries) for source in self.review.sources)

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
            "lists": list(self.form.lists),
            "numbers_without_units": self.numbers_without_units,
        }
        return {
            "review": str(self.review.root),
            "title": self.review.protocol.title,
            "stages": {stage.value: [criterion.id for criterion in spec.criteria] for stage, spec in stages.items()},
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
            "open_questions": list(self.review.protocol.open_questions),
        }


def check_review(review: Review) -> ReviewCheck:
    """Read all that a review consists of; the first mistake is a `BadInput` with its place.

    Forms are Python files of the review: they are run. Where there is a ledger it is read, and nothing is written.
    """
    stages = review.protocol.stages
    examples = {}
    for stage, spec in stages.items():
        examples[stage] = read_examples(review, spec)
        refuse_test_records(review, stage, examples[stage])
    form = gold_items = None
    if (extraction := stages.get(Stage.EXTRACTION)) is not None:
        form = load_forms([review.prompts / name for name in extraction.form])
        gold_items = load_gold_items(review, form)
    _try_prompts(review, examples, form)
    gold = {stage: load_gold(review, stage) for stage in stages}
    gates = {stage: _gate(review, stage, spec.gate, gold[stage]) for stage, spec in stages.items() if spec.gate}
    return ReviewCheck(review, examples, form, gold, gold_items, gates, *_check_ledger(review))


def _try_prompts(review: Review, examples: Mapping[Stage, Examples], form: FormSpec | None) -> None:
    """Fill every prompt in, as for a record, so that a mistake in a template shows now."""
    for stage, spec in review.protocol.stages.items():
        prompt, title = Prompt.read(review.prompts / spec.template), review.protocol.title
        if stage is not Stage.EXTRACTION or form is None:
            try_out(prompt, spec, title, examples[stage].all)
            continue
        for values in form_requests(form):
            try_out(prompt, spec, title, **values)


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
        for stage in (Stage.FULLTEXT, Stage.EXTRACTION)
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
        **sizes,
    }
