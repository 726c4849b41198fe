"""What `screener check --audit` prints."""

from pathlib import Path
from typing import TYPE_CHECKING

from .common import console, emit, say_path

if TYPE_CHECKING:
    from rich.console import Console

    from ..reporting.audit import Checked

SHOWN = 20
"""How many lines of one kind are printed; --json has all."""
VERDICTS = {
    "holds": "IT HOLDS: every number of the report was recomputed and is the same.",
    "incomplete": "NOT ALL WAS RECOMPUTED: the recomputed part is the same.",
    "differs": "IT DOES NOT HOLD: what is listed above differs.",
    "damaged": "DAMAGED: the archive does not match its manifest; nothing in it can be trusted.",
}


def check_archive(path: Path | None, *, run_form: bool, json: bool) -> int:
    """Check an archive, print what was found, and return the exit code."""
    from ..core.errors import BadInput
    from ..reporting.audit import check_audit

    if path is None:
        raise BadInput("--run-form: goes with --audit FILE")
    checked = check_audit(path, run_form=run_form)
    if json:
        emit(checked.as_json())
    else:
        _print(checked)
    return checked.code


def _print(checked: "Checked") -> None:
    out, manifest = _Lines(console()), checked.archive.manifest
    out.print(
        f"{say_path(checked.path)}: “{manifest['review']}”, made {manifest['made']} by screener {manifest['screener']}"
    )
    out.print(f"  manifest       SHA-256 {checked.archive.digest}")
    if checked.problems:
        _list(out, checked.problems)
        out.print(VERDICTS[checked.verdict])
        return
    out.print(f"  files          {len(checked.archive.members):,}, each as the manifest says")
    if manifest["texts"]:
        out.print(
            f"  texts          {checked.records:,} records and {checked.texts:,} other texts, compared with their hashes"
        )
    else:
        out.print(
            f"  texts          left out; {checked.records:,} records and {checked.texts_left_out:,} other texts have their hashes"
        )
    _list(out, checked.hashes)
    _print_prompts(out, checked)
    figures = checked.figures
    different = f"{len(figures.different):,} differ" if figures.different else "all the same"
    out.print(
        f"  figures        {figures.numbers:,} numbers recomputed to 1e-9, and {figures.words:,} words: {different}"
    )
    _list(
        out,
        [
            f"{figure.path}: {figure.recorded} in figures.json, {figure.recomputed} recomputed"
            for figure in figures.different
        ],
    )
    if figures.different and checked.versions:
        versions = ", ".join(
            f"{name} {recorded} there, {installed} here" for name, (recorded, installed) in checked.versions.items()
        )
        out.print(f"    this may be why: {versions}")
    if checked.redefined:
        out.print(
            f"  not compared   {checked.redefined:,} numbers by other rules: an earlier version counted who settles disputes as a "
            "rater, and took texts for right of which four in five words agree"
        )
    if checked.not_run:
        out.print(
            f"  not recomputed {checked.not_recomputed:,} numbers of the extraction: {', '.join(checked.not_run)} in the ZIP is a "
            "program and was not run; --run-form runs it"
        )
    drawn = "drawn again, the same" if checked.redrawn else "carries these figures (drawn by another version)"
    out.print(f"  page           {checked.page or drawn}")
    part = checked.verdict == "holds" and checked.redefined
    out.print("IT HOLDS: every number that was compared is the same." if part else VERDICTS[checked.verdict])


def _print_prompts(out: "_Lines", checked: "Checked") -> None:
    prompts = checked.prompts
    if not prompts.judgements:
        out.print("  prompts        none: no remote model has judged")
        return
    out.print(
        f"  prompts        {prompts.rendered:,} rendered again, the same as sent; {prompts.same:,} of {prompts.judgements:,} "
        "judgements derived again from their answers"
    )
    _list(out, [f"{count:,} not derived: {why}" for why, count in prompts.skipped.items()])
    _list(out, prompts.problems)


class _Lines:
    """A line stays one line, however wide the screen is: other programs look for it."""

    def __init__(self, out: "Console") -> None:
        self._out = out

    def print(self, line: str) -> None:
        self._out.print(line, soft_wrap=True)


def _list(out: _Lines, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        out.print(f"    {line}")
    if len(lines) > SHOWN:
        out.print(f"    and {len(lines) - SHOWN:,} more (--json lists them)")
