"""Canonical forms: identifiers, titles, names and dates, from what the sources write."""

import html
import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

from .model import KnownDate

# Of a DOI's marks only blanks and quotation marks end it, and angle brackets but for those of old Wiley DOIs:
# 10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2.
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/(?:[^\s\"<>]|<\d[^\s<>]*>)+")
# Most DOIs have nothing that could be in the way: they end with a digit.
_PLAIN_DOI = re.compile(r"10\.[0-9]{4,9}/[A-Za-z0-9.()_-]*[0-9]")
_ARXIV = re.compile(
    r"(?:arxiv[:./]\s*|abs/|pdf/|10\.48550/arxiv\.)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.IGNORECASE,
)
# A tag is only what publishers write, with nothing but attributes in it: "p <i and x> 3" is no tag.
_ATTRIBUTES = r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>"""
_FONT = "i|b|u|em|strong|italic|bold|underline"
_INLINE = re.compile(rf"</?(?:jats:)?(?:sub|sup|inf|sc|scp|tt|span|a|font|small|{_FONT}){_ATTRIBUTES}", re.IGNORECASE)
_FORMULA = re.compile(rf"</?(?:mml:\w+|math|m[inor]|msu[bp]|mrow|inline-formula){_ATTRIBUTES}", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:(?:jats:)?(?:p|br|hr|div|sec|title|label|list|list-item|abstract|abstracttext|h[1-6])|ul|ol|li|table|t[rdh]"
    rf"|jats:[\w-]+){_ATTRIBUTES}|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
# Some publishers drop the blanks around a word in italics ("of<i>Salmonella</i>on"): two letters on each side are two
# words, a single letter in italics ("<i>p</i>53") is part of one.
_GLUED = re.compile(rf"(?<=[^\W\d_])<(?:jats:)?({_FONT})>([^\W\d_]{{3,}}[^<>]*)</(?:jats:)?\1>", re.IGNORECASE)
_GLUED_AFTER = re.compile(rf"(?<=[^\W\d_]{{3}})</(?:jats:)?(?:{_FONT})>(?=[^\W\d_]{{2}})", re.IGNORECASE)
_TAG_LIKE, _ENTITY_LIKE = re.compile("<[/!A-Za-z]"), re.compile("&[#A-Za-z]")
"""Without these a text has neither markup nor entities."""
# What cannot be seen, or cannot be stored: NUL, soft hyphens, zero-width marks, halves of surrogate pairs.
_INVISIBLE = re.compile("[\x00\u00ad\u200b\u200c\u200d\u2060\ufeff\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f]")
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi"
    " psi omega"
)
_GREEK = dict(zip(map(ord, "αβγδεζηθικλμνξοπρστυφχψω"), _GREEK_NAMES.split(), strict=True))
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
)
_PARTICLE_NAMES = "van von der den de del della di da dos du la le el al bin ten ter zu zur"
_PARTICLES = frozenset(_PARTICLE_NAMES.split())
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_MONTH_WORD = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    "|dec(ember)?"
)
_SEASONS = frozenset({"spring", "spr", "summer", "sum", "autumn", "fall", "fal", "winter", "win"})
_ONE_PAGE = re.compile(r"\w*")
_PAGE_DASH = re.compile(r"(?<=\w) ?(?:--?|[‐‑‒—−]) ?(?=\w)")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－", "-"))
# The data providers of the WHO's International Clinical Trials Registry Platform (its primary registries and
# ClinicalTrials.gov; https://www.who.int/tools/clinical-trials-registry-platform/network), and WHO's universal trial
# number. Behind a prefix stand blanks and marks as authors write them ("NCT: 0123 4567" is none). What a registry
# counts up for a further country or submission of one trial (`EUCTR…-GB`, the last two digits of CTIS) is left out.
_GAP = r"[\s:#./-]{0,3}"
_REGISTRIES: tuple[tuple[str, str, str], ...] = (
    ("NCT", rf"NCT{_GAP}([0-9]{{8}})", "NCT{0}"),
    ("ISRCTN", rf"ISRCTN{_GAP}([0-9]{{8}})", "ISRCTN{0}"),
    ("CHICTR", rf"ChiCTR{_GAP}((?:[A-Z]{{3,5}}[\s-]{{0,2}})?)([0-9]{{10}}|[0-9]{{8}})", "ChiCTR{0}{1}"),
    ("CTRI", r"CTRI[\s:#]{0,2}[/-]?\s?([0-9]{4})[/-]([0-9]{2,3})[/-]([0-9]{6})", "CTRI/{0}/{1}/{2}"),
    ("UMIN", rf"UMIN(?:-CTR)?{_GAP}(?:UMIN)?([0-9]{{9}})", "UMIN{0}"),
    ("JAPICCTI", rf"JapicCTI{_GAP}([0-9]{{6}})", "JapicCTI-{0}"),
    ("JMA", rf"JMA-?\s?IIA{_GAP}([0-9]{{5}})", "JMA-IIA{0}"),
    ("JRCT", rf"jRCT{_GAP}([sc]?)([0-9]{{9,10}})", "jRCT{0}{1}"),
    ("ACTRN", rf"ACTRN?{_GAP}([0-9]{{14}})", "ACTRN{0}"),
    ("ANZCTR", rf"ANZCTR{_GAP}([0-9]{{14}})", "ACTRN{0}"),
    ("DRKS", rf"DRKS(?:-ID)?{_GAP}([0-9]{{8}})", "DRKS{0}"),
    ("NTR", r"NTR[\s:#-]{0,2}([0-9]{3,4})", "NTR{0}"),
    ("OMON", rf"(?:NL-?)?OMON{_GAP}([0-9]{{4,5}})", "NL-OMON{0}"),
    ("NL", r"NL([0-9]{4})(?!\.[0-9])", "NL{0}"),
    ("IRCT", rf"IRCT{_GAP}([0-9]{{10,16}}N[0-9]{{1,3}})", "IRCT{0}"),
    ("PACTR", rf"PACTR{_GAP}([0-9]{{15,16}})", "PACTR{0}"),
    ("KCT", rf"KCT{_GAP}([0-9]{{7}})", "KCT{0}"),
    ("TCTR", rf"TCTR{_GAP}([0-9]{{11}})", "TCTR{0}"),
    ("RBR", r"RBR-([0-9a-z]{5,8})(?![a-z])", "RBR-{0}"),
    ("SLCTR", r"SLCTR[\s:#]{0,2}[/-]?\s?([0-9]{4})[/-]([0-9]{3})", "SLCTR/{0}/{1}"),
    ("LBCTR", rf"LBCTR{_GAP}([0-9]{{10}})", "LBCTR{0}"),
    ("RPCEC", rf"RPCEC{_GAP}([0-9]{{8}})", "RPCEC{0}"),
    ("PER-", r"PER-([0-9]{3}-[0-9]{2})", "PER-{0}"),
    ("PHRR", rf"PHRR{_GAP}([0-9]{{6}}-[0-9]{{6}})", "PHRR{0}"),
    ("ITMCTR", rf"ITMCTR{_GAP}([0-9]{{10}})", "ITMCTR{0}"),
    ("U1111", r"(U1111-[0-9]{4}-[0-9]{4})", "{0}"),
)
_REGISTRY = tuple(
    (prefix, re.compile(rf"(?<![A-Za-z0-9])(?:JPRN-)?{pattern}(?![0-9])", re.IGNORECASE), form)
    for prefix, pattern, form in _REGISTRIES
)
# EudraCT numbers need no prefix; those of its successor CTIS begin with 5 behind the year.
_EUDRACT = re.compile(r"(?<![0-9-])(?:20[0-4][0-9])-[0-9]{6}-[0-9]{2}(?:-[0-9]{2})?(?![0-9])")
_ISSN = re.compile(r"(?<![\w-])([0-9]{4})-?([0-9]{3}[0-9X])(?![\w-])", re.IGNORECASE)
_ISBN = re.compile(r"(?<![\w-])(?:97[89][ -]?)?[0-9](?:[ -]?[0-9]){8}[ -]?[0-9X](?![\w-])", re.IGNORECASE)
_RANGE = re.compile(r"\b([A-Za-z]{0,3})(\d+) ?[-–] ?([A-Za-z]{0,3})(\d+)\b")
_YEARS = re.compile(r"(\d{4})\s*(?:[-–—/]{1,3}|to|bis|à)\s*(\d{4})")
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d|2100)(?!\d)")


def clean(text: object) -> str:
    """Return `text` on one line: entities and markup resolved, control characters and runs of white space gone.

    Only tags that publishers write are markup; "p < 0.05 and x > 3" stays as it is.
    """
    if (
        isinstance(text, str)
        and text.isprintable()
        and not ("<" in text and _TAG_LIKE.search(text))
        and not ("&" in text and _ENTITY_LIKE.search(text))
    ):
        return " ".join(text.split()) if "  " in text else text.strip()  # most texts; the rest would change nothing
    if text is None or text != text:  # NaN is the one value that differs from itself
        return ""
    line = _INVISIBLE.sub("", str(text))
    if "&" in line:
        # Twice, because some exports escape what was escaped already ("&amp;lt;").
        line = html.unescape(html.unescape(line))
    if "<" in line:
        line = _GLUED_AFTER.sub(" ", _GLUED.sub(r" <\1>\2</\1>", line))
        line = _BLOCK.sub(" ", _FORMULA.sub("", _INLINE.sub("", line)))
    return " ".join(_CONTROL.sub(" ", line).split())


def clean_texts(texts: Sequence[str]) -> list[str]:
    """Return texts as `clean` does, without empty ones; whether there is anything to clean is looked for in all at once."""
    joined = "".join(texts)
    if joined.isprintable() and "  " not in joined and "<" not in joined and "&" not in joined:
        return [text for each in texts if (text := each.strip())]
    return [text for each in texts if (text := clean(each))]


def url(text: object) -> str:
    """Return an address without blanks and invisible characters. Its parameters are no entities: `&copy=1` stays."""
    return "".join(_INVISIBLE.sub("", "" if text is None or text != text else str(text)).replace("&amp;", "&").split())


def doi(text: object) -> str | None:
    """Return a DOI in lower case without resolver, query string or trailing punctuation, or None."""
    if isinstance(text, str) and _PLAIN_DOI.fullmatch(text):
        return text.lower()
    lowered = _INVISIBLE.sub("", "" if text is None else html.unescape(str(text)))
    lowered = re.sub(r"\{?\\([_&%#$])\}?", r"\1", unquote(lowered).lower())
    match = _DOI.search(lowered)
    if not match:
        return None
    value = re.split(r"[;,]10\.\d{4,9}/", match.group())[0]
    if "://" in lowered or "doi=" in lowered:  # what follows the DOI in an address is not part of it
        value = re.split(r"[&?#]", value)[0]
    # The page of a publisher's site that a reader had open is not part of it either.
    value = re.sub(r"(?<=\w)/(?:full(?:/html)?|fulltext|abstract|e?pdf|epub|meta)/?$", "", value.rstrip(".,;:'"))
    # A bracket that was opened outside the DOI belongs to the sentence around it.
    while value.endswith(")") and value.count("(") < value.count(")"):
        value = value[:-1].rstrip(".,;")
    return value


def pmid(text: object) -> str | None:
    """Return a PubMed id: one to eight digits, or None. An address at PubMed or NCBI is read too."""
    if isinstance(text, str) and len(text) <= 8 and text.isascii() and text.isdigit():
        return text.lstrip("0") or None
    written = re.sub(r"^https?://\S*?(?:pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(\d+)/?$", r"\1", clean(text))
    match = re.fullmatch(r"(?:pmid:?\s*)?(\d{1,8})(?:\.0)?", written, re.IGNORECASE)
    return match.group(1).lstrip("0") or None if match else None


def pmcid(text: object) -> str | None:
    """Return a PubMed Central id with its prefix, or None."""
    match = re.search(r"PMC\d+", clean(text), re.IGNORECASE)
    return match.group().upper() if match else None


def arxiv(text: object) -> str | None:
    """Return an arXiv id without version, or None; a bare number counts only as `dddd.ddddd`."""
    written = clean(text)
    match = _ARXIV.fullmatch(re.split(r"arxiv\.org/|doi\.org/", written)[-1]) if written else None
    return match.group(1).lower() if match else None


def wos(text: object) -> str | None:
    """Return a Web of Science accession number with its `WOS:` prefix, or None."""
    match = re.search(r"\b(?:WOS|ISI):?\s*(\w{15})\b", clean(text), re.IGNORECASE)
    return f"WOS:{match.group(1).upper()}" if match else None


def registry_numbers(text: object) -> tuple[str, ...]:
    """Return the trial registration numbers in a text, in the form their registry gives them, each once, in their order.

    Those of the WHO's primary registries and ClinicalTrials.gov: `NCT01234567`, `ISRCTN12345678`, `EUCTR2010-012345-67`,
    `CTIS2023-501234-12`, `ChiCTR-TRC-10001234`, `UMIN000001234`, … PROSPERO's numbers name reviews, and are not among them.
    """
    written = _plain_signs(text)
    capitals = written.upper()
    places: dict[str, int] = {}
    for prefix, pattern, form in _REGISTRY:
        if prefix not in capitals:
            continue
        for match in pattern.finditer(written):
            if re.search(r"[1-9]", match.group()):
                places.setdefault(_registry_form(prefix, form, match.groups()), match.start())
    for match in _EUDRACT.finditer(written):
        number = match.group()[:14]
        places.setdefault(f"{'CTIS' if number[5] == '5' else 'EUCTR'}{number}", match.start())
    return tuple(sorted(places, key=places.__getitem__))


def _registry_form(prefix: str, form: str, parts: tuple[str, ...]) -> str:
    if prefix == "CHICTR":  # ChiCTR-TRC-10001234 has the kind of study in its number, ChiCTR2000012345 has none
        kind = re.sub(r"[^A-Z]", "", parts[0].upper())
        return form.format(f"-{kind}-" if kind else "", parts[1])
    if prefix in ("IRCT", "U1111"):
        return form.format(*(part.upper() for part in parts))
    return form.format(*(part.lower() for part in parts))


def _plain_signs(text: object) -> str:
    """Return a text with its compatibility forms resolved and every dash a hyphen."""
    written = "" if text is None else str(text)
    return written if written.isascii() else unicodedata.normalize("NFKC", written).translate(_HYPHENS)


def issn(text: object) -> tuple[str, ...]:
    """Return the ISSNs in a text as `1234-567X`, each once. What fails the check digit (ISO 3297) is none."""
    values = (f"{match[1]}-{match[2].upper()}" for match in _ISSN.finditer(_plain_signs(text)))
    return tuple(dict.fromkeys(value for value in values if value != "0000-0000" and _issn_is_valid(value)))


def _issn_is_valid(value: str) -> bool:
    digits = [10 if sign == "X" else int(sign) for sign in value.replace("-", "")]
    return sum(weight * digit for weight, digit in zip(range(8, 0, -1), digits, strict=True)) % 11 == 0


def isbn(text: object) -> tuple[str, ...]:
    """Return the ISBNs in a text as 13 digits, each once; those of 10 are converted (ISO 2108).

    What fails the check digit is none.
    """
    values = (_isbn_13(re.sub(r"[ -]", "", match.group()).upper()) for match in _ISBN.finditer(_plain_signs(text)))
    return tuple(dict.fromkeys(filter(None, values)))


def _isbn_13(signs: str) -> str:
    """Return a valid ISBN of 10 or 13 signs as 13 digits, else the empty string."""
    if len(signs) == 10:
        digits = [10 if sign == "X" else int(sign) for sign in signs]
        if sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 or not any(digits):
            return ""
        signs = f"978{signs[:9]}"
    elif "X" in signs:
        return ""
    check = -sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(signs[:12])) % 10
    return f"{signs[:12]}{check}" if len(signs) == 12 or signs[12] == str(check) else ""


def year(text: object) -> int | None:
    """Return the first plausible year (1800 to 2100) in a text or number, or None.

    A span of more than two years (`1998-2003`) is none of them; of an issue for two years (`2019/2020`) it is the first.
    """
    written = clean(text)
    if (span := _YEARS.fullmatch(written)) and int(span[2]) - int(span[1]) > 1:
        return None
    match = _YEAR.search(written)
    return int(match.group()) if match else None


def date(kind: str, *texts: object) -> KnownDate | None:
    """Return a date from what a source writes, as precise as it is plain; None if there is not even a year.

    The parts may come apart ("2025", "MAR 19"). A season or a range of months gives the year alone.
    """
    parts = [part for part in map(clean, texts) if part]
    # The part that has both a year and a month speaks for itself: an early-access row may name two years.
    whole = next((part for part in parts if year(part) and re.search(r"[A-Za-z]{3}", part)), None)
    written = whole or " ".join(parts)
    if iso := re.search(r"(?<!\d)(\d{4})([-/.]?)(\d{2})\2(\d{2})(?!\d)", written):
        return _calendar_date(kind, int(iso.group(1)), int(iso.group(3)), int(iso.group(4)))
    if iso := re.search(r"(?<!\d)(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?![-\d])", written):
        return _calendar_date(kind, int(iso.group(1)), int(iso.group(2)), int(iso.group(3) or 0))
    first_year = year(written)
    if first_year is None:
        return None
    words = [word.lower() for word in re.findall(r"[A-Za-z]{3,}", written)]
    months = [_MONTHS[word[:3]] for word in words if re.fullmatch(_MONTH_WORD, word)]
    if len(months) != 1 or not _SEASONS.isdisjoint(words):
        return _calendar_date(kind, first_year, 0, 0)
    day = re.search(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?![\d:])", written.replace(str(first_year), " "))
    return _calendar_date(kind, first_year, months[0], int(day.group(1)) if day else 0)


def published(year_: object, date_: object) -> KnownDate | None:
    """Return the publication date from a year and perhaps a finer date.

    Of kind `year` where no more than that is known.
    """
    exact = date("published", year_, date_)
    return KnownDate(kind="year", value=exact.value) if exact and len(exact.value) == 4 else exact


def _calendar_date(kind: str, year_: int, month: int, day: int) -> KnownDate | None:
    """Return as much of a date as there is in the calendar: 30 February is February."""
    if not 1800 <= year_ <= 2100:
        return None
    if not 1 <= month <= 12:
        return KnownDate(kind=kind, value=f"{year_}")
    if not 1 <= day <= monthrange(year_, month)[1]:
        return KnownDate(kind=kind, value=f"{year_}-{month:02}")
    return KnownDate(kind=kind, value=f"{year_}-{month:02}-{day:02}")


SIGN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
"""A sign of Chinese, Japanese or Korean in a normalised title, where a Korean syllable is parted into its letters."""


@lru_cache(maxsize=8192)
def normalise_title(title: str) -> str:
    """Return a title for comparing.

    Compatibility forms, no accents, case folded, Greek letters by name, words and digits.
    """
    line = clean(title)
    if line.isascii():
        plain = line.casefold().replace("&", " and ")
    else:
        plain = unicodedata.normalize("NFKD", line).casefold().translate(_STROKES)
        plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_GREEK)
    # An apostrophe joins ("Crohn's"), all other punctuation parts.
    if "'" in plain or "’" in plain or "ʼ" in plain:
        plain = re.sub(r"(?<=\w)['’ʼ](?=\w)", "", plain)
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def first_author(authors: tuple[str, ...]) -> str:
    """Return the first author's family name for comparing, or the empty string.

    "Zhu, XD" and "Zhu XD" and "Xiao-Dong Zhu" all give `zhu`: the part before a comma; else what is left without
    initials at the end; else the last word, with the particles before it ("Rens van de Schoot").
    """
    if not authors:
        return ""
    family, comma, _ = authors[0].partition(",")
    words = family.split()
    if not comma and len(words) > 1:
        names = list(words)
        while len(names) > 1 and re.fullmatch(r"(?:[^\W\d_][.-]{0,2}){1,3}", names[-1]) and names[-1].isupper():
            names.pop()
        if len(names) == len(words):
            first = len(words) - 1
            while first > 1 and words[first - 1].casefold() in _PARTICLES:
                first -= 1
            names = words[first:]
        words = names
    return normalise_title(" ".join(words)).replace(" ", "")


_GROUPS = frozenset({
    "group", "consortium", "collaboration", "collaborators", "network", "committee", "investigators", "initiative", "society",
    "team", "organization", "organisation", "association", "foundation",
})  # fmt: skip
"""How names of groups end."""
_GENERATION = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?){1,3}(?<![AEIOUY]\w)(?<!\w[AEIOUY])")
"""Initials; two capitals with a vowel may be a short family name: `Wei LI`."""


def family_first(name: str) -> str:
    """Return a name as `Family, Given`, with its particles: `Rens van de Schoot` is `van de Schoot, Rens`.

    One word, what has a comma, and the name of a group stay as they are. A generation stands at the end: `Davis, Sam, Jr.`.
    """
    words = name.split()
    if "," in name or len(words) < 2 or words[0] == "The" or words[-1].casefold() in _GROUPS:
        return " ".join(words)
    if words[0].casefold() in _PARTICLES and all(word.casefold() in _PARTICLES for word in words[:-1]):
        return " ".join(words)  # no given name
    if len(words) > 2 and _GENERATION.fullmatch(words[-1]):
        return f"{family_first(' '.join(words[:-1]))}, {words[-1]}"
    if _INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]):
        return f"{' '.join(words[:-1])}, {words[-1]}"  # the family is first, as in `Smith J`
    last = len(words) - 1
    while last > 1 and words[last - 1].casefold() in _PARTICLES:
        last -= 1
    return f"{' '.join(words[last:])}, {' '.join(words[:last])}"


def pages(first: object, last: object = "", article: object = "") -> str:
    """Return first and last page as `45–67`, or the one page, or the article number; empty for nothing."""
    start, end = clean(first), clean(last)
    written = f"{start}–{end}" if start and end and end != start else start or end or clean(article)
    return _PAGE_DASH.sub("–", written) if not _ONE_PAGE.fullmatch(written) else written


def full_pages(written: object) -> str:
    """Return pages with their last page in full: MEDLINE writes `105-14` for 105 to 114."""
    return pages(_RANGE.sub(_full_range, clean(written)))


def _full_range(match: re.Match[str]) -> str:
    prefix, first, other, last = match.groups()
    if len(last) < len(first) and other in ("", prefix):
        last = first[: len(first) - len(last)] + last
        other = prefix
    return f"{prefix}{first}-{other}{last}"
