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
    done = check_audit(path, run_form=run_form)
    if json:
        emit(done.as_json())
    else:
        _print(done)
    return done.code


def _print(done: "Checked") -> None:
    out, said = _Lines(console()), done.archive.manifest
    out.print(f"{say_path(done.path)}: “{said['review']}”, made {said['made']} by screener {said['screener']}")
    out.print(f"  manifest       SHA-256 {done.archive.digest}")
    if done.problems:
        _list(out, done.problems)
        out.print(VERDICTS[done.verdict])
        return
    out.print(f"  files          {len(done.archive.members):,}, each as the manifest says")
    if said["texts"]:
        out.print(
            f"  texts          {done.records:,} records and {done.texts:,} other texts, compared with their hashes"
        )
    else:
        out.print(
            f"  texts          left out; {done.records:,} records and {done.texts_left_out:,} other texts have their hashes"
        )
    _list(out, done.hashes)
    _print_prompts(out, done)
    figures = done.figures
    different = f"{len(figures.different):,} differ" if figures.different else "all the same"
    out.print(
        f"  figures        {figures.numbers:,} numbers recomputed to 1e-9, and {figures.words:,} words: {different}"
    )
    _list(
        out, [f"{one.path}: {one.recorded} in figures.json, {one.recomputed} recomputed" for one in figures.different]
    )
    if figures.different and done.versions:
        other = ", ".join(f"{name} {there} there, {here} here" for name, (there, here) in done.versions.items())
        out.print(f"    this may be why: {other}")
    if done.not_run:
        out.print(
            f"  not recomputed {done.not_recomputed:,} numbers of the extraction: {', '.join(done.not_run)} in the ZIP is a "
            "program and was not run; --run-form runs it"
        )
    drawn = "drawn again, the same" if done.redrawn else "carries these figures (drawn by another version)"
    out.print(f"  page           {done.page or drawn}")
    out.print(VERDICTS[done.verdict])


def _print_prompts(out: "_Lines", done: "Checked") -> None:
    found = done.prompts
    if not found.judgements:
        out.print("  prompts        none: no remote model has judged")
        return
    out.print(
        f"  prompts        {found.rendered:,} rendered again, the same as sent; {found.same:,} of {found.judgements:,} "
        "judgements derived again from their answers"
    )
    _list(out, [f"{count:,} not derived: {why}" for why, count in found.skipped.items()])
    _list(out, found.problems)


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
