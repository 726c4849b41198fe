"""What is written as a table comes back, whatever stands in its cells; and a damaged table loses no row without a line."""

import csv
import io
import re
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from screener.core.errors import BadInput
from screener.records import FileRead, read_file
from screener.records.normalise import clean
from screener.records.placeholders import is_nothing

# Signs that tables stumble over, more often than chance would have them.
SIGNS = st.sampled_from([*'""\',;|\t\n\\ =-ßé漢😀', "TY  - JOUR", "sep=;", '""', ", ", "\r\n", "title"])
TEXTS = st.lists(
    st.one_of(SIGNS, st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=8)), max_size=12
).map("".join)
ROWS = st.lists(st.tuples(st.integers(0, 10**9), TEXTS, TEXTS, st.integers(1900, 2025)), min_size=1, max_size=6)
DELIMITERS = st.sampled_from(",;\t|")


def read_text(text: str) -> FileRead:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.encode())
        return read_file(path)


def written(rows: list[tuple[int, str, str, int]], delimiter: str, end: str) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "title", "abstract", "year"])
    # A word of its own in each title: a row of nothing is another test's.
    writer.writerows(
        (number, f"Study {at} {title}", abstract, year) for at, (number, title, abstract, year) in enumerate(rows)
    )
    return file.getvalue()


@settings(max_examples=30, deadline=None)
@given(ROWS, DELIMITERS, st.sampled_from(["\n", "\r\n"]))
@example([(0, "", "'=", 1900)], ",", "\n")
@example([(0, "", "\r\n,,,\n", 1900)], ",", "\n")
def test_what_is_written_comes_back(rows: list[tuple[int, str, str, int]], delimiter: str, end: str) -> None:
    file = read_text(written(rows, delimiter, end))
    assert [bad.reason for bad in file.rejected] == []
    assert [hit.entry.title for hit in file.hits] == [clean(f"Study {at} {row[1]}") for at, row in enumerate(rows)]
    # An apostrophe that keeps a spreadsheet from taking a cell for a formula is no part of the text.
    cells = [re.sub(r"\A'(?='*[=+\-@\t\r])", "", row[2]) for row in rows]
    expected = ["" if is_nothing("abstract", text := clean(cell)) else text for cell in cells]
    assert [hit.entry.abstract for hit in file.hits] == expected


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["words", "a, b", 'said "so"', "x\ny"]), st.integers(1900, 2025)),
        min_size=3,
        max_size=30,
    ),
    st.data(),
)
def test_a_stray_quotation_mark_loses_no_row_without_a_line(rows: list[tuple[str, int]], data: st.DataObject) -> None:
    whole = [(at, f"Study {at} of hearts", words, year) for at, (words, year) in enumerate(rows)]
    text = written(whole, ",", "\n")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(text.index("\n") + 1, len(text) - 1))
        text = text[:place] + '"' + text[place:] if data.draw(st.booleans()) else text[:place] + text[place + 1 :]
    try:
        file = read_text(text)
    except BadInput:
        return
    read = " ".join(hit.entry.model_dump_json() for hit in file.hits)
    missing = [
        at for at in range(len(rows)) if f"Study {at} Study {at} of hearts" in text and f"Study {at} of" not in read
    ]
    assert len(missing) <= 2 * len(file.rejected) or file.notes
