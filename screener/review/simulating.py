"""`screener simulate`: a labelled file replayed as if people had screened it in the order of the ranking. No review is needed."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from ..core.errors import BadInput, together
from ..core.files import reason_of
from ..core.messages import Embedder, Vectors
from ..core.yamlfile import YamlFile
from ..evaluation.simulation import SimulatedRun, measured, simulate, summary
from ..exchange.labelled_sets import LabelledRecord, LabelledSet, read_labelled_set
from ..models import KeptVectors, own_vectors_file
from ..protocol import QuestionCriterion, StageProtocol
from ..ranking import Features, Text, features_of
from ..reporting.drawing import svg
from ..reporting.plots import recall_plot
from ..reporting.png import write_png
from ..reviewers.wording import Wording, whole_text, wording_scores
from ..running.build_reviewers import spread
from ..running.executors import Workforce, workers_at
from ..text import MiniLM, load_embedder

Progress = Callable[[str, bool], None]
"""Is told how far it has come, and whether that is the end."""
_CHUNK, _SPREAD = 64, 2_048
"""Texts that are embedded and kept together: an interruption loses no more."""


@dataclass(frozen=True)
class SimulationOptions:
    """What the user asks of a simulation.

    `prior_ids` are rows (from 0, as ASReview counts) or the file's own ids, these with `id:` before them where they could
    be rows; without them `with_priors` says whether each seed draws a kept and an excluded record.
    """

    seeds: tuple[int, ...] = (1, 2, 3)
    with_priors: bool = True
    prior_ids: tuple[str, ...] = ()
    batch: int = 10
    label: str = ""
    votes: tuple[str, ...] = ()
    vectors: bool = True
    encoding: str = ""
    executor: str | None = None
    """Where sentence vectors and features are made: see `running.executors`."""


@dataclass(frozen=True)
class Simulation:
    """A simulated review: its runs, one a seed, and what it was done with."""

    path: Path
    labelled: LabelledSet
    """Its records are in the order of a hash of what stands in them."""
    options: SimulationOptions
    learned_from: tuple[str, ...]
    """`labels`, and where there are any `sentence vectors`, `criteria`, `votes`."""
    runs: tuple[SimulatedRun, ...]
    seconds: Mapping[str, float]
    doubts: tuple[str, ...] = ()
    """What the names of priors may have meant otherwise."""

    @property
    def remarks(self) -> list[str]:
        """Return what the reader must know beside the figures."""
        lines = [*self.labelled.remarks, *self.doubts]
        kept = sum(record.kept for record in self.labelled.records)
        if "criteria" not in self.learned_from:
            lines.append("no criteria: the ranking learns from labels alone")
        if "sentence vectors" not in self.learned_from:
            lines.append("without sentence vectors: words and style alone")
        if kept in (0, len(self.labelled.records)):
            lines.append("all labels are the same: there is nothing to rank, and no ranking loss")
        elif not any(run.labels.any() for run in self.runs):
            lines.append("every relevant record is known beforehand: nothing is left to find, and there is no figure")
        return lines

    def rows(self, places: Sequence[int]) -> list[int]:
        """Return the rows of the file at these places among the labelled records."""
        return [self.labelled.records[place].row for place in places]

    def as_json(self) -> dict[str, Any]:
        """Return it as `simulate --json` prints it: means over seeds, then each run."""
        records, batch = self.labelled.records, self.options.batch
        first = self.runs[0].replay.order
        ids = {"order_ids": [records[place].id for place in first]} if any(one.id for one in records) else {}
        return {
            "file": str(self.path), "label": self.labelled.label, "records": len(records),
            "relevant": sum(record.kept for record in records), "learned_from": list(self.learned_from),
            "criteria": "criteria" in self.learned_from, "batch": batch, "seeds": list(self.options.seeds),
            "remarks": self.remarks, "seconds": dict(self.seconds),
            **summary(self.runs), "order": self.rows(first),
            "runs": [
                {"seed": run.replay.seed, "priors": self.rows(run.replay.priors), "random": run.replay.random,
                 "fits": run.replay.fits, **run.figures, "curve": run.curve,
                 "stopping": {name: stop.as_json() for name, stop in run.stopping.items()},
                 "order": self.rows(run.replay.order)}
                for run in self.runs
            ],
            **ids,
        }  # fmt: skip


def simulate_file(
    path: Path, criteria: Path | None, options: SimulationOptions, progress: Progress = lambda *_: None
) -> Simulation:
    """Read a labelled file and replay it, once a seed; `BadInput` for a file, criteria or priors that cannot be used."""
    read = read_labelled_set(path, options.label, options.votes, options.encoding)
    labelled = replace(read, records=_by_hash(read.records))
    wording = None if criteria is None else read_criteria(criteria)
    priors, doubts = _prior_places(labelled, options)
    started = time.monotonic()
    with workers_at(options.executor) as workforce:
        features, learned_from = _features(labelled, wording, options, progress, workforce)
    ready = time.monotonic()
    kept = np.array([record.kept for record in labelled.records], dtype=bool)
    runs = list[SimulatedRun]()
    for number, seed in enumerate(options.seeds, start=1):
        if runs and priors is not None and runs[0].replay.random == 0:  # nothing was drawn: it would be the same again
            runs.append(measured(replace(runs[0].replay, seed=seed), kept, options.batch))
        else:
            told = _replay_progress(progress, f"replay {number} of {len(options.seeds)}", int(kept.sum()))
            runs.append(simulate(features, kept, seed=seed, priors=priors, batch=options.batch, progress=told))
    progress(f"{len(runs)} of {len(options.seeds)} replays done{' ' * 40}", True)
    seconds = {"features": round(ready - started, 2), "replays": round(time.monotonic() - ready, 2)}
    return Simulation(path, labelled, options, learned_from, tuple(runs), seconds, tuple(doubts))


def _by_hash(records: Sequence[LabelledRecord]) -> tuple[LabelledRecord, ...]:
    """Return records by a hash of id and text: neither the order of the file nor labels decide what is drawn or ranked.

    Records that are the same in all of these are numbered; the numbers are hashed too, for some files are sorted by label.
    """
    times = Counter[str]()
    hashed = list[tuple[bytes, LabelledRecord]]()
    for record in records:
        content = "\x00".join((record.id, record.title, record.abstract, str(record.year)))
        times[content] += 1
        key = f"{content}\x00{times[content]}".encode("utf-8", "surrogatepass")
        hashed.append((hashlib.sha256(key).digest(), record))
    return tuple(record for _, record in sorted(hashed, key=lambda pair: pair[0]))


def _replay_progress(progress: Progress, name: str, relevant: int) -> Callable[[int, int], None]:
    return lambda offered, found: progress(f"{name}: {offered:,} offered, {found:,} of {relevant:,} found", False)


def read_criteria(path: Path) -> Wording:
    """Read `question` and `criteria`, these as in a protocol's stage or as `id: question`; `BadInput` where it is neither."""
    file = YamlFile(path)
    content = file.data
    if file.mistakes:
        raise together(file.in_order([]))
    if isinstance(content, dict) and "stages" in content:
        raise BadInput(
            f"{path}: a whole protocol; copy `question:` and `criteria:` of one stage into a file of their own"
        )
    question = content.get("question") if isinstance(content, dict) else None
    if not isinstance(question, str) or not question.strip():
        raise BadInput(f"{path}: no `question:`; write question and criteria as in a stage of review.yaml")
    _known_keys(file, (), content, StageProtocol)
    given = content.get("criteria") or ()
    if not isinstance(given, dict | list | tuple):
        raise file.fail(("criteria",), "write a list of criteria, or `id: question` for each")
    names = list(given) if isinstance(given, dict) else list(range(len(given)))
    each = tuple(text for text in (_criterion(file, ("criteria", name), given[name]) for name in names) if text)
    return Wording(" ".join((question.strip(), *each)), each or (question.strip(),))


