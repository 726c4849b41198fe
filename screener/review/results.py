"""The figures of a review for the browser's pages: those of the report, with its drawings and its words, never counted anew."""

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Answer, ItemAnswer, Judgement, Stage
from ..ledger import Ledger, reads
from ..metrics import Estimate, quote_validity
from ..protocol import Review
from ..reporting import wording as wording
from ..reporting import write_pictures
from ..reporting.drawing import Drawing, svg
from ..reporting.figures import figures
from ..reporting.labels import Labels
from ..reporting.page import embed, page
from ..reporting.pictures import SYNTHETIC as SYNTHETIC
from ..reporting.pictures import picture_of as picture_of
from ..reporting.pictures import pictures
from ..reporting.pictures import plot_of as plot_of
from .status import ReviewStatus, review_status

_OF_STAGE = {
    "undecided": Stage.ABSTRACT, "excluded": Stage.ABSTRACT, "awaiting": Stage.FULLTEXT, "excluded_reports": Stage.FULLTEXT,
}  # fmt: skip
"""The boxes of the flow whose lines tell how others decided at a stage."""
_COLUMNS = ("", "other_", "via_")
HIDDEN_LINES = "Why: shown once you have finished judging here."


@dataclass(frozen=True)
class Results:
    """All figures of a review as its ledger stood at one moment: `document` is what `report --json` prints.

    `quotes` is, by stage, the share of the machine's quotes that were found in their sources.
    """

    document: Mapping[str, Any]
    status: ReviewStatus
    quotes: Mapping[Stage, Estimate] = field(default_factory=dict)

    @property
    def made(self) -> str:
        """Return when they were counted, in UTC: `2026-02-01 13:05`."""
        return str(self.document["made"])[:16].replace("T", " ")

    @property
    def provisional(self) -> bool:
        """Return whether no person has confirmed the labels that figures are measured against."""
        return bool(self.document["gold"] and self.document["gold"]["provisional"])

    @property
    def synthetic(self) -> str:
        """Return what must stand on every page of a review with records of test servers; empty for others."""
        return SYNTHETIC if self.document.get("synthetic") else ""

    @cached_property
    def labels(self) -> Labels:
        """Return what people read for the ids of criteria and items."""
        return Labels(self.document)

    @cached_property
    def drawings(self) -> Mapping[str, Drawing]:
        """Return the report's drawings by name."""
        return pictures(self.document)

    def drawn(self, name: str) -> str:
        """Return a drawing as SVG to stand in a page, whose colours the page gives; text in it is escaped."""
        return svg(self.drawings[name], f"p-{name}", css="drawing")

    def without(self, stages: Collection[Stage]) -> "Results":
        """Return the results for somebody who still judges at some stages: the flow then does not tell why records wait there."""
        if not stages:
            return self
        told = dict(self.document)
        for name in ("flow", "previous"):
            if told[name]:
                told[name] = {**told[name], "boxes": [_plain(box, stages) for box in told[name]["boxes"]]}
        return Results(told, self.status, self.quotes)

    def drawing_file(self, name: str, format: str) -> bytes:
        """Return a drawing as a file, `svg` or `png`; `BadInput` where there is none of the name."""
        if name not in self.drawings or format not in ("svg", "png"):
            raise BadInput(f"`{name}.{format}`: there is no such drawing.")
        if format == "svg":
            return svg(self.drawings[name], name, fixed=True).encode()
        from ..reporting.png import write_png

        _needs_pictures()
        with TemporaryDirectory(prefix="screener-") as folder:
            write_png(self.drawings[name], path := Path(folder) / "drawing.png")
            return path.read_bytes()

    def drawings_zip(self) -> bytes:
        """Return all drawings as SVG, and as PNG too where Matplotlib is installed, in a ZIP."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in self._drawing_files():
                file.writestr(name, content)
        return packed.getvalue()

    def _drawing_files(self) -> Iterator[tuple[str, bytes]]:
        if not draws_png():
            for name in self.drawings:
                yield f"{name}.svg", self.drawing_file(name, "svg")
            return
        with TemporaryDirectory(prefix="screener-") as folder:
            for path in write_pictures(self.document, Path(folder)):
                yield path.name, path.read_bytes()

    def report(self, *, short: bool = False) -> bytes:
        """Return the report as one HTML page."""
        return page(self.document, short=short).encode()

    def figures_file(self) -> bytes:
        """Return all figures as JSON, as `report --json` prints them."""
        return embed(self.document).encode()


def read_results(ledger: Ledger, review: Review) -> Results:
    """Return all figures as the ledger stands at one moment; nothing is written."""
    with ledger.read() as connection:
        present = ledger.within(connection)
        return Results(figures(present, review), review_status(present, review), _quotes(present, review))


def _quotes(ledger: Ledger, review: Review) -> dict[Stage, Estimate]:
    """Return by stage the share of its machine's quotes that were found, of the present judgement of each record."""
    shares = {}
    for stage, spec in review.protocol.stages.items():
        if (machine := spec.decided_by.machine) is None:
            continue
        statuses = dict[str, tuple[str, ...]]()
        with ledger.read() as connection:
            current_ids = reads.current_ids(connection)
            # One by one: the quotes of a large review need more memory than what became of them.
            for row in reads.judgements(connection, stage, reviewer=machine, roles=("machine",), repeat=0):
                name = current_ids.get(row.record_id, row.record_id)
                statuses[name] = tuple(_statuses(row.judgement))
        shares[stage] = quote_validity(status for of_record in statuses.values() for status in of_record)
    return shares


def _statuses(judgement: Judgement) -> Iterator[str]:
    answers: Iterable[Answer | ItemAnswer] = chain(judgement.answers.values(), judgement.items.values())
    return (evidence.status.value for answer in answers for evidence in answer.evidence if evidence.quote)


def draws_png() -> bool:
    """Return whether drawings can be written as PNG here."""
    return find_spec("matplotlib") is not None


def _needs_pictures() -> None:
    if not draws_png():
        raise BadInput("PNG files need a package that is not installed: pip install 'screener[figures]'. SVG works.")


def _plain(box: Mapping[str, Any], stages: Collection[Stage]) -> dict[str, Any]:
    """Return a box of the flow without its lines where they tell how others decided at one of the stages."""
    telling = {f"{prefix}{name}" for prefix in _COLUMNS for name, stage in _OF_STAGE.items() if stage in stages}
    return {**box, "parts": [], "notes": [HIDDEN_LINES] if box["count"] else []} if box["id"] in telling else dict(box)
