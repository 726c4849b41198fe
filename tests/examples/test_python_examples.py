"""The script and the notebook of the examples run as they stand."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Later

pd = Later("pandas")

EXAMPLES = ROOT / "examples"


@pytest.mark.slow
def test_the_script_takes_a_review_from_records_to_report(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SCREENER_LEDGER"}
    command = [sys.executable, str(EXAMPLES / "whole_review.py"), str(tmp_path / "review")]
    done = subprocess.run(
        command, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[2] == "two people: 20 decisions, agreement 100%"
    assert "final: 10, suggested by the machine: " in lines[-1]
    assert (tmp_path / "review" / "report.html").is_file()


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom_and_holds_no_outputs() -> None:
    notebook = json.loads((EXAMPLES / "review.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
    assert isinstance(names["records"], pd.DataFrame)
    assert len(names["records"]) == len(names["judgements"]) == len(names["table"]) == names["run"].decided > 100
    assert names["report"].path.is_file()
    names["review"].close()
