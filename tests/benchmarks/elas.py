"""Runs of ASReview's ELAS u4 by its own program, in an environment of its own (`pip install asreview`).

`asreview simulate --ai elas_u4` asks for one record at a time, whatever `--n-query` says (release 3.0.8), so the same model
is given as a configuration, which has a size of batch.
"""

import csv
import json
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

U4 = {
    "querier": "max",
    "classifier": "svm",
    "classifier_param": {"loss": "squared_hinge", "C": 0.11},
    "balancer": "balanced",
    "balancer_param": {"ratio": 9.8},
    "feature_extractor": "tfidf",
    "feature_extractor_param": {"ngram_range": [1, 2], "sublinear_tf": True, "min_df": 1, "max_df": 0.95},
}


def elas_order(
    program: Path, texts: Sequence[tuple[str, str]], labels: Sequence[bool], priors: Sequence[int], batch: int
) -> list[int]:
    """Return the rows in the order in which ELAS u4 asks for them, the priors left out.

    Args:
        program: `asreview`.
        texts: title and abstract of each record.
        labels: whether each is relevant.
        priors: rows that are labelled before.
        batch: records labelled between two fits.

    It ends with the last relevant record. The rows are given to it in random order, the same for all runs: it takes
    records with equal scores in the order of its file, and some files are sorted by label.
    """
    shuffled = np.random.default_rng(0).permutation(len(texts))
    place = {int(row): at for at, row in enumerate(shuffled)}
    with tempfile.TemporaryDirectory() as folder:
        data, config, project = (Path(folder, name) for name in ("records.csv", "u4.json", "run.asreview"))
        with data.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["title", "abstract", "label_included"])
            writer.writerows([*texts[row], int(labels[row])] for row in shuffled)
        config.write_text(json.dumps(U4 | {"n_query": batch}), encoding="utf-8")
        command = [program, "simulate", data, "--config-file", config, "--output", project, "--prior-idx"]
        subprocess.run(
            [*map(str, command), *(str(place[row]) for row in priors)],
            check=True,
            capture_output=True,
            timeout=3600,
            cwd=folder,
        )
        with zipfile.ZipFile(project) as archive:
            archive.extract("results.db", folder)
        connection = sqlite3.connect(Path(folder, "results.db"))
        asked = [int(row) for (row,) in connection.execute("SELECT record_id FROM results ORDER BY rowid")]
        connection.close()
    known = set(priors)
    return [row for row in (int(shuffled[at]) for at in asked) if row not in known]
