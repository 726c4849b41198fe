"""The embedded extractor: what can be found without a model, and for all else the place where a human should look.

Codes are found by their vocabulary's synonyms, numbers by pattern and unit, addresses by pattern, all in the passages
that bear on the item most. It understands nothing: where two values compete it reports neither.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core.judgement import ItemAnswer, ItemStatus
from ..core.messages import Judging, Passage, Readable
from ..documents import PASSAGES_VERSION, EvidenceTexts, Kind, PassageQuery, Quote, Report, passages_of
from ..forms import FormSpec, GroupField, ItemField
from ..text import Mark, cue_spans, decimal_mark, denied, in_unit, numbers_in
from ..text.sentences import sentences
from .extraction import EXTRACTION_VERSION, ProposedItem, conclude, plain_url, settle_item
from .fulltext import finder_for
from .schema import digest

FINDER_VERSION = "3"
"""Changes whenever the same documents and form would give other items."""
BEST = 3
"""Passages that are shown to a human as the places to look."""
READ = 6
"""Passages in which a value is looked for."""
MENTIONS = 3
"""How often a variant of the study's name is mentioned at least."""
CLEAR = 1.5
"""How many times as strong as the next one a code must be to be reported."""
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'）)\]}]+|\b(?:[a-z0-9-]+\.)+(?:org|com|io|net|edu)/[^\s<>\"')\]}]+", re.I
)
_HYPHENATED, _BREAK = re.compile(r"(?<=[^\W\d_])[-\u00ad\ufffe]\n(?=[a-z])"), re.compile(r"\s+")
_OWN = re.compile(r"\b(?:we|our|ours|the authors?|this (?:study|work|paper|article))\b", re.IGNORECASE)
_OWN_SECTION = re.compile(r"availab|shar(?:ed|ing)|reproducib|access|statement", re.IGNORECASE)
_COUNTS = re.compile(r"[\s-]*(?:(?!of\b)[^\W\d_][\w-]*[\s-]+){0,3}", re.IGNORECASE)
"""What may stand between a bare number and the word that says what it counts: `five independent random seeds`."""


@dataclass(frozen=True)
class _RankedSentence:
    """A sentence of a passage and its place; `rank` is that of the passage."""

    text: str
    document: str
    start: int
    rank: int
    section: str

    @property
    def quote(self) -> Quote:
        return Quote(self.text, self.document, self.start)

    @cached_property
    def plain(self) -> str:
        """Return the words without line breaks and the hyphens that they brought."""
        return _BREAK.sub(" ", _HYPHENATED.sub("", self.text))


class EmbeddedExtractor:
    """Fills what it can of a form and points to the passages for the rest. `embedder` is the fingerprint."""

    def __init__(self, form: FormSpec, embedder: str) -> None:
        """The form taken apart."""
        self._form, self._whole_form, self._embedder = form.asked, form, embedder

    @cached_property
    def asked(self) -> str:
        """Return the hash of the form, the embedder and the engine."""
        items = [(path, item.description, item.kind, item.cues, repr(item.quantity), repr(item.link))
                for path, item in self._form.by_path.items()]  # fmt: skip
        return digest("embedded extraction", FINDER_VERSION, PASSAGES_VERSION, self._embedder, items, self._form.lists)

    @cached_property
    def rule(self) -> str:
        """Return the hash of the version of the rules, and of those that the form derives items by."""
        return digest(EXTRACTION_VERSION, *self._whole_form.rules)

    def judge(self, record: Readable) -> Judging:
        """One request for vectors, then the items. Units are told apart only where they are variants of one name."""
        if not isinstance(record, Report):
            raise TypeError("a form is filled from a report, not from a record")
        sources, own_names = EvidenceTexts.of(record), names_of(record.title)
        passages = passages_of(record.documents)
        variants = variants_of(own_names, passages)
        questions_asked = list(self._asked(variants))
        questions = [question for *_, question in questions_asked]
        finder, vectors = yield from finder_for(passages, questions)
        items: dict[str, ItemAnswer] = {}
        for (variant, path, item, question), vector in zip(questions_asked, vectors, strict=True):
            best = [passages[index] for index in finder.ranked(question, vector)[:READ]]
            others = [name for name in variants if name != variant]
            proposed = find(item, best, sources, own_names, (variant, others)) if item is not None else None
            if proposed is not None:
                items[path] = settle_item(item, proposed, sources)  # type: ignore[arg-type]
            if proposed is None or items[path].status is ItemStatus.UNCLEAR:
                items[path] = look_here(best, sources)
        flags = [] if variants else [f"one_of_{unit.path}" for unit in self._form.units]
        return conclude(items, flags, (), record.unreadable, self._whole_form)

    def _asked(self, variants: Sequence[str]) -> Iterator[tuple[str, str, ItemField | None, PassageQuery]]:
        """Yield every item with its variant, path and question; a list of objects is one question, without an item."""
        yield from (("", *part) for group in self._form.groups for part in _parts("", group))
        for unit in self._form.units:
            for number, variant in enumerate(variants or ("",)):
                prefix = f"{unit.path}[{number}]."
                yield from ((variant, *part) for group in unit.groups for part in _parts(prefix, group))


