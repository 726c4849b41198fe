"""`screener simulate`: how soon the ranking would have found what is relevant in a labelled file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import BadInput
from .common import ExecutorOption, JsonOption, console, counted, emit, progress_line, say_path, table, warn

if TYPE_CHECKING:
    from ..review.simulating import Simulation

_WORDS = {
    "ranking_loss": "ranking loss",
    "wss95": "WSS@95",
    "wss100": "WSS@100",
    "atd": "average time to discovery, in records",
}
_MOST_SHOWN = 5
"""Replays that have a column each."""
_RULES = {"safe": "safe, its steps S and A"}


def simulate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Labelled records: a table with label_included, or RIS.")
    ],
    criteria: Annotated[
        Path | None, typer.Option("--criteria", help="YAML with question: and criteria:, as in a stage of a protocol.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Seeds, with commas between: a replay each.")] = "1,2,3",
    priors: Annotated[
        str, typer.Option(help="one: a relevant and an irrelevant record are known, drawn by seed; none.")
    ] = "one",
    prior_ids: Annotated[
        list[str] | None,
        typer.Option(
            "--prior-ids",
            help="Known records instead of --priors: places in the file from 0, or ids; with commas, or repeated.",
        ),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Records labelled between two fits.")] = 10,
    label: Annotated[str, typer.Option(help="The column of labels (default: the first known name).")] = "",
    votes: Annotated[
        list[str] | None, typer.Option("--votes", help="A column with what another reviewer said; may be repeated.")
    ] = None,
    vectors: Annotated[
        bool,
        typer.Option("--vectors/--no-vectors", help="Whether to make sentence vectors: about ten records a second."),
    ] = True,
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="The encoding of the text, such as gb18030, where it cannot be told.")
    ] = "",
    plot: Annotated[Path | None, typer.Option(help="Draw the recall curve into this file, .svg or .png.")] = None,
    executor: ExecutorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replay a labelled file: in which order the ranking would have offered its records, and what that saves.

    Needs no review folder. Figures are of the records that were offered; priors are known beforehand and are not counted.
    """
    from ..review.simulating import SimulationOptions, simulate_file, write_recall_plot

    if priors not in ("one", "none"):
        raise BadInput(f"--priors is one or none, not `{priors}`")
    if plot is not None and plot.suffix.lower() not in (".svg", ".png"):
        raise BadInput(f"--plot: {plot} is neither .svg nor .png")
    if plot is not None and (plot.is_dir() or not plot.absolute().parent.is_dir()):
        raise BadInput(f"--plot: {plot} cannot be written: {'it is a folder' if plot.is_dir() else 'no such folder'}")
    if prior_ids and not _listed(prior_ids):
        raise BadInput("--prior-ids names no record; leave it out, or give places in the file or ids")
    options = SimulationOptions(
        _whole_numbers(seeds), priors == "one", _listed(prior_ids), batch, label, tuple(votes or ()), vectors, encoding,
        executor,
    )  # fmt: skip
    done = simulate_file(file, criteria, options, progress_line())
    if as_json:
        emit(done.as_json())
    else:
        _show(done)
    warn(done.remarks)
    if plot is not None:
        write_recall_plot(done, plot)


def _listed(values: list[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


def _whole_numbers(text: str) -> tuple[int, ...]:
    parts = _listed([text])
    if not parts or not all(part.isdecimal() for part in parts):
        raise BadInput(f"--seeds: `{text}` are no whole numbers with commas between, such as 1,2,3")
    return tuple(dict.fromkeys(map(int, parts)))  # a seed twice would be the same replay twice


def _show(done: "Simulation") -> None:
    document = done.as_json()
    shown = console()
    known = [document["records"] - len(run["order"]) for run in document["runs"]]
    shown.print(
        f"{say_path(done.path)}: {counted(document['records'], 'record')}, {document['relevant']:,} relevant by"
        f" `{document['label']}`; {counted(known[0], 'record')} known beforehand; learned from"
        f" {', '.join(document['learned_from'])}; batches of {document['batch']:,}"
    )
    shown.print(_figures(document))
    stopping = table(
        "Stopping rules, descriptive: means", "rule", "says stop after", "recall then", "replays", right=(1, 2, 3)
    )
    for name, rule in document["stopping"].items():
        after = "never" if rule["labels"] is None else f"{rule['labels']:,.0f} of {len(document['order']):,} labels"
        recall = "" if rule["recall"] is None else f"{rule['recall']:.3f}"
        stopping.add_row(_RULES.get(name, name), after, recall, f"{rule['runs']} of {len(document['runs'])}")
    shown.print(stopping)


def _figures(document: dict[str, Any]) -> Any:
    """Return the table of figures: each replay's, or of many the least and the most."""
    runs = document["runs"]
    few = len(runs) <= _MOST_SHOWN
    heads = [f"seed {run['seed']}" for run in runs] if few else ["least", "most"]
    figures = table("Figures", "figure", "mean", *heads, right=tuple(range(1, len(heads) + 2)))
    for name, words in _WORDS.items():
        values = [run[name] for run in runs]
        if not few:
            known = [value for value in values if value is not None] or [None]
            values = [min(known), max(known)]
        figures.add_row(words, *(_number(name, value) for value in (document[name], *values)))
    random = [run["random"] for run in runs]
    if any(random):
        each = random if few else [min(random), max(random)]
        mean = f"{sum(random) / len(random):,.1f}"
        figures.add_row("at random, until both kinds were known", mean, *(f"{number:,}" for number in each))
    return figures


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}" if name == "atd" else f"{value:.4f}"