def _criterion(file: YamlFile, where: tuple[str | int, ...], one: object) -> str:
    """Return a criterion as a text, or an empty one for a rule, which no reader is asked."""
    if isinstance(one, str) and one.strip():
        return one.strip()
    if isinstance(one, dict) and one.get("kind") == "rule":
        return ""
    if isinstance(one, dict) and isinstance(one.get("question"), str):
        met_when = one.get("met_when") or ""
        if not isinstance(met_when, str):
            raise file.fail((*where, "met_when"), "write it as a text")
        _known_keys(file, where, one, QuestionCriterion)
        return f"{one['question']} {met_when}".strip()
    raise file.fail(where, "has no `question:`; write a sentence that `yes` makes eligible")


def _known_keys(file: YamlFile, where: tuple[str | int, ...], given: Mapping[str, object], of: type[BaseModel]) -> None:
    """Raise `BadInput` for a key that a stage or criterion has not: a mistyped one would be left out without a word."""
    for key in given:
        if key not in of.model_fields:
            raise file.fail((*where, key), f"unknown key; known are {', '.join(of.model_fields)}")


def _prior_places(labelled: LabelledSet, options: SimulationOptions) -> tuple[list[int] | None, list[str]]:
    """Return the places of the priors that the user names, and doubts about the names; None where each seed draws them."""
    if not options.prior_ids:
        return (None if options.with_priors else []), []
    by_row = {str(record.row): place for place, record in enumerate(labelled.records)}
    by_id: dict[str, list[int]] = {}
    for place, record in enumerate(labelled.records):
        by_id.setdefault(record.id, []).append(place)
    by_id.pop("", None)
    places, doubts = list[int](), list[str]()
    for name in options.prior_ids:
        named = by_id.get(name.removeprefix("id:"), [])
        row = by_row.get(name)
        if row is None and not named:
            raise BadInput(
                f"--prior-ids: no labelled record is `{name}`; give its place in the file, 0 for the first, or its id"
            )
        if row is None and len(named) > 1:
            raise BadInput(f"--prior-ids: {len(named):,} records have the id `{name}`; give the place in the file")
        if row is not None and named not in ([], [row]):
            doubts.append(
                f"--prior-ids: `{name}` is the place of a record, 0 for the first, and the id of another: the place was"
                f" taken; for the id write `id:{name}`"
            )
        places.append(named[0] if row is None else row)
    return places, doubts


