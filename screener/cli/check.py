"""`screener check`: read protocol, prompts and gold as a whole; or with `--audit` an archive of a finished report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import JsonOption, ReviewOption, emit, open_review

if TYPE_CHECKING:
    from ..core.judgement import Stage
    from ..forms.walk import FormSpec
    from ..gold.labels import GoldSet
    from ..protocol.model import Gate, Review, StageProtocol


def check(
    audit: Annotated[
        Path | None,
        typer.Option("--audit", metavar="FILE", help="Verify a ZIP of `report --audit` and recompute its figures."),
    ] = None,
    run_form: Annotated[
        bool, typer.Option("--run-form", help="With --audit: run the form's Python files that are in the ZIP.")
    ] = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Check protocol, prompts, forms, sources and gold. A mistake is one line with its place.

    Forms are Python files of the review: checking them runs them. With --audit no review is needed, and nothing that is
    in the ZIP is run unless --run-form says so. Exit codes then: 0 everything was recomputed and is equal; 2 the ZIP is
    damaged; 3 something differs, or was not recomputed.
    """
    if audit is not None or run_form:
        from .audit_page import check_archive

        raise typer.Exit(check_archive(audit, run_form=run_form, json=json))
    from ..core.judgement import Stage
    from ..forms.load import load_forms
    from ..gold.items import load_gold_items
    from ..gold.labels import load_gold, refuse_test_records
    from ..protocol.fewshot import read_examples
    from ..protocol.prompts import Prompt, try_out
    from ..reviewers.extracting import form_requests
    from .status import other_text_line

    here = open_review(review)
    examples = {}
    for stage, spec in here.protocol.stages.items():
        examples[stage] = read_examples(here, spec)
        refuse_test_records(here, stage, examples[stage])
    sources = here.sources
    form = items = None
    if (extraction := here.protocol.stages.get(Stage.EXTRACTION)) is not None:
        form = load_forms([here.prompts / name for name in extraction.form])
        items = load_gold_items(here, form)
    for stage, spec in here.protocol.stages.items():
        prompt, title = Prompt.read(here.prompts / spec.template), here.protocol.title
        if stage is not Stage.EXTRACTION or form is None:
            try_out(prompt, spec, title, examples[stage].all)
            continue
        for known in form_requests(form):
            try_out(prompt, spec, title, **known)
    gold = {stage: load_gold(here, stage) for stage in here.protocol.stages}
    gates = {
        stage: _gate(here, stage, spec.gate, gold[stage]) for stage, spec in here.protocol.stages.items() if spec.gate
    }
    other = _on_other_text(here)
    _check_kept_agreement(here)
    found = {
        "review": str(here.root),
        "title": here.protocol.title,
        "stages": {stage.value: [c.id for c in spec.criteria] for stage, spec in here.protocol.stages.items()},
        "show_machine": {stage.value: spec.shows_machine for stage, spec in here.protocol.stages.items()},
        "resolvers": {stage.value: list(spec.decided_by.resolvers) for stage, spec in here.protocol.stages.items()},
        "examples": {stage.value: len(found.all) for stage, found in examples.items() if found.all},
        "reviewers": list(here.protocol.reviewers),
        "searches": sum(len(source.queries) for source in sources),
        "gold": {
            stage.value: {
                "name": one.spec.name, "status": one.spec.status, "labels": len(one.labels), "version": one.version,
                **{split: sum(s == split for s in one.split.values()) for split in ("dev", "test")},
            }
            for stage, one in gold.items() if one is not None
        },
        "gates": {stage.value: told for stage, told in gates.items()},
        "form": {
            "items": len(form.by_path), "lists": list(form.lists), "numbers_without_units": _without_units(form),
        } if form else None,
        "gold_items": sum(map(len, items.studies.values())) if items else None,
        "on_other_text": other,
        "open_questions": list(here.protocol.open_questions),
    }  # fmt: skip
    if json:
        emit(found)
        return
    print(f"{here.prompts / 'review.yaml'}: no mistakes found")
    for stage, spec in here.protocol.stages.items():
        if form is not None and stage is Stage.EXTRACTION:
            print(f"  {stage.label}: {len(form.by_path)} items in {', '.join(spec.form)} (run by this check)")
            if free := _without_units(form):
                print(f"    numbers without unit check (no Quantity): {', '.join(free)}")
            print(f"    {_SHOWN[spec.shows_machine]}")
            _tell_who_resolves(spec)
            if items is not None:
                count = sum(map(len, items.studies.values()))
                print(f"  gold {items.spec.name} ({items.spec.status}): {count} items of {len(items.studies)} studies")
            continue
        print(f"  {stage.label}: {', '.join(c.id for c in spec.criteria)}; {_SHOWN[spec.shows_machine]}")
        _tell_who_resolves(spec)
        if examples[stage].all:
            print(
                f"  examples {spec.examples}: {len(examples[stage].all)}, all quotes found in their texts, none from gold's test split"
            )
        one = gold[stage]
        if one is not None:
            counts = [sum(s == split for s in one.split.values()) for split in ("dev", "test")]
            print(
                f"  gold {one.spec.name} ({one.spec.status}): {len(one.labels)} labels, {counts[0]} dev and {counts[1]} test"
            )
    for stage, told in gates.items():
        missing = f"{told['missing']} are missing" if told["missing"] else "there are enough"
        lacks = f" ({told['lacks']})" if told["lacks"] else ""
        print(
            f"  gate, {stage.label.lower()}: a lower bound of recall of {told['recall_low']:g} needs {told['positives_needed']} eligible records "
            f"without a miss in human, random, locked test gold; there are {told['positives']}, {missing}{lacks}"
        )
    for name, reports in other.items():
        print(f"  {other_text_line(name, reports)}")
    print(f"  {len(sources)} sources with {found['searches']} searches")
    if here.protocol.open_questions:
        print("  open questions, not decided yet:")
        for question in here.protocol.open_questions:
            print(f"  - {question}")


