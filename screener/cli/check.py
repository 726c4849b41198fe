"""`screener check`: read protocol, prompts and gold as a whole; or with `--audit` an archive of a finished report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import JsonOption, ReviewOption, emit

if TYPE_CHECKING:
    from ..core.judgement import Stage
    from ..protocol import StageProtocol
    from ..review.checking import ReviewCheck
    from ..stages import IntegrityState


def check(
    audit: Annotated[
        Path | None,
        typer.Option("--audit", metavar="FILE", help="Verify a ZIP of `report --audit` and recompute its figures."),
    ] = None,
    run_form: Annotated[
        bool, typer.Option("--run-form", help="With --audit: run the form's Python files that are in the ZIP.")
    ] = False,
    critique: Annotated[
        str | None,
        typer.Option(metavar="REVIEWER", help="Also ask this chat model for suggestions on the wording of criteria."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --critique: print the number of calls and the cost; send nothing.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="With --critique: write its requests as a batch file."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --critique: read the answers to such a file.")
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Check protocol, prompts, forms, sources and gold. Every mistake is one line with its place and what to write.

    What is no mistake but may mislead readers in the wording of criteria is told too, as advice. With --critique a chat model
    is asked as well, one request a stage; what it costs is told first (--dry-run), and only suggestions that quote the wording
    rightly are shown.

    Forms in Python are files of the review: checking them runs them. With --audit no review is needed, and nothing that is
    in the ZIP is run unless --run-form says so. Exit codes then: 0 everything was recomputed and is equal; 2 the ZIP is
    damaged; 3 something differs, or was not recomputed.
    """
    if audit is not None or run_form:
        from .audit_page import check_archive

        raise typer.Exit(check_archive(audit, run_form=run_form, json=json))
    from ..review import review_folder
    from ..review.checking import check_folder

    _refuse_without_critique(critique, dry_run, output, answers)
    checked = check_folder(review_folder(review))
    if not json:
        _show(checked)
    suggested, failed = {}, False
    if critique is not None:
        from .critique_page import critique as critique_of

        said, failed = critique_of(
            checked.review, critique, dry_run=dry_run, output=output, answers=answers, quiet=json
        )
        suggested = {"critique": said}
    if json:
        emit({**checked.as_json(), **suggested})
    if failed:
        raise typer.Exit(3)


def _refuse_without_critique(critique: str | None, dry_run: bool, output: Path | None, answers: Path | None) -> None:
    """Raise `BadInput` for options that go with --critique, or exclude each other."""
    from ..core.errors import BadInput

    given = [name for name, value in (("--dry-run", dry_run), ("-o", output), ("--answers", answers)) if value]
    if given and critique is None:
        raise BadInput(f"{given[0]} goes with --critique REVIEWER")
    if len(given) > 1:
        raise BadInput(f"{' and '.join(given)} exclude each other; leave out one")


def _show(checked: "ReviewCheck") -> None:
    """Print what the review consists of, what its gates need, and what is open."""
    from .status import against_line, other_text_line, without_criterion_line

    review = checked.review
    print(f"{review.prompts / 'review.yaml'}: no mistakes found")
    for stage, spec in review.protocol.stages.items():
        if spec.form:
            _show_extraction(checked, stage, spec)
        else:
            _show_screening(checked, stage, spec)
    for stage, gate in checked.gates.items():
        missing = f"{gate['missing']} are missing" if gate["missing"] else "there are enough"
        lacks = f" ({gate['lacks']})" if gate["lacks"] else ""
        print(
            f"  gate, {stage.label.lower()}: a lower bound of recall of {gate['recall_low']:g} needs {gate['positives_needed']} eligible records "
            f"without a miss in human, random, locked test gold; there are {gate['positives']}, {missing}{lacks}"
        )
        if gate.get("why"):
            print(f"    {'open' if gate['open'] else 'closed'}: {gate['why']}")
        for sentence in gate.get("updates", ()):
            print(f"    {sentence}")
    for name, reports in checked.on_other_text.items():
        print(f"  {other_text_line(name, reports)}")
    for name, records in checked.against_agreement.items():
        print(f"  {against_line(name, records)}")
    if checked.without_criterion:
        print(f"  {without_criterion_line(checked.without_criterion)}")
    if checked.integrity is not None:
        _show_integrity(checked.integrity)
    if checked.synthetic.count:
        print(f"  {checked.synthetic.sentence}")
    for note in checked.prompt_notes:
        print(f"  {note}")
    print(f"  {len(review.sources)} sources with {checked.searches} searches")
    for source, restriction in checked.venues.items():
        print(f"  venues, {source}: {restriction}")
    for note in checked.venue_notes:
        print(f"  {note}")
    if checked.wording:
        print(f"  wording of criteria, {len(checked.wording)} to look at (advice, no mistakes):")
        for advice in checked.wording:
            print(f"  - {advice.sentence}")
    if review.protocol.open_questions:
        print("  open questions, not decided yet:")
        for question in review.protocol.open_questions:
            print(f"  - {question}")