def _features(
    labelled: LabelledSet,
    wording: Wording | None,
    options: SimulationOptions,
    progress: Progress,
    workforce: Workforce | None,
) -> tuple[Features, tuple[str, ...]]:
    records = labelled.records
    texts = [Text(record.title, record.abstract, record.year) for record in records]
    embedder = load_embedder() if options.vectors else None
    kept_vectors = None
    if isinstance(embedder, MiniLM):
        kept_vectors = KeptVectors(spread(embedder, workforce), own_vectors_file())
    whole = asked = None
    if kept_vectors is not None:
        at_once = _CHUNK if workforce is None else _SPREAD
        wholes = [whole_text(text.title, text.abstract) for text in texts]
        whole = _embed(kept_vectors, wholes, "records", progress, at_once)
    prior = None
    if wording is not None:
        if kept_vectors is not None and whole is not None:
            titles = _embed(kept_vectors, [text.title.strip() for text in texts], "titles", progress, at_once)
            asked = (whole, titles, kept_vectors.embed(wording.texts))
        prior = wording_scores(wording, [(text.title, text.abstract) for text in texts], asked)
    votes = {name: np.array([record.votes[column] for record in records]) for column, name in enumerate(options.votes)}
    places = [str(place) for place in range(len(records))]  # they are in the order of a hash already
    computing = None if workforce is None else workforce.computing
    features = features_of(texts, places, vectors=whole, prior=prior, votes=votes, executor=computing)
    parts = {"sentence vectors": whole is not None, "criteria": prior is not None, "votes": bool(votes)}
    return features, ("labels", *(name for name, there in parts.items() if there))


def _embed(embedder: Embedder, texts: Sequence[str], name: str, progress: Progress, at_once: int) -> Vectors:
    """Return vectors, made and kept in parts: what an interruption left is not made again."""
    parts = []
    for start in range(0, len(texts), at_once):
        parts.append(embedder.embed(texts[start : start + at_once]))
        done = min(start + at_once, len(texts))
        progress(f"sentence vectors of {name}: {done:,} of {len(texts):,}", done == len(texts))
    return np.concatenate(parts)


def write_recall_plot(simulation: Simulation, path: Path) -> None:
    """Draw the mean recall curve into an SVG or PNG file, by the name's ending; `BadInput` for another or where it cannot be."""
    document = summary(simulation.runs)["curve"]
    kept = int(simulation.runs[0].labels.sum())
    curve = document | {"n": document["screened"][-1], "relevant": kept}
    drawing = recall_plot(curve, f"Simulated screening of {simulation.path.name}")
    try:
        if path.suffix.lower() == ".png":
            write_png(drawing, path)
        elif path.suffix.lower() == ".svg":
            path.write_text(svg(drawing, "recall", fixed=True), encoding="utf-8")
        else:
            raise BadInput(f"--plot: {path} is neither .svg nor .png")
    except OSError as error:
        raise BadInput(f"--plot: {path} cannot be written: {reason_of(error)}") from None