def _parts(prefix: str, group: GroupField) -> Iterator[tuple[str, ItemField | None, PassageQuery]]:
    group_path = f"{prefix}{group.path}"
    for item in group.items:
        yield f"{group_path}.{item.path}", item, PassageQuery(f"{group.path}. {item.words}", item.cues)
    for row in group.rows:
        cues = tuple(dict.fromkeys(cue for item in row.items for cue in item.cues))
        words = " ".join(item.words for item in row.items)
        yield f"{group_path}.{row.path}", None, PassageQuery(f"{row.path} {row.description} {words}", cues)


def look_here(best: Sequence[Passage], sources: EvidenceTexts) -> ItemAnswer:
    """Return an item that the engine cannot fill, with the best passages as the places to look."""
    places = tuple(sources.find(Quote(p.text, p.document, p.start)) for p in best[:BEST])
    return ItemAnswer(
        status=ItemStatus.UNCLEAR, reason="not found by pattern; the best passages are given", evidence=places
    )


def names_of(title: str) -> frozenset[str]:
    """Return what a title calls its subject.

    The words with a capital before its colon or comma, such as a model's name.
    """
    head = re.split(r"[:,–—]", title, maxsplit=1)[0]
    words = [word.casefold() for word in re.findall(r"[^\W\d_][\w-]{3,}", head) if word[0].isupper()]
    return frozenset(words) | {word.rpartition("-")[0] for word in words if "-" in word}


def variants_of(own_names: frozenset[str], passages: Sequence[Passage]) -> list[str]:
    """Return the variants of the study's own name that the text speaks of (`Name-S`, `Name-Large`), in their order.

    Fewer than two, or one that is hardly mentioned, are none.
    """
    counts: Counter[str] = Counter()
    for passage in passages:
        for name, ending in re.findall(r"\b([^\W\d_][\w]{3,})[-\u2010\u2011]([A-Z0-9][\w+]{0,9})\b", passage.text):
            if name.casefold() in own_names:
                counts[f"{name}-{ending}"] += 1
    variants = [name for name, count in counts.items() if count >= MENTIONS]
    return variants if len(variants) > 1 else []


def find(
    item: ItemField,
    best: Sequence[Passage],
    sources: EvidenceTexts,
    own_names: frozenset[str] = frozenset(),
    variant: tuple[str, Sequence[str]] = ("", ()),
) -> ProposedItem | None:
    """Return a value for an item in its best passages, or None. `own_names` are the words by which the study calls its
    subject.

    Of an item in an inner group (`code.licence`) only sentences are read that name the group, and speak of the
    authors' own work as far as one can tell: papers say where the code of others is, too. `variant` is the one that
    is asked for and the others, whose sentences are not read.
    """
    lines = []
    inner = item.path.split(".")[:-1]
    for rank, passage in enumerate(best):
        for sentence in sentences(passage.text):
            sentence_words = set(re.findall(r"[\w-]+", sentence.text.casefold()))
            own_work = bool(
                sentence_words & own_names or _OWN.search(sentence.text) or _OWN_SECTION.search(passage.section)
            )
            line = _RankedSentence(
                sentence.text, passage.document, passage.start + sentence.start, rank, passage.section
            )
            if any(other in line.plain for other in variant[1]) and variant[0] not in line.plain:
                continue
            if not inner or (own_work and any(True for _ in cue_spans(line.plain, inner))):
                lines.append(line)
    if item.kind in ("code", "codes") and item.coded:
        return _codes(item, lines)
    if item.kind == "number":
        return _number(item, lines, sources)
    if item.kind == "url":
        return _address(item, lines, sources)
    return None


