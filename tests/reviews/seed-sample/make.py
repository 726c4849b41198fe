"""Writes `gold/sample.csv`: the records that the packaged review's gold sample is drawn from.

    python tests/reviews/seed-sample/make.py [FILE] [--data FOLDER]

Imports the exports that the review's own searches gave (FOLDER, default `../shared/data/seed-review`) as the program does, and
writes what is to be screened after merging: titles and identifiers, without abstracts, which belong to their publishers. A
record that `gold/records.csv` has too keeps its id there. The same exports give the same file.
"""

import argparse
import csv
import shutil
import tempfile
from pathlib import Path

import screener
from screener.core.judgement import Stage
from screener.ledger import Ledger
from screener.protocol import Review
from screener.records import Record
from screener.stages import records_for

ROOT = Path(__file__).parents[3]
COLUMNS = ("id", "title", "authors", "year", "venue", "publication type", "language", "doi", "pmid", "wos_id")


def merged(data: Path) -> list[Record]:
    """Return the records to be screened of the exports below a folder, in an order that their identifiers give."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "prompts", Path(folder, "prompts"))
        with screener.open(folder) as review:
            review.import_files([*sorted((data / "wos").glob("*.xls")), *sorted((data / "pubmed").glob("*.csv"))])
        ledger = Ledger.for_reading(Path(folder, ".screener"))
        records = records_for(ledger, Review(Path(folder)), Stage.ABSTRACT)
        ledger.close()
    return sorted(records, key=lambda record: (record.wos or "~", record.pmid or "", record.doi or "", record.title))


def rows(records: list[Record]) -> list[dict[str, str]]:
    """Return the rows of the file."""
    with (ROOT / "gold" / "records.csv").open(encoding="utf-8", newline="") as file:
        known = {row["wos_id"]: row["id"] for row in csv.DictReader(file)}
    written = []
    for number, record in enumerate(records, start=1):
        written.append(
            {
                "id": known.pop(record.wos or "", f"seed-{number:04}"),
                "title": record.title,
                "authors": "; ".join(record.authors),
                "year": str(record.year or ""),
                "venue": record.venue or "",
                "publication type": "; ".join(record.publication_types),
                "language": record.language or "",
                "doi": record.doi or "",
                "pmid": record.pmid or "",
                "wos_id": record.wos or "",
            }
        )
    assert not known, f"records of gold that no export has: {known}"
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", default=ROOT / "gold" / "sample.csv")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "seed-review")
    asked = parser.parse_args()
    with asked.file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows(merged(asked.data)))
