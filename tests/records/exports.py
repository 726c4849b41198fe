"""Print the real exports, what they are read as, and how many records: `python tests/records/exports.py [FOLDER]`.

`exports.csv` lists the files with the number of records, counted without the program: by lines that begin a record, or by
another library. An asterisk marks a number that differs from it.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from support.records import EXPORTS

from screener.core.errors import BadInput
from screener.records import read_file

LIST = Path(__file__).with_name("exports.csv")


@dataclass(frozen=True)
class Counted:
    """A file of the list: its format, and its records and rows without any as counted."""

    file: str
    format: str
    records: int
    rejected: int


def counted() -> list[Counted]:
    """Return the list."""
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Counted(row["file"], row["format"], int(row["records"]), int(row["rejected"])) for row in rows]


def read(path: Path) -> tuple[str, int, int]:
    """Return the format of a file as it is read, its records and rejected rows; the reason where it is refused."""
    try:
        file = read_file(path)
    except BadInput as error:
        return str(error), 0, 0
    return file.format, len(file.hits), len(file.rejected)


def main() -> None:
    """Print the table, a line a file, and the sums."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else EXPORTS
    lines = sorted(counted(), key=lambda one: (one.format, one.file))
    print(f"{'format':24}{'file':42}{'records':>8}{'rejected':>10}{'counted':>9}")
    total = 0
    for one in lines:
        name, records, rejected = read(folder / one.file)
        total += records
        differs = "" if (records, rejected) == (one.records, one.rejected) else " *"
        name = "refused" if str(folder) in name else name
        print(f"{name[:23]:24}{one.file[:41]:42}{records:8,}{rejected:10,}{one.records:9,}{differs}")
    print(f"{'':24}{f'{len(lines)} files':42}{total:8,}{'':10}{sum(one.records for one in lines):9,}")


if __name__ == "__main__":
    main()
