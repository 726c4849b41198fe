"""What the embedded extractor makes of labelled papers: precision, share of items answered, evidence among three places.

    python embedded_extraction.py [--papers FOLDER] [--labels FOLDER] [--invented] [--form FILE] [--show]

`--papers` has `NAME.pdf`, `--labels` (`tests/reviews/ecg-papers`) the `NAME.jsonl` in the format of `gold/extraction.jsonl`.
Where these have no quotes, those of the labels beside the PDFs are taken, of items with the same value: they are of the form of
2026-11-28 and are brought to that of today by `tests/reviews/ecg-papers/migrate.py`. `--invented` takes the papers of
`tests/reviews/documents` instead. `--show` prints every answer and every place that was missed.

- *precision*: of the values given, those that agree with the label (`metrics.score_items`).
- *answered*: of the labelled items, those of which a value is given.
- *evidence among the three*: of the labels that report a value with a quote that stands in the text as read, those of
  which one of the first three places shown for the item holds the quote, wherever in the paper these words stand
  (*quote*), or states the label's value (*or value*): the number in the item's unit, the address, the text, or words of
  one of the codes, beside a word that leads to the item. The places of a list stand for its entries, those of the first
  model for the others where the extractor does not tell models apart. A label is counted once for each different
  quote of an item: entries of one list mostly share them.

Intervals draw whole papers; two are few. Exit code 1 if precision is below 0.9 or evidence (*or value*) below 0.85.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from setting import ROOT

from screener.core.judgement import Evidence, ItemAnswer, ItemStatus, Judgement
from screener.core.messages import EmbedRequest, EmbedResponse
from screener.documents import Attached, Document, Report, Role, front_matter, layout
from screener.evaluation.items import kinds_of, values_of
from screener.forms import FormSpec, ItemField, bare
from screener.forms.load import load_form
from screener.metrics import ItemValue, Outcome, ScoredItem, same_place, score_items
from screener.metrics.clustered import ratio_by_study
from screener.reviewers import EmbeddedExtractor
from screener.reviewers.extraction import holds_name, holds_number, plain_url
from screener.reviewers.pattern_values import named
from screener.text import cue_spans, locate
from screener.text.embeddings import load_embedder

PRECISION, EVIDENCE = 0.9, 0.85
BESIDE = ROOT.parent / "shared" / "data" / "ecg-papers"


@dataclass
class Paper:
    """A labelled paper, and what became of it."""

    name: str
    report: Report
    documents: Mapping[str, Document]
    labels: dict[str, dict[str, Any]]
    judgement: Judgement | None = None
    seconds: float = 0.0
    scored: Sequence[ScoredItem] = ()
    wanted: list["Wanted"] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """A place that a label names for an item, and whether the first three that are shown hold it or state its value."""

    path: str
    group: str
    quote: str
    held: bool
    stated: bool
    shown: tuple[str, ...]


def migrated(labels: Path, into: Path) -> Path:
    """The labels of the form of 2026-11-28 in a folder, as those of today's form in another."""
    program = ROOT / "tests" / "reviews" / "ecg-papers" / "migrate.py"
    for path in labels.glob("*.jsonl"):
        subprocess.run([sys.executable, program, path, into / path.name], check=True, stdout=subprocess.DEVNULL)
    return into


def papers_of(folder: Path, labels: Path, quotes: Path) -> Iterator[Paper]:
    """The papers that have labels."""
    for path in sorted(labels.glob("*.jsonl")):
        file = folder / f"{path.stem}.pdf"
        if file.is_file():
            lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            for line in lines:
                quoted = _quoted(quotes / path.name).get(line["path"])
                if not line["quote"] and quoted and quoted["value"] == line["value"]:
                    line |= {key: quoted[key] for key in ("document", "page", "quote")}
            document = layout(file)
            yield _paper(path.stem, front_matter(document).title, {"main": document}, lines)


