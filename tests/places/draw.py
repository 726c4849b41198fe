"""Draw the places of `places.csv` from the PDFs of `../shared/data/pdfs`, and say what could not be used and why.

    python tests/places/draw.py [--seed 4] [--check]

Three kinds are drawn: 150 passages anywhere, 120 that begin where a sentence does and end where one ends, and 30 that
run over a page break. A file is drawn in proportion to the root of its length, a page to its length, an offset and a
length (40 to 300 characters) evenly; then both ends are moved to words of letters. What is drawn is used unless

- `short`: fewer than 40 characters are left between such words;
- `no prose`: fewer than 60 % of its words have three letters or more (cells of tables, formulas);
- `repeated`: its letters and digits stand in our text (PDFium's) more than once, so that no place is the right one;
- `other order`, `other characters`: they do not stand there at all. Either the extractors read lines or columns in
  different orders (headings, footnotes, cells, superscripts), or they read a glyph as different characters.

- `half a word`: its first or last word is none in our text (`pdftotext` moved a caption between the halves of one).

None of these asks the locator. Nothing is drawn twice: a place that overlaps a used one is `overlapping`.
With --check nothing is written; exit code 1 if the file is not what would be written.
"""

import argparse
import csv
import io
import math
import random
import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from rapidfuzz import fuzz  # noqa: E402

from places import FILES, PLACES, Drawn, check_of, letters, other_pages, pdfium_pages  # noqa: E402

FOLDER = HERE.parents[2] / "shared" / "data" / "pdfs"
WANTED = {"anywhere": 150, "sentence": 120, "page break": 30}
SHORTEST, LONGEST = 40, 300
_WORD = re.compile(r"(?<!\S)[(\"“‘]?[^\W\d_]{2,}[.,;:!?)\"”’]*(?!\S)")
_BEGINS = re.compile(r"(?<=[.?!])\s+(?=[A-Z][a-z]*\s)")
_ENDS = re.compile(r"[a-z)][.?!](?=\s+[A-Z])")


def _span(rng: random.Random, kind: str, text: str, page_end: int) -> tuple[int, int] | None:
    """A span of `text` (a page and the one after it) that begins before `page_end`."""
    length = rng.randint(SHORTEST, LONGEST)
    begin = page_end - rng.randint(1, length - 1) if kind == "page break" else rng.randrange(page_end)
    if kind == "sentence":
        found = _BEGINS.search(text, begin, page_end)
        if found is None:
            return None
        begin = found.end()
        ends = [each.end() for each in _ENDS.finditer(text, begin, min(begin + LONGEST, page_end))]
        return (begin, rng.choice(ends)) if ends else None
    words = [each.span() for each in _WORD.finditer(text, max(begin, 0), begin + length)]
    # A word that the window cuts is none: its neighbour outside is looked at too.
    words = [(start, end) for start, end in words if end < begin + length or text[end : end + 1].isspace()]
    return (words[0][0], words[-1][1]) if words else None


def _refusal(quote: str, pages: list[str], ours: str) -> str | None:
    """Why a passage cannot be used, given our text of its page (or its two pages) and the letters of our whole text."""
    words = re.findall(r"\S+", quote)
    page = letters("".join(pages))
    if len(quote) < SHORTEST:
        return "short"
    if sum(bool(re.search(r"[^\W\d_]{3}", word)) for word in words) < 0.6 * len(words):
        return "no prose"
    wanted = letters(quote)
    if ours.count(wanted) > 1:
        return "repeated"
    if wanted not in page:
        return "other characters" if fuzz.partial_ratio(wanted, page) >= 95 else "other order"
    # Read without the hyphens at line ends, of which PDFium makes U+FFFE.
    known = {letters(word) for each in pages for word in re.findall(r"[^\W\d_]+", each.replace("\ufffe", ""))}
    own = [letters(word) for word in re.findall(r"[^\W\d_]+", quote)]
    return None if own[0] in known and own[-1] in known else "half a word"


def draw(seed: int, folder: Path = FOLDER) -> tuple[list[Drawn], dict[str, Counter[str]]]:
    """The places, and for each kind how many were drawn and became what."""
    rng = random.Random(seed)
    ours = {name: letters("".join(pdfium_pages(folder / name))) for name in FILES}
    weights = [math.sqrt(sum(map(len, other_pages(folder / name)))) for name in FILES]
    counts = {kind: Counter[str]() for kind in WANTED}
    used: list[Drawn] = []
    for kind, wanted in WANTED.items():
        while counts[kind]["used"] < wanted:
            name = rng.choices(FILES, weights)[0]
            pages = other_pages(folder / name)
            page = rng.choices(range(len(pages)), [len(each) for each in pages])[0]
            if kind == "page break" and page + 1 == len(pages):
                continue
            text = "\f".join(pages[page : page + 2])
            span = _span(rng, kind, text, len(pages[page]))
            if span is None or (kind == "page break") != ("\f" in text[slice(*span)]):
                counts[kind]["short"] += 1
                continue
            begin, end = span
            quote = text[begin:end]
            here = pdfium_pages(folder / name)[page : page + (2 if kind == "page break" else 1)]
            refusal = _refusal(quote, list(here), ours[name])
            if refusal is None and any(
                (each.file, each.page) == (name, page + 1) and begin < each.offset + each.length and each.offset < end
                for each in used
            ):
                refusal = "overlapping"
            counts[kind][refusal or "used"] += 1
            if refusal is None:
                used.append(Drawn(name, page + 1, begin, end - begin, kind, check_of(quote)))
    return sorted(used, key=lambda each: (each.file, each.page, each.offset)), counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    places, counts = draw(given.seed)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "page", "offset", "length", "kind", "check"])
    writer.writerows([each.file, each.page, each.offset, each.length, each.kind, each.check] for each in places)
    for kind, count in counts.items():
        total = count.total()
        shares = ", ".join(f"{why} {n} ({n / total:.0%})" for why, n in count.most_common())
        print(f"{kind}: {total} drawn; {shares}")
    if given.check:
        return 0 if PLACES.read_text(encoding="utf-8") == out.getvalue() else 1
    PLACES.write_text(out.getvalue(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
