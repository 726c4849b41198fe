"""The steps really taken in a review as commands, from what the ledger recorded."""

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from ..core.judgement import Stage
from ..gold import load_gold
from ..ledger.steps import StepTaken, steps_taken
from ..ledger.store import Connection
from ..protocol import PROPOSED, TRIED, Review
from . import wording as w

_Details = Mapping[str, Any]


def steps(connection: Connection, review: Review) -> list[dict[str, str]]:
    """Return the steps, oldest first: `at` (the day), `command`, and a `note` of what else is known.

    Files stand by their names, without folders.
    """
    taken = [*steps_taken(connection), *_locks(review)]
    return [
        {"at": step.at[:10], "command": f"screener {command}", "note": _note(step, note)}
        for step in sorted(taken, key=lambda step: step.at)
        for command, note in (_COMMANDS[step.kind](step.details),)
    ]


def _locks(review: Review) -> list[StepTaken]:
    """Return when gold was locked, of which the labels themselves tell."""
    golds = [(stage, load_gold(review, stage)) for stage in review.protocol.stages if stage is not Stage.EXTRACTION]
    return [
        StepTaken(str(gold.lock.at), "lock", {"stage": stage.value, "version": gold.lock.version})
        for stage, gold in golds
        if gold is not None and gold.lock is not None
    ]


_COUNTED = {
    "judge": "judgement",
    "label unnamed": "decision",
    "import pdfs": "document",
    "retrieve pdfs": "report",
    "gate": "check",
}
"""What is counted of steps of which each row of the ledger is a part."""


def _note(step: StepTaken, note: str) -> str:
    if step.kind in _COUNTED:
        return f"{w.plural(step.times, _COUNTED[step.kind])}{note}"
    times = f"{step.times:,} times" if step.times > 1 else ""
    return "; ".join(filter(None, (times, note)))


def _command(*words: str) -> str:
    """Return a command line; what is in capitals stands for what differs from time to time."""
    return " ".join(word if word.isupper() else shlex.quote(word) for word in words)


def _import(d: _Details) -> tuple[str, str]:
    source = ("--source", d["source"]) if d["source"] else ()
    encoding = ("--encoding", d["encoding"]) if d["encoding"] else ()
    return _command("import", d["file"], *source, *encoding), "" if source else "names several sources"


def _update(d: _Details) -> tuple[str, str]:
    encoding = ("--encoding", d["encoding"]) if d["encoding"] else ()
    return _command("import", "--update", d["source"], *d["files"], *encoding), ""


def _label(d: _Details) -> tuple[str, str]:
    people = [who if role == "human" else f"{who} ({role})" for who, role in d["people"]]
    options = d["options"]
    if options is None:  # an earlier program did not keep them
        options = ("--reviewer", d["people"][0][0]) if len(people) == 1 and d["people"][0][1] == "human" else ()
    by = f" by {w.listed(people)}" if people and "--reviewer" not in options else ""
    return _command("label", d["file"], "--stage", d["stage"], *options), f"{w.plural(d['decisions'], 'decision')}{by}"


def _run(d: _Details) -> tuple[str, str]:
    repeats = ("--repeats", str(d["repeats"])) if d["repeats"] > 1 else ()
    fit = ("--fit",) if d["fit"] else ()
    return _command("run", "--stage", d["stage"], "--reviewer", d["reviewer"], *fit, *repeats), ""


def _sample(d: _Details) -> tuple[str, str]:
    seed = ("--seed", d["seed"])
    if d["kind"] == "elusion":
        return _command("gold", "elusion", "--stage", d["stage"], "--n", str(d["n"]), *seed), ""
    if d["kind"] == "review":
        return _command(
            "gold", "elusion", "--stage", d["stage"]
        ), f"{w.plural(d['n'], 'record')} of a stratum went to people"
    if d["kind"] == "recall":
        return _command(
            "adjudicate", "--reviewer", "NAME"
        ), f"its first queue drew a recall sample of {w.plural(d['n'], 'record')}"
    if d["kind"] == "update":
        return _command("gold", "sample", "--update", "--stage", d["stage"], "--n", str(d["n"]), *seed), ""
    size = ("--pilot" if d["kind"] == "pilot" else "--n", str(d["n"]))
    stratified = ("--by", "probability") if d["drawn"] == "stratified" else ()
    return _command("gold", "sample", "--stage", d["stage"], *size, *stratified, *seed), ""