@cache
def _quoted(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    return {line["path"]: line for line in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def invented_papers() -> Iterator[Paper]:
    """The papers of the synthetic review."""
    import csv

    folder = ROOT / "tests" / "reviews" / "documents"
    lines = [json.loads(line) for line in (folder / "gold" / "extraction.jsonl").read_text("utf-8").splitlines()]
    with (folder / "gold" / "records.csv").open(encoding="utf-8", newline="") as file:
        titles = {row["id"]: row["title"] for row in csv.DictReader(file)}
    with (folder / "gold" / "documents.csv").open(encoding="utf-8", newline="") as file:
        files = [(row["id"], row["document"], row["file"]) for row in csv.DictReader(file)]
    for name in sorted({line["id"] for line in lines}):
        documents = {document: layout(folder / "pdfs" / pdf) for own, document, pdf in files if own == name}
        yield _paper(name, titles[name], documents, [line for line in lines if line["id"] == name])


def _paper(name: str, title: str, documents: Mapping[str, Document], lines: Sequence[dict[str, Any]]) -> Paper:
    attached = tuple(
        Attached(
            record_id=name, name=key, role=Role.MAIN if key == "main" else Role.SUPPLEMENT, file=f"{key}.pdf", sha256=key,
            content=key, pages=len(document.pages), characters=len(document.text), scan=False, how="", at="",
        )
        for key, document in documents.items()
    )  # fmt: skip
    report = Report(id=name, title=title, attached=attached, load=lambda content: documents[content])
    return Paper(name, report, documents, {line["path"]: line for line in lines})


def extract(paper: Paper, form: FormSpec, embedder: Any) -> None:
    """Have the embedded extractor fill the form."""
    start = time.perf_counter()
    judging = EmbeddedExtractor(form, embedder.fingerprint).judge(paper.report)
    try:
        request = next(judging)
        while isinstance(request, EmbedRequest):
            request = judging.send(EmbedResponse(embedder.embed(request.texts)))
    except StopIteration as stop:
        paper.judgement = stop.value
    paper.seconds = time.perf_counter() - start


def score(paper: Paper, form: FormSpec) -> None:
    """Hold the answers and the places against the labels."""
    assert paper.judgement is not None
    gold = {path: ItemValue(line["status"], line["value"], line["other"]) for path, line in paper.labels.items()}
    paper.scored = score_items(values_of(paper.judgement.items), gold, kinds_of(form))
    seen: set[tuple[str, str]] = set()
    for path, line in paper.labels.items():
        key = (bare(path), line["quote"] or "")
        gold_places = list(_places(paper, line))
        if line["status"] != "reported" or not gold_places or key in seen:
            continue
        seen.add(key)
        answer, group = _shown(path, form, paper.judgement.items)
        places = answer.evidence[:3] if answer else ()
        held = any(
            same_place((place.document, place.page, place.start, place.end), one)
            for place in places
            for one in gold_places
        )
        item = form.item(path)
        stated = held or (item is not None and any(_states(paper, place, item, line) for place in places))
        shown = tuple(" ".join(place.quote.split()) for place in places)
        paper.wanted.append(Wanted(path, group, line["quote"], held, stated, shown))


def _places(paper: Paper, line: Mapping[str, Any]) -> Iterator[tuple[str, int | None, int | None, int | None]]:
    """Where a label's quote stands in the text as read: on the label's page, and its words anywhere else."""
    document = paper.documents.get(line["document"] or "")
    if document is None or not line["quote"]:
        return
    pages = sorted(range(1, len(document.pages) + 1), key=lambda number: number != line["page"])
    for number in pages:
        place, first = locate(line["quote"], document.page_text(number)), document.page_span(number)[0]
        if place.start is not None and place.end is not None and (number == line["page"] or place.status != "fuzzy"):
            yield line["document"], number, first + place.start, first + place.end


def _shown(path: str, form: FormSpec, items: Mapping[str, ItemAnswer]) -> tuple[ItemAnswer | None, str]:
    """What is shown for a label's item, and the group of items that it is counted in."""
    group = "once a study"
    candidates = [path]
    if path.startswith(tuple(f"{unit.path}[" for unit in form.units)):
        group = "a model's items"
        first = re.sub(r"^(\w+)\[\d+\]", r"\1[0]", path)
        candidates += [first]
    for one in list(candidates):
        match = re.match(r"(.+\.[a-z_]+)\[\d+\]\.[a-z_.]+$", one)
        if match and bare(match[1]) in form.lists:
            group = f"entries of {match[1].rpartition('.')[2]}"
            candidates += [match[1]]
    return next((items[one] for one in candidates if one in items), None), group


def _states(paper: Paper, place: Evidence, item: ItemField, line: Mapping[str, Any]) -> bool:
    """Whether a place states a label's value, beside a word that leads to the item."""
    text = " ".join(place.quote.split())
    value = line["value"]
    if not any(True for _ in cue_spans(text, item.near or item.cues)):
        return False
    if item.kind == "number":
        return holds_number(text, float(value), item)
    if item.kind == "url":
        return plain_url(str(value)) in text.casefold()
    if item.vocabulary is not None:
        codes = value if isinstance(value, list) else [value]
        return not named(item, text).isdisjoint(codes)
    texts = value if isinstance(value, list) else [value]
    return any(holds_name([text], str(one)) for one in texts)


def _share(pairs: Sequence[tuple[int, int]]) -> str:
    over, under = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    if not under:
        return "none"
    estimate = ratio_by_study([a for a, _ in pairs], [b for _, b in pairs])
    interval = (
        f" [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate.low is not None and estimate.high is not None else ""
    )
    return f"{over}/{under} = {over / under:.3f}{interval}"


def report(papers: Sequence[Paper], form: FormSpec, *, show: bool) -> bool:
    """Print the figures; whether both marks are reached."""
    given: list[tuple[int, int]] = []
    answered: list[tuple[int, int]] = []
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        counts = Counter(item.outcome for item in paper.scored)
        told = counts[Outcome.CORRECT] + counts[Outcome.WRONG] + counts[Outcome.FABRICATED]
        labelled = len([item for item in paper.scored if item.outcome is not Outcome.UNSCORED])
        given.append((counts[Outcome.CORRECT], told))
        answered.append((told, labelled))
        for item in paper.scored:
            by_kind[form.by_path[item.name].kind if item.name in form.by_path else "list"][item.outcome.value] += 1
        print(
            f"{paper.name}: {dict(counts)}, evidence {sum(w.held for w in paper.wanted)}/{len(paper.wanted)}, {paper.seconds:.1f} s"
        )
        if show:
            _print_items(paper)
    print("by kind:", {kind: dict(counts) for kind, counts in by_kind.items()})
    for group in sorted({wanted.group for paper in papers for wanted in paper.wanted}):
        part = [[w for w in paper.wanted if w.group == group] for paper in papers]
        print(f"evidence, {group}: quote {_share([(sum(w.held for w in p), len(p)) for p in part])}, "
              f"or value {_share([(sum(w.stated for w in p), len(p)) for p in part])}")  # fmt: skip
    held = [(sum(w.held for w in paper.wanted), len(paper.wanted)) for paper in papers]
    stated = [(sum(w.stated for w in paper.wanted), len(paper.wanted)) for paper in papers]
    print(f"precision {_share(given)}")
    print(f"answered {_share(answered)}")
    print(f"evidence among the three: quote {_share(held)}, or value {_share(stated)}")
    print(f"seconds a paper {sum(paper.seconds for paper in papers) / len(papers):.1f}")
    precise = sum(a for a, _ in given) >= PRECISION * sum(b for _, b in given)
    return precise and sum(a for a, _ in stated) >= EVIDENCE * sum(b for _, b in stated)


def _print_items(paper: Paper) -> None:
    assert paper.judgement is not None
    for item in paper.scored:
        if item.extracted and paper.judgement.items[item.extracted].status is ItemStatus.REPORTED:
            answer = paper.judgement.items[item.extracted]
            label = paper.labels.get(item.gold or "", {})
            words = " ".join(answer.evidence[0].quote.split())[:160]
            print(f"   {item.outcome.value:10} {item.extracted}: {answer.value} | label {label.get('value')} | {words}")
    for wanted in paper.wanted:
        if not wanted.held:
            print(
                f"   {'VALUE' if wanted.stated else 'NOT'} shown {wanted.path}: {' '.join(wanted.quote.split())[:110]}"
            )
            for one in wanted.shown:
                print(f"        - {one[:150]}")


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=Path, default=BESIDE)
    parser.add_argument("--labels", type=Path, default=ROOT / "tests" / "reviews" / "ecg-papers")
    parser.add_argument("--invented", action="store_true")
    parser.add_argument("--form", type=Path, default=ROOT / "prompts" / "form.py")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    if options.invented:
        papers = list(invented_papers())
    else:
        with tempfile.TemporaryDirectory() as folder:
            papers = list(papers_of(options.papers, options.labels, migrated(options.papers, Path(folder))))
    if not papers:
        print(f"{options.papers}: no labelled papers", file=sys.stderr)
        return 0
    form, embedder = load_form(options.form), load_embedder()
    embedder.embed(["ready"])
    for paper in papers:
        extract(paper, form, embedder)
        score(paper, form)
    return 0 if report(papers, form, show=options.show) else 1


if __name__ == "__main__":
    sys.exit(main())
