"""“Can I trust it?”: stage by stage what decisions stand on, from the figures of the report, and what is still missing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ..core.judgement import Stage
from ..protocol import Review
from ..reporting import wording as w
from .results import Results
from .trust_extraction import extraction_lines
from .trust_line import HIDDEN, Sign, TrustLine
from .trust_screening import screening_lines

WHOLE = "The whole review"


@dataclass(frozen=True)
class TrustPart:
    """A stage, or the whole review (`stage` is None), with its lines."""

    stage: Stage | None
    lines: tuple[TrustLine, ...]

    @property
    def name(self) -> str:
        """Return the heading."""
        return self.stage.label if self.stage is not None else WHOLE

    def count(self, sign: Sign) -> int:
        """Return how many lines have a sign."""
        return sum(line.sign == sign for line in self.lines)


@dataclass(frozen=True)
class Trust:
    """All parts, and in one sentence what is missing most."""

    parts: tuple[TrustPart, ...]

    @property
    def open(self) -> Sequence[tuple[TrustPart, TrustLine]]:
        """Return the lines that do not hold, what is missing most first."""
        found = [(part, line) for part in self.parts for line in part.lines if line.sign in ("fails", "missing")]
        return sorted(found, key=lambda pair: -pair[1].weight)

    @property
    def sentence(self) -> str:
        """Return what is missing most; or that nothing is, as far as is shown."""
        shown = sum(part.count("holds") for part in self.parts)
        hidden = sum(part.count("hidden") for part in self.parts)
        beside = (
            f" {w.plural(hidden, 'line')} {'is' if hidden == 1 else 'are'} hidden while you judge." if hidden else ""
        )
        if not self.open:
            return f"As far as the program can tell, yes: {'it holds' if shown == 1 else f'all {shown:,} lines hold'}.{beside}"
        part, line = self.open[0]
        return f"Not yet. What is missing most: {line.topic[:1].lower()}{line.topic[1:]} ({part.name.lower()}). {line.says}{beside}"


def read_trust(results: Results, review: Review, hidden: Collection[Stage] = ()) -> Trust:
    """Return what the decisions of a review stand on; at the `hidden` stages without what tells how others judge."""
    parts = [TrustPart(None, tuple(_whole(results)))]
    for stage, status in results.status.stages.items():
        lines = extraction_lines if stage is Stage.EXTRACTION else screening_lines
        told = lines(results, review, stage, status)
        parts.append(
            TrustPart(stage, tuple(_masked(line) if stage in hidden and line.tells else line for line in told))
        )
    return Trust(tuple(parts))


def _masked(line: TrustLine) -> TrustLine:
    return TrustLine(line.topic, "hidden", HIDDEN)


def _whole(results: Results) -> Iterator[TrustLine]:
    """Yield what holds for all stages: records, their sources and duplicates, the flow, retractions."""
    status, d = results.status, results.document
    if not status.records:
        yield TrustLine(
            "Records", "missing", "There are no records yet.", "Import what the searches found", "import", weight=100
        )
        return
    if results.synthetic:
        yield TrustLine("Origin of the records", "fails", f"{results.synthetic}.", weight=99)
    if status.missing_sources:
        lacking = ", ".join(f"{name} ({count:,})" for name, count in status.missing_sources.items())
        says = f"{len(status.missing_sources):,} of {len(status.reported):,} sources reported rows of which none was imported: {lacking}."
        yield TrustLine("Sources", "missing", says, "Import their exports", "import", weight=75)
    elif status.reported:
        yield TrustLine(
            "Sources",
            "holds",
            f"Rows of all {len(status.reported):,} sources that the protocol lists were imported, or none was reported.",
        )
    yield _flow(results)
    if pairs := status.candidates:
        says = f"{w.plural(pairs, 'pair')} of {status.records:,} records may be duplicates; nobody has decided."
        yield TrustLine("Duplicates", "missing", says, "Decide on them", "duplicates", weight=40)
    else:
        yield TrustLine("Duplicates", "holds", f"No pair of {status.records:,} records waits for a decision.")
    if marked := len(status.must_decide):
        named = ", ".join(f"{record.id} ({record.integrity})" for record in status.must_decide[:5]) + " …" * (
            marked > 5
        )
        says = f"{w.plural(marked, 'included record')} retracted, withdrawn or in doubt; a person must decide: {named}."
        yield TrustLine(
            "Retractions",
            "fails",
            says,
            "Decide on them" if marked > 1 else "Decide on it",
            "records",
            f"/{quote(status.must_decide[0].id, safe='')}",
            weight=78,
        )
    elif checked := (d.get("integrity") or {}).get("checked"):
        yield TrustLine("Retractions", "holds", f"Checked on {checked['at'][:10]} with {checked['source']}.")
    else:
        says = "Whether papers were retracted since was not checked."
        yield TrustLine(
            "Retractions",
            "missing",
            says,
            "Compare with a list of retractions",
            "import",
            "#retractions",
            weight=25,
        )


def _flow(results: Results) -> TrustLine:
    boxes = results.document["flow"]["boxes"]
    wrong = [box["title"] for box in boxes if box["problems"]]
    if wrong:
        says = f"{len(wrong):,} of {len(boxes):,} boxes do not add up: {', '.join(wrong)}."
        return TrustLine("Flow of records", "fails", says, "See the flow", "results", "#flow", weight=95)
    return TrustLine("Flow of records", "holds", f"All {len(boxes):,} boxes add up.")