def _link(d: _Details) -> tuple[str, str]:
    by = f"{d['kind'].replace('_', ' ')}, by {d['who']}"
    if d["kind"] == "enriches":
        return _command("retrieve", "--accept" if d["active"] else "--reject", "NUMBER"), f"by {d['who']}"
    if d["kind"] in ("candidate", "notice_of", "conflict"):
        apart = ("--apart",) if d["kind"] != "notice_of" or not d["active"] else ()
        return _command("dedup", "confirm", "RECORD", "OTHER", *apart), by
    study = ("--same-study",) if d["kind"] == "same_study" else ()
    parts = ("merge", "RECORD", "OTHER", *study) if d["active"] else ("split", "RECORD", *study)
    return _command("dedup", *parts), by


def _retrieval(d: _Details) -> tuple[str, str]:
    option = {"no_full_text_exists": "--no-full-text"}.get(d["status"], f"--{d['status'].replace('_', '-')}")
    return _command("attach", "RECORD", option, "REASON"), f"by {d['who']}"


def _classified(d: _Details) -> tuple[str, str]:
    option = {"awaiting_classification": "--awaiting", "ongoing": "--ongoing"}.get(d["kind"], "--settled")
    return _command("classify", "RECORD", option, "REASON"), f"by {d['who']}"


def _export(d: _Details) -> tuple[str, str]:
    """Return how requests were written to a file: those of a reviewer, or of what is tried or proposed by it."""
    reviewer, _, variant = d["reviewer"].partition(TRIED)
    if not variant:
        return _command("batch", "export", "--stage", d["stage"], "--reviewer", reviewer), ""
    if variant == PROPOSED:
        return _command("tune", "propose", "--stage", d["stage"], "--reviewer", reviewer, "-o", "FILE"), ""
    return _command("tune", "try", variant, "--reviewer", reviewer, "-o", "FILE"), ""


def _staged(*words: str) -> Callable[[_Details], tuple[str, str]]:
    """Return how a command of a stage and a reviewer is written."""
    return lambda d: (_command(*words, "--stage", d["stage"], "--reviewer", d["reviewer"]), "")


_COMMANDS: Mapping[str, Callable[[_Details], tuple[str, str]]] = {
    "import": _import,
    "enrich": lambda _: (_command("retrieve", "--enrich"), ""),
    "undo import": lambda d: (_command("import", "--undo", d["file"]), ""),
    "rename source": lambda d: (_command("sources", "rename", d["old"], d["new"]), ""),
    "label": _label,
    "undo label": lambda d: (_command("label", "--undo", d["file"], "--stage", d["stage"]), ""),
    "label unnamed": lambda d: (
        _command("label", "FILE", "--stage", d["stage"], "--reviewer", d["who"]),
        "; the ledger does not name the file",
    ),
    "judge": lambda d: (_command("adjudicate", "--reviewer", d["who"]), f" at {w.stage(d['stage'])}"),
    "import pdfs": lambda d: (_command("import", "--pdfs", "FOLDER"), ""),
    "retrieve pdfs": lambda d: (_command("retrieve", "--pdfs"), ""),
    "update": _update,
    "attach": lambda d: (_command("attach", "RECORD", "FILE", "--role", d["role"]), f"by {d['who']}"),
    "detach": lambda d: (_command("attach", "RECORD", "--remove", "DOCUMENT"), f"by {d['who']}"),
    "retrieval": _retrieval,
    "classified": _classified,
    "contact": lambda d: (_command("contact", "RECORD", "--to", "WHO", "--asked", "TEXT"), f"by {d['who']}"),
    "contact_answer": lambda d: (_command("contact", "RECORD", "--answer", "TEXT"), f"by {d['who']}"),
    "run": _run,
    "batch submit": _staged("batch", "submit"),
    "batch export": _export,
    "tune propose": _staged("tune", "propose"),
    "tune try": lambda d: (_command("tune", "try", d["variant"], "--reviewer", d["reviewer"]), f"at {w.stage(d['stage'])}"),
    "batch collect": lambda d: (_command("batch", "collect"), ""),
    "sample": _sample,
    "lock": lambda d: (_command("gold", "lock", "--stage", d["stage"]), f"version {d['version']}"),
    "gate": lambda d: (_command("gold", "gate", "--stage", d["stage"], "--reviewer", d["reviewer"]), ", most of them by the program after a change"),
    "amend": lambda d: (_command("adjudicate", "--reviewer", d["who"]), f"an amendment at {w.stage(d['stage'])}"),
    "link": _link,
}  # fmt: skip