_SHOWN = {
    "never": "people judge blind to the machine; only adjudicators see its answers",
    "after": "people see the machine's answers after their own, and may change theirs",
    "before": "people see the machine's suggestions from the start",
}


def _without_units(form: "FormSpec") -> list[str]:
    """The numbers of a form that stand as they are printed, whatever unit follows them."""
    return [path for path, item in form.by_path.items() if item.kind == "number" and item.quantity is None]


def _tell_who_resolves(spec: "StageProtocol") -> None:
    """Nobody named is a choice that is easily made unawares."""
    if spec.decided_by.humans >= 2 and not spec.decided_by.resolvers:
        print("    no `resolvers` named: anybody may adjudicate a conflict, also the two who differ")


def _on_other_text(here: "Review") -> dict[str, dict[str, list[str]]]:
    """By stage, the reports that people judged on other documents than they have now; a check makes no ledger."""
    from ..core.judgement import Stage
    from ..ledger.reviewers import stages_judged_by_people
    from ..ledger.store import Ledger
    from ..review.status import on_other_text
    from ..stages.state import StageState

    found: dict[str, dict[str, list[str]]] = {}
    if not Ledger.there(here.hidden):
        return found
    ledger = Ledger.for_reading(here.hidden)
    with ledger.read() as connection:
        judged = stages_judged_by_people(connection)
    for stage in (Stage.FULLTEXT, Stage.EXTRACTION):
        if stage in here.protocol.stages and stage in judged:
            found[stage.value] = on_other_text(StageState.load(ledger, here, stage).standings)
    return {stage: reports for stage, reports in found.items() if reports}


def _check_kept_agreement(here: "Review") -> None:
    """Refuse rows on people's agreement that differ from the judgements; only another program can have changed them."""
    from ..core.errors import BadInput
    from ..ledger.store import Ledger
    from ..stages.kept_agreement import differing

    if not Ledger.there(here.hidden):
        return
    with Ledger.for_reading(here.hidden).read() as connection:
        wrong = differing(connection)
    for stage, names in wrong.items():
        raise BadInput(
            f"ledger: what it keeps of people's agreement at stage {stage} differs from their judgements "
            f"({', '.join(names[:5])}); delete the row of its table `agreements_made`, and the next change makes it anew"
        )


def _gate(here: "Review", stage: "Stage", gate: "Gate", gold: "GoldSet | None") -> dict[str, Any]:
    """What a gate needs, and what there is; labels that can open none count for nothing."""
    from ..evaluation.gate_checks import positives_needed, test_positives
    from ..stages.gates import unfit

    lacks, needed = unfit(here, stage), positives_needed(gate)
    there = test_positives(gold) if gold is not None and not lacks else 0
    return {**gate.model_dump(), "positives_needed": needed, "positives": there, "missing": max(0, needed - there),
            "lacks": lacks}  # fmt: skip