def _codes(item: ItemField, lines: Sequence[_RankedSentence]) -> ProposedItem | None:
    strength: dict[str, float] = defaultdict(float)
    first: dict[str, _RankedSentence] = {}
    for line in lines:
        has_near_word = not item.near or any(True for _ in cue_spans(line.plain, item.near))
        for code in _named(item, line.plain):
            strength[code] += (2.0 if has_near_word else 0.5) / (1 + line.rank)
            first.setdefault(code, line)
    order = sorted(strength, key=lambda code: (-strength[code], code))
    if not order:
        return None
    if item.kind == "code":
        if len(order) > 1 and strength[order[0]] < CLEAR * strength[order[1]]:
            return None
        chosen = order[:1]
    else:
        chosen = [code for code in order if strength[code] >= 1.0]
        if not chosen:
            return None
    quotes = tuple(dict.fromkeys(first[code].quote for code in chosen))
    value = chosen[0] if item.kind == "code" else [member.value for member in item.vocabulary or () if member in chosen]
    return ProposedItem(ItemStatus.REPORTED, value, None, quotes, "by the vocabulary's words")


def _named(item: ItemField, text: str) -> set[str]:
    """Return the codes whose words stand in a text, not denied; of words that overlap the longest count."""
    spans = [
        (start, end, member.value)
        for member in item.vocabulary or ()
        for start, end, _ in cue_spans(text, member.synonyms)
        if not denied(text, start)
    ]
    spans_used: list[tuple[int, int]] = []
    codes: set[str] = set()
    for start, end, code in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= s or start >= e for s, e in spans_used):
            spans_used.append((start, end))
            codes.add(code)
    return codes


def _number(item: ItemField, lines: Sequence[_RankedSentence], sources: EvidenceTexts) -> ProposedItem | None:
    lines_by_value: dict[float, _RankedSentence] = {}
    for line in lines:
        for value, doubtful in _numbers(item, line.plain, decimal_mark(sources.texts[line.document])):
            if doubtful:
                return None
            lines_by_value.setdefault(value, line)
    if len(lines_by_value) != 1:
        return None
    [(value, line)] = lines_by_value.items()
    return ProposedItem(
        ItemStatus.REPORTED, int(value) if item.whole else value, None, (line.quote,), "by number and unit"
    )


def _numbers(item: ItemField, text: str, mark: Mark) -> Iterator[tuple[float, bool]]:
    """Yield the numbers of a sentence that can be the item's: with a unit and a word near, or bare before such a word.

    With each, whether it may be read otherwise.
    """
    if item.quantity is None:
        return
    near_words = [(start, end) for start, end, _ in cue_spans(text, item.quantity.near)]
    if item.quantity.near and not near_words:
        return
    for number in numbers_in(text, mark):
        named = any(unit and number.followed_by(unit) for unit in item.quantity.units)
        if named or (
            "" in item.quantity.units
            and any(start >= number.end and _COUNTS.fullmatch(text[number.end : start]) for start, _ in near_words)
        ):
            for value in in_unit(number, item.quantity.units, text):
                if not item.whole or value == int(value):
                    yield round(value, 6), number.doubtful


def _address(item: ItemField, lines: Sequence[_RankedSentence], sources: EvidenceTexts) -> ProposedItem | None:
    quotes_by_address: dict[str, tuple[str, Quote]] = {}
    hosts = item.link.hosts if item.link else ()
    for line in lines:
        has_near_word = item.link is not None and any(True for _ in cue_spans(line.plain, item.link.near))
        for match in _ADDRESS.finditer(line.text):
            address = match.group().rstrip(".,;:")
            if has_near_word or any(host in address.casefold() for host in hosts):
                quotes_by_address.setdefault(plain_url(address), (address, line.quote))
    if not quotes_by_address:
        quotes_by_address = dict(_annotated(item, lines, sources))
    if len(quotes_by_address) != 1:
        return None
    [(address, quote)] = quotes_by_address.values()
    return ProposedItem(ItemStatus.REPORTED, address, None, (quote,), "by pattern")


def _annotated(
    item: ItemField, lines: Sequence[_RankedSentence], sources: EvidenceTexts
) -> Iterator[tuple[str, tuple[str, Quote]]]:
    """Yield the addresses of link annotations on the pages of sentences that speak of the item."""
    for line in lines:
        document = sources.documents.get(line.document)
        if document is None or item.link is None:
            continue
        if not any(True for _ in cue_spans(line.plain, item.link.near)):
            continue
        page = document.page_of(line.start)
        for block in document.blocks_on(page):
            if block.kind is Kind.LINK:
                address = document.text[block.start : block.end]
                if any(host in address.casefold() for host in item.link.hosts):
                    yield plain_url(address), (address, line.quote)
