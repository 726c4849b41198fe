"""Time of plain text and layout against a bare loop of pypdfium2 over the same files.

    python tests/benchmarks/documents_parse.py [--folder ../shared/data/pdfs] [--rounds 7]

Targets: plain text within 1.3 times the bare loop, layout within 4 times, and layout of 10 pages under 200 ms. The
three are timed in turn, round by round; a round's figure is the sum over all files. Exit code 1 if a target is missed.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from setting import ROOT

PLAIN, LAYOUT, TEN_PAGES_MS = 1.3, 4.0, 200.0


def bare(path: Path) -> list[str]:
    """The least that gives the text of every page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def seconds(read: Callable[[Path], object], path: Path) -> float:
    begun = time.perf_counter()
    read(path)
    return time.perf_counter() - begun


def readable(folder: Path) -> dict[Path, int]:
    """The files that open without a password and hold text, with their pages."""
    from screener.documents import Unreadable, layout

    found = {}
    for path in sorted(folder.glob("*.pdf")):
        try:
            document = layout(path)
        except Unreadable:
            continue
        if not document.scan:
            found[path] = len(document.pages)
    return found


def main() -> int:
    from screener.documents import layout, plain

    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data" / "pdfs")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    files = readable(arguments.folder)
    if not files:
        print(f"no readable PDFs in {arguments.folder}", file=sys.stderr)
        return 1
    ways: list[Callable[[Path], object]] = [bare, plain, layout]
    times = {path: [[seconds(way, path) for way in ways] for _ in range(arguments.rounds)] for path in files}
    print(
        "| file | pages | bare, ms | plain, ms | layout, ms | plain / bare | layout / bare | layout of 10 pages, ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    slowest = 0.0
    for path, pages in files.items():
        one, two, three = (1000 * median(each[way] for each in times[path]) for way in range(3))
        ten = three / pages * 10
        slowest = max(slowest, ten)
        print(
            f"| {path.name} | {pages} | {one:.1f} | {two:.1f} | {three:.1f} | {two / one:.2f} | {three / one:.2f} | {ten:.0f} |"
        )
    rounds = range(arguments.rounds)
    sums = [[sum(times[path][turn][way] for path in files) for turn in rounds] for way in range(3)]
    plain_ratio, layout_ratio = (median(sums[way][turn] / sums[0][turn] for turn in rounds) for way in (1, 2))
    one, two, three = (1000 * median(each) for each in sums)
    print(
        f"| all | {sum(files.values())} | {one:.1f} | {two:.1f} | {three:.1f} | {plain_ratio:.2f} | {layout_ratio:.2f} | |"
    )
    print(
        f"\nTargets: plain at most {PLAIN}, layout at most {LAYOUT}, 10 pages of any file under {TEN_PAGES_MS:.0f} ms."
    )
    return int(plain_ratio > PLAIN or layout_ratio > LAYOUT or slowest > TEN_PAGES_MS)


if __name__ == "__main__":
    sys.exit(main())
