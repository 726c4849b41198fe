"""A whole review in Python: records in, a machine and people screen, the machine is checked, decisions and report out.

    python examples/whole_review.py [FOLDER]

It takes the packaged ECG review, and the embedded reviewer, which needs no key and no network. Each method does what the
command of the same name does: `review.run("abstract")` is `screener run --stage abstract`.
"""

import csv
import sys
import tempfile
from pathlib import Path

import screener
from screener.examples import copy_example


def main(folder: Path) -> None:
    """Make the review in a folder that does not exist yet, and take it to its report."""
    copy_example("ecg", folder)
    with screener.open(folder) as review:
        imported = review.import_files(folder / "gold" / "records.csv")
        print(f"{review.title}: {imported.records} records")

        run = review.run("abstract")
        print(f"the machine: {run.include} include, {run.unclear} unclear, {run.exclude} exclude, {run.errors} errors")

        # Two people read the ten records that the machine finds most likely; here they agree with it.
        judged = review.judgements("abstract", reviewer="embedded")
        likely = sorted(judged, key=lambda row: -(row.probability or 0))[:10]
        decisions = folder / "decisions.csv"
        with decisions.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "reviewer", "decision"])
            rows.writerows([row.record_id, name, "include"] for row in likely for name in ("ada", "ben"))
        labelled = review.label(decisions, "abstract")
        assert labelled.agreement is not None
        print(f"two people: {labelled.entered} decisions, agreement {labelled.agreement['share']:.0%}")

        evaluated = review.evaluate("abstract", split="dev")
        recall = evaluated.figures["recall"]
        print(f"recall of the machine against gold: {recall.value:.2f} ({recall.low:.2f} to {recall.high:.2f})")

        exported = review.export("abstract", output=folder / "decisions-of-the-review.csv")
        page = review.report(folder / "report.html")
        counts = review.status().stages[run.stage].counts
        print(f"{exported.count} records in {exported.path}; the report is {page.path}")
        print(
            f"final: {counts['final']}, suggested by the machine: {counts['suggested']}; links: {len(review.links())}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "review")
