"""What it takes to get the same figures again: versions, hashes, runs and commands."""

import hashlib
import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.judgement import Stage
from ..gold import load_gold
from ..ledger import count_rows
from ..ledger.runs import runs
from ..ledger.store import Connection
from ..metrics import MIN_DEFINED, RESAMPLES, SEED
from ..protocol import Review, gold_spec
from .steps import steps

PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "pydantic", "sqlalchemy", "onnxruntime", "tokenizers", "openai")


def reproduction(connection: Connection, review: Review) -> dict[str, Any]:
    """Return versions of program and packages, hashes of instructions and gold, runs, and the ledger's size."""
    install, shown = _commands(review)
    return {
        "screener": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "files": _hashes(review),
        "protocol": {
            stage.value: review.fingerprint(stage, machine)
            for stage, spec in review.protocol.stages.items()
            if (machine := spec.decided_by.machine)
        },
        "runs": [_run(row) for row in runs(connection)],
        "ledger": count_rows(
            connection,
            ("imports", "hits", "records", "links", "runs", "calls", "judgements", "errors", "documents"),
        ),
        "bootstrap": {
            "seed": SEED, "resamples": RESAMPLES, "least_defined": MIN_DEFINED,
            "generator": "numpy.random.default_rng", "limits": "numpy.quantile, linear",
        },
        "commands": [install, *shown],
        "steps": steps(connection, review),
    }  # fmt: skip


def gold_state(review: Review) -> dict[str, Any] | None:
    """Return what the gold set is, with the version of each stage's labels; None where there is none."""
    spec = gold_spec(review)
    if spec is None:
        return None
    versions: dict[str, Any] = {}
    for stage in (Stage.ABSTRACT, Stage.FULLTEXT):
        gold = load_gold(review, stage) if stage in review.protocol.stages else None
        if gold is not None:
            halves = list(gold.split.values())
            versions[stage.value] = {
                "version": gold.version, "status": gold.spec.status, "drawn": gold.spec.drawn,
                "lock": gold.lock.model_dump(mode="json") if gold.lock else None,
                "labels": len(gold.labels), "dev": halves.count("dev"), "test": halves.count("test"),
            }  # fmt: skip
    described = spec.model_dump(mode="json", include={"name", "status", "abstracts", "attribution", "licence"})
    statuses = {version["status"] for version in versions.values()} or {spec.status}
    return {**described, "provisional": "provisional" in statuses, "versions": versions}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def files_of(review: Review) -> list[Path]:
    """Return what reviewers were told and what humans decided: the files of `prompts/` and `gold/`, hidden ones left out."""
    return [
        path
        for folder in (review.prompts, review.gold)
        for path in (sorted(folder.rglob("*")) if folder.is_dir() else ())
        if path.is_file() and not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    ]


def _hashes(review: Review) -> list[dict[str, str]]:
    return [
        {"file": path.relative_to(review.root).as_posix(), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in files_of(review)
    ]


def _run(row: Any) -> dict[str, Any]:
    specification, summary = json.loads(row["specification"]), json.loads(row["summary"] or "{}")
    shown = {
        key: specification.get(key)
        for key in ("version", "kind", "asked", "rule", "protocol", "model", "fingerprint", "fit")
    }
    return {"id": row["id"], "at": row["at"], "ended": row["ended"], "stage": row["stage"], "reviewer": row["reviewer"],
            **{key: value if isinstance(value, str) else json.dumps(value) for key, value in shown.items() if value},
            "records": summary.get("records"), "decided": summary.get("decided"), "errors": summary.get("errors"),
            "seconds": summary.get("seconds")}  # fmt: skip


def _commands(review: Review) -> tuple[str, list[str]]:
    """Return how the program is installed, and what shows the results once all steps are taken."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    labelled = [stage for stage in (Stage.ABSTRACT, Stage.FULLTEXT) if stage in review.protocol.stages]
    shown = [f"screener evaluate --stage {stage}" for stage in labelled if load_gold(review, stage) is not None]
    return f"pip install .   # in the source of screener {__version__}; Python {python}", [*shown, "screener report"]