def _show_integrity(state: "IntegrityState") -> None:
    for record in state.undecided:
        print(f"  {record.id} is included and {record.integrity}: a person must decide (`screener integrity`)")
    if not state.checked:
        print("  retraction status was never checked: `screener integrity FILE` before the report")


def _show_screening(checked: "ReviewCheck", stage: "Stage", spec: "StageProtocol") -> None:
    print(f"  {stage.label}: {', '.join(c.id for c in spec.criteria)}; {_SHOWN[spec.shows_machine]}")
    if stage in checked.workflows:
        print(f"    workflow {spec.workflow}: {checked.workflows[stage]}")
    _tell_who_resolves(spec)
    for note in checked.stopping.get(stage, ()):
        print(f"    {note}")
    for criterion, cues in checked.unmatched_cues.get(stage, {}).items():
        print(f"    {criterion}: {len(cues)} of its cues are in no title or abstract so far: {', '.join(cues)}")
    if examples := checked.examples[stage].all:
        print(
            f"  examples {spec.examples}: {len(examples)}, all quotes found in their texts, none from gold's test split"
        )
    if (gold := checked.gold[stage]) is not None:
        dev, test = (sum(split == name for split in gold.split.values()) for name in ("dev", "test"))
        print(f"  gold {gold.spec.name} ({gold.spec.status}): {len(gold.labels)} labels, {dev} dev and {test} test")
        if gold.not_asked:
            print(
                f"    {gold.not_asked:,} answers are set to not_asked: what their criterion presupposes is answered no"
            )


def _show_extraction(checked: "ReviewCheck", stage: "Stage", spec: "StageProtocol") -> None:
    items = len(checked.form.by_path) if checked.form else 0
    files = ", ".join(f"{name} (run by this check)" if name.endswith(".py") else name for name in spec.form)
    print(f"  {stage.label}: {items} items in {files}")
    if checked.form and (derived := checked.form.derived):
        print(f"    {len(derived)} of them are derived by rules from the others: {', '.join(derived)}")
    if free := checked.numbers_without_units:
        print(f"    numbers without unit check (no Quantity): {', '.join(free)}")
    print(f"    {_SHOWN[spec.shows_machine]}")
    _tell_who_resolves(spec)
    if (gold := checked.gold_items) is not None:
        studies = len(gold.studies)
        print(f"  gold {gold.spec.name} ({gold.spec.status}): {checked.gold_item_count} items of {studies} studies")


_SHOWN = {
    "never": "people judge blind to the machine; only adjudicators see its answers",
    "after": "people see the machine's answers after their own, and may change theirs",
    "before": "people see the machine's suggestions from the start",
}


def _tell_who_resolves(spec: "StageProtocol") -> None:
    """Nobody named is a choice that is easily made unawares."""
    if spec.decided_by.humans >= 2 and not spec.decided_by.resolvers:
        print("    no `resolvers` named: anybody may adjudicate a conflict, also the two who differ")
