"""Values that can be read off a line by pattern: words of a code, a number with its unit, an address.

They are looked for only in lines that speak, as far as one can tell, of what the study made: not in introductions, not
where comparators are described, not where a cited work is the subject. A table's row counts as a line of its own. Where
two values compete none is given.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ..core.judgement import ItemStatus
from ..documents import EvidenceTexts, Kind, Quote
from ..forms import ItemField
from ..text import Mark, cue_spans, decimal_mark, denied, in_unit, labelled, numbers_in
from .extraction import ProposedItem, plain_url
from .places import Line

VALUES_VERSION = "1"
"""Changes whenever the same lines would give other values."""
READ = 12
"""Lines, with something of an answer in them, from which a value is taken."""
QUOTES = 3
"""Quotes that a value stands on at most."""
CLEAR = 2.5
"""How many times as strong as the next one a code must be to be reported."""
STATED, OFTEN, SELDOM = 1.0, 3, 0.25
"""How strong a code of a set must be; in how many lines one that is weaker leaves the set in doubt; and the share of the
lines of the most frequent code below which another is in doubt."""
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'）)\]}]+|\b(?:[a-z0-9-]+\.)+(?:org|com|io|net|edu)/[^\s<>\"')\]}]+", re.I
)
_COUNTS = re.compile(
    r"\s*(?:(?!(?:of|that|which|and|or|to|in|is|are|have|has)\b)[^\W\d_][\w-]*[\s-]+){0,3}", re.IGNORECASE
)
"""What may stand between a bare number and the word that says what it counts: `five independent random seeds`, and no
`12-lead recordings`."""
_LEVEL = re.compile(
    r"\s?(?:%|per ?cent)[\s-]*(?:confidence|credibl?\w*|prediction)?[\s-]*(?:intervals?|limits?|bounds?|CIs?|CrIs?)\b",
    re.IGNORECASE,
)
"""What stands behind the level of an interval, which is no end of it."""
_COMPARED = re.compile(
    r"\b(?:compar(?:ed|es?|able|ison)\b(?:[^.;:]|\.(?=\d))*?\b(?:to|with)|for comparison|(?:better|worse|less|more|larger|smaller|higher|lower|faster) than"
    r"|versus|vs|against|outperform\w*|unlike|relative to|over (?:an?|the best)|gap (?:to|between))\b(?:[^.;:()]|\.(?=\d))*$",
    re.IGNORECASE,
)
_A_BASELINE = re.compile(r"[\s-]*(?:\w+[\s-]+){0,2}(?:baselines?|comparators?)\b", re.IGNORECASE)
_REACH = 120
"""Characters before a word of a code in which it is looked for whether the word is what the study compares with."""
_LEAST, _MOST = (
    re.compile(r"(?:^|_)(?:smallest|lowest|minimum|min)(?:_|$)"),
    re.compile(r"(?:^|_)(?:largest|highest|maximum|max)(?:_|$)"),
)
_NAMING = frozenset({"named", "called", "we call"})
_NAMED = re.compile(
    r"[\s,:]*(?:(?:it|this|the|a|an|model|method|network|encoder|framework|called|named)[\s,:]+){0,3}[\"“‘']?(\w[\w-]*\w)",
    re.IGNORECASE,
)
_OWN_SECTION = re.compile(r"availab|shar(?:ed|ing)|reproducib|access|statement", re.IGNORECASE)


def attempted(item: ItemField) -> bool:
    """Return whether a value can be read off a line: codes with words for them, numbers with units, addresses, and the
    study's own name.
    """
    words = item.coded and any(member.synonyms for member in item.vocabulary or ())
    return words or item.quantity is not None or item.link is not None or _is_name(item)


def _is_name(item: ItemField) -> bool:
    return item.kind == "text" and not _NAMING.isdisjoint(item.near)


def part_of(item: ItemField, line: Line) -> float:
    """Return how much of an answer to an item a line has, from 0 to 1."""
    near = any(True for _ in cue_spans(line.plain, item.near))
    if item.coded:
        return (1.0 if near or not item.near else 0.5) * bool(named(item, line.plain))
    if item.quantity is not None and line.table and "" in item.quantity.units:
        marked = any(True for _ in cue_spans(line.plain, item.quantity.near))
        return min(1.0, math.log2(1 + line.figures) / 6) * marked
    if item.quantity is not None:
        return float(any(True for _ in numbers(item, line.plain, ".")))
    if item.link is not None:
        found = [match.group().casefold() for match in _ADDRESS.finditer(line.text)]
        return max((1.0 if any(host in one for host in item.link.hosts) else 0.5 for one in found), default=0.0)
    return 0.5 * near


def find(
    item: ItemField, ranked: Sequence[Line], sources: EvidenceTexts, variant: tuple[str, Sequence[str]] = ("", ())
) -> ProposedItem | None:
    """Return a value for an item from lines, the most telling first, or None.

    Of an item in an inner group (`code.licence`) only lines are read that name the group, and speak of the authors' own
    work as far as one can tell: papers say where the code of others is, too. `variant` is the one that is asked for and
    the others, whose lines are not read.
    """
    lines = list(_readable(item, ranked, variant))
    if item.kind in ("code", "codes") and item.coded:
        return _codes(item, lines)
    if item.kind == "number":
        return _number(item, lines, sources)
    if item.kind == "url":
        return _address(item, lines, sources)
    return _name(item, lines, variant[0]) if _is_name(item) else None


def _readable(item: ItemField, ranked: Sequence[Line], variant: tuple[str, Sequence[str]]) -> Iterator[Line]:
    inner = item.path.split(".")[:-1]
    for line in ranked:
        if line.of_others:
            continue
        for row in line.rows():
            if any(other in row.plain for other in variant[1]) and variant[0] not in row.plain:
                continue
            own = row.own or _OWN_SECTION.search(row.section) is not None
            if not inner or (own and any(True for _ in cue_spans(row.plain, inner))):
                yield row


def _codes(item: ItemField, lines: Sequence[Line]) -> ProposedItem | None:
    strength: dict[str, float] = defaultdict(float)
    stating: dict[str, list[Line]] = defaultdict(list)
    beside: Counter[str] = Counter()
    rank = 0
    for line in lines:
        codes = named(item, line.plain)
        near = not item.near or any(True for _ in cue_spans(line.plain, item.near))
        for code in codes:
            strength[code] += (2.0 if near and not line.borrowed else 0.5) / (1 + rank)
            beside[code] += near
            stating[code].append(line)
        rank += bool(codes)
    order = sorted(strength, key=lambda code: (-strength[code], code))
    if item.kind == "code":
        if (
            not order
            or strength[order[0]] < STATED
            or (len(order) > 1 and strength[order[0]] < CLEAR * strength[order[1]])
        ):
            return None
        quotes = tuple(dict.fromkeys(line.quote for line in stating[order[0]]))[:QUOTES]
        return ProposedItem(ItemStatus.REPORTED, order[0], None, quotes, "by the vocabulary's words")
    chosen = [code for code in order if strength[code] >= STATED]
    if not chosen or _doubtful(chosen, beside, stating):
        return None
    value = [member.value for member in item.vocabulary or () if member in chosen]
    quotes = tuple(dict.fromkeys(stating[code][0].quote for code in chosen))
    return ProposedItem(ItemStatus.REPORTED, value, None, quotes, "by the vocabulary's words")


def _doubtful(chosen: Sequence[str], beside: Mapping[str, int], stating: Mapping[str, Sequence[Line]]) -> bool:
    """Return whether a set of codes may lack one, or have one too many: a set is right only as a whole.

    It may lack one that is said beside a word that leads to the item, or often. It may have one too many where one of
    them is said far less often than another.
    """
    if any(beside[code] or len(lines) >= OFTEN for code, lines in stating.items() if code not in chosen):
        return True
    counts = [beside[code] for code in chosen]
    return min(counts) < SELDOM * max(counts)


def named(item: ItemField, text: str) -> set[str]:
    """Return the codes whose words stand in a text, not denied and not as what is compared with; of words that overlap the longest count."""
    spans = [
        (start, end, member.value)
        for member in item.vocabulary or ()
        for start, end, _ in cue_spans(text, member.synonyms)
        if not denied(text, start) and not _compared(text, start, end)
    ]
    spans_used: list[tuple[int, int]] = []
    codes: set[str] = set()
    for start, end, code in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= s or start >= e for s, e in spans_used):
            spans_used.append((start, end))
            codes.add(code)
    return codes


def _number(item: ItemField, lines: Sequence[Line], sources: EvidenceTexts) -> ProposedItem | None:
    lines_by_value: dict[float, list[Line]] = defaultdict(list)
    read = 0
    for line in lines:
        values = list(numbers(item, line.plain, decimal_mark(sources.texts[line.document])))
        for value, doubtful in values:
            if doubtful:
                return None
            lines_by_value[value].append(line)
        read += bool(values)
        if read == READ:
            break
    number = _the_one(item, lines_by_value)
    if number is None:
        return None
    having = lines_by_value[number]
    quotes = tuple(dict.fromkeys(line.quote for line in having))[:QUOTES]
    return ProposedItem(ItemStatus.REPORTED, int(number) if item.whole else number, None, quotes, "by number and unit")


def _compared(text: str, start: int, end: int) -> bool:
    """Return whether words stand there as what the study compares with: `better than a …`, `… baseline`."""
    before = _COMPARED.search(text, max(0, start - _REACH), start)
    return before is not None or _A_BASELINE.match(text, end) is not None


def _the_one(item: ItemField, lines_by_value: Mapping[float, Sequence[Line]]) -> float | None:
    """Return the value that does not compete; of `smallest_…` the least and of `largest_…` the greatest, said twice."""
    if len(lines_by_value) == 1:
        return next(iter(lines_by_value))
    extreme = min if _LEAST.search(item.path) else max if _MOST.search(item.path) else None
    if extreme is None or not lines_by_value:
        return None
    value = extreme(lines_by_value)
    return value if len(lines_by_value[value]) > 1 else None


def numbers(item: ItemField, text: str, mark: Mark) -> Iterator[tuple[float, bool]]:
    """Yield the numbers of a line that can be the item's: with a unit and a word near, or bare before such a word.

    With each, whether it may be read otherwise.
    """
    if item.quantity is None:
        return
    near_words = [(start, end) for start, end, _ in cue_spans(text, item.quantity.near)]
    if item.quantity.near and not near_words:
        return
    for number in numbers_in(text, mark):
        if _LEVEL.match(text, number.end) and "level" not in item.path:
            continue
        has_unit = any(
            unit and (number.followed_by(unit) or (labelled(text, unit) and not number.counted))
            for unit in item.quantity.units
        )
        if has_unit or (
            "" in item.quantity.units
            and any(start >= number.end and _COUNTS.fullmatch(text[number.end : start]) for start, _ in near_words)
        ):
            for value in in_unit(number, item.quantity.units, text):
                if value > 0 and (not item.whole or value == int(value)):
                    yield round(value, 6), number.doubtful


def _name(item: ItemField, lines: Sequence[Line], variant: str) -> ProposedItem | None:
    """Return the study's own name, where one of the item's words for naming (`we call`) leads right to it."""
    lines_by_name: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for _, end, _ in cue_spans(line.plain, item.near):
            match = _NAMED.match(line.plain, end)
            if match and (match[1] == variant if variant else match[1].casefold() in line.names):
                lines_by_name[match[1]].append(line)
    if len({name.casefold() for name in lines_by_name}) != 1:
        return None
    name, having = next(iter(lines_by_name.items()))
    return ProposedItem(ItemStatus.REPORTED, name, None, tuple(line.quote for line in having[:QUOTES]), "by the title")


def _address(item: ItemField, lines: Sequence[Line], sources: EvidenceTexts) -> ProposedItem | None:
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
    item: ItemField, lines: Sequence[Line], sources: EvidenceTexts
) -> Iterator[tuple[str, tuple[str, Quote]]]:
    """Yield the addresses of link annotations on the pages of lines that speak of the item."""
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
