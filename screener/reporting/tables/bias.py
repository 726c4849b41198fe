"""The table and the drawing of the risk of bias: a row a study, or an entry where each is appraised; a column a domain."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from ...core.judgement import ItemAnswer, ItemStatus
from ...forms import FormSpec
from ...forms.labels import code_label
from ...protocol import RiskOfBias
from ..drawing import Dot, Drawing, Rect, Text, shorten, text_width, wrap
from .characteristics import STUDY
from .named_items import answer_at, entry_name, field_of, innermost, places_of
from .page import MACHINE_MARK, MACHINE_WORDS
from .studies import By, ExtractedStudy
from .table import CellCounts, SynthesisTable, TableCell, unanswered_note

OVERALL = "overall"


class Level(StrEnum):
    """How a judgement is drawn, whatever the instrument calls it."""

    LOW = "low"
    SOME = "some"
    HIGH = "high"
    UNCLEAR = "unclear"
    """A person says that it cannot be told."""
    OTHER = "other"
    """A word of the instrument that is none of the usual ones."""
    OPEN = "open"
    """Nobody has judged it yet."""


SYMBOLS = {Level.LOW: "+", Level.SOME: "–", Level.HIGH: "×", Level.UNCLEAR: "?", Level.OTHER: "•", Level.OPEN: "○"}
"""What stands for each level beside its word, so that no colour is needed."""
_WORDS = {
    Level.LOW: ("low", "low_risk", "probably_low", "very_low"),
    Level.SOME: ("some_concerns", "some", "moderate"),
    Level.HIGH: ("high", "high_risk", "probably_high", "serious", "critical", "very_high"),
    Level.UNCLEAR: ("unclear", "no_information", "unclear_risk"),
}
_COLUMN, _ROW, _RADIUS, _LEAST_WIDTH = 64.0, 46.0, 12.0, 460.0
_MOST_NAMES = 260.0


def level_of(study: ExtractedStudy, answer: ItemAnswer | None) -> tuple[Level, str]:
    """Return how a judgement is drawn, and its word. What a machine calls unclear nobody has judged."""
    if answer is None or (answer.status is ItemStatus.UNCLEAR and study.by == "machine"):
        return Level.OPEN, "not judged"
    if answer.status is not ItemStatus.REPORTED:
        return Level.UNCLEAR, answer.status.value.replace("_", " ")
    code = str(answer.value)
    level = next((level for level, codes in _WORDS.items() if code in codes), Level.OTHER)
    return level, code


def bias_table(form: FormSpec, studies: Sequence[ExtractedStudy], spec: RiskOfBias) -> SynthesisTable:
    """Return the table with its drawing. The caption names the instrument as the protocol does."""
    paths = {**spec.domains, **({OVERALL: spec.overall} if spec.overall else {})}
    fields = {name: field_of(form, path) for name, path in paths.items()}
    list_path = innermost(form, paths.values())
    answers = list[ItemAnswer | None]()
    counts, rows, levels = CellCounts(), list[Mapping[str, TableCell]](), list[Mapping[str, tuple[Level, str]]]()
    for study in studies:
        for place in places_of(study, list_path):
            name = " – ".join(filter(None, (study.label, entry_name(form, study, place))))
            row, drawn = {STUDY: TableCell(name)}, dict[str, tuple[Level, str]]()
            for domain, path in paths.items():
                answer = answer_at(study, place, path)
                counts.count(study, answer)
                answers.append(answer)
                level, code = level_of(study, answer)
                word = code_label(code, fields[domain].vocabulary)
                by: By = "" if level is Level.OPEN else study.by
                drawn[domain] = (level, word + MACHINE_MARK * (by == "machine"))
                row[domain] = TableCell(code, f"{SYMBOLS[level]} {word}", by)
            rows.append(row)
            levels.append(drawn)
    caption = f"Risk of bias of the included studies ({spec.tool})"
    names = [str(row[STUDY].value) for row in rows]
    headings = {STUDY: "Study", OVERALL: "Overall", **{name: name for name in spec.domains}}
    return SynthesisTable(
        "risk_of_bias", caption, (STUDY, *paths), rows, counts, headings, (*_overridden(answers), *unanswered_note(studies)),
        traffic_lights(caption, names, [headings[name] for name in paths], [list(row.values()) for row in levels]),
    )  # fmt: skip


def _overridden(answers: Sequence[ItemAnswer | None]) -> tuple[str, ...]:
    """Return how many judgements follow from rules of the form, and how many of these a person gave otherwise."""
    ruled = [answer for answer in answers if answer is not None and answer.derived is not None]
    if not ruled:
        return ()
    other = sum(answer.derived not in (answer.value, answer.status.value) for answer in ruled)
    return (
        f"{len(ruled):,} judgements are computed from the other answers by rules of the form; {other:,} of them a person "
        "gave otherwise, with a reason in the extraction.",
    )


def traffic_lights(
    caption: str, names: Sequence[str], domains: Sequence[str], levels: Sequence[Sequence[tuple[Level, str]]]
) -> Drawing:
    """Draw a circle for each study and domain, with a symbol in it and its word below; blue and orange, no red and green."""
    left = min(_MOST_NAMES, max((text_width(name, 13) for name in names), default=60.0)) + 24
    words = [word for domain in domains for word in domain.split()]
    column = max(_COLUMN, *(text_width(word, 12, bold=True) + 8 for word in words))
    headed = [wrap(domain, column - 6, 12, bold=True) for domain in domains]
    width = max(left + column * len(domains) + 12, _LEAST_WIDTH)
    told = wrap(caption, width - 20, 13, bold=True)
    above = 26 + 18 * len(told)
    top = above + 16 * max(map(len, headed), default=1) + 8
    legend, bottom = wrap(_legend(levels), width - 20, 12), top + _ROW * len(names)
    height = bottom + 18 * len(legend) + 14
    drawing = Drawing(width, height, caption, _in_words(caption, names, domains, levels))
    drawing.add(*(Text(10, 20 + 18 * number, line, 13, bold=True) for number, line in enumerate(told)))
    middles = [left + column * (number + 0.5) for number in range(len(domains))]
    for x, lines in zip(middles, headed, strict=True):
        drawing.add(*(Text(x, above + 16 * n, line, 12, "ink", "middle", bold=True) for n, line in enumerate(lines)))
    for row, (name, of_study) in enumerate(zip(names, levels, strict=True)):
        y = top + _ROW * row
        if row % 2 == 0:
            drawing.add(Rect(0, y, width, _ROW, "soft"))
        drawing.add(Text(10, y + 27, shorten(name, left - 20, 13), 13))
        for x, (level, word) in zip(middles, of_study, strict=True):
            _circle(drawing, x, y + 17, level)
            drawing.add(Text(x, y + 41, shorten(word, column - 2, 10), 10, "ink", "middle"))
    drawing.add(*(Text(10, bottom + 18 * (n + 1), line, 12, "muted") for n, line in enumerate(legend)))
    return drawing


def _circle(drawing: Drawing, x: float, y: float, level: Level) -> None:
    drawing.add(Dot(x, y, _RADIUS, f"risk-{level.value}"))
    ink = "ink" if level in (Level.SOME, Level.UNCLEAR, Level.OTHER, Level.OPEN) else "paper"
    drawing.add(Text(x, y + 5.5, SYMBOLS[level], 16, ink, "middle", bold=True))


def _legend(levels: Sequence[Sequence[tuple[Level, str]]]) -> str:
    """Return what each symbol that is there stands for."""
    words: dict[Level, dict[str, None]] = {}
    for of_study in levels:
        for level, word in of_study:
            words.setdefault(level, {})[word.removesuffix(MACHINE_MARK)] = None
    said = " · ".join(f"{SYMBOLS[level]} {', '.join(words[level])}" for level in Level if level in words)
    if any(word.endswith(MACHINE_MARK) for of_study in levels for _, word in of_study):
        said += f" · {MACHINE_MARK} {MACHINE_WORDS}"
    return said


def _in_words(
    caption: str, names: Sequence[str], domains: Sequence[str], levels: Sequence[Sequence[tuple[Level, str]]]
) -> str:
    """Return what the drawing shows, for who does not see it: how often each word is given in each domain."""
    counted = [Counter(row[column][1] for row in levels) for column in range(len(domains))]
    told = "; ".join(
        f"{domain}: {', '.join(f'{word} {count}' for word, count in count_of.most_common())}"
        for domain, count_of in zip(domains, counted, strict=True)
    )
    return f"{caption}. {len(names)} rows. {told}."
