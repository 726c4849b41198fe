"""Every number of a report, made a second time from its audit by code that shares nothing with the program's own."""

import ast
import copy
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
from support import ROOT, Later, MadeOnce
from support import audit as audit_support

if TYPE_CHECKING:
    from recomputed import Audit

recomputed = Later("recomputed")

NO_FIGURES = {
    "format": "the version of the document's shape: it says nothing of the review",
    "stages.extraction.accuracy.*.evaluation.same_meaning.least_cosine": "a bound that the program sets",
    "stages.extraction.accuracy.*.evaluation.same_meaning.offered": "which values are offered the sentence model says",
    "stages.extraction.accuracy.*.evaluation.same_meaning.open": "which values are offered the sentence model says",
    "stages.extraction.accuracy.*.evaluation.parts.*.offered": "which values are offered the sentence model says",
}
"""The numbers that are not made anew, by patterns of their names, and why."""
FORBIDDEN = ("metrics", "evaluation", "gold", "stages", "reporting", "ledger")

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels"),
    pytest.mark.filterwarnings("ignore::UserWarning:sklearn"),
]


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in ("packaged", "papers")])
def audit(request: pytest.FixtureRequest, made_once: MadeOnce) -> "Audit":
    """The packaged review as it is; and the synthetic one with humans, a chat model, full texts and an extraction."""
    made = made_once(f"audit-of-{request.param}", getattr(audit_support, request.param))
    return recomputed.Audit(made / "audit.zip")


@pytest.fixture(scope="module")
def made(audit: "Audit") -> dict[str, Any]:
    return recomputed.expected(audit)


def test_every_number_of_the_report_is_the_one_that_other_code_finds(audit: "Audit", made: dict[str, Any]) -> None:
    same, different, strange = recomputed.compared(audit.figures, made, NO_FIGURES)
    assert not different
    assert not strange, "numbers that nobody has made anew"
    names = [".".join(map(str, path)) for path, _ in recomputed.numeric_leaves(audit.figures)]
    assert same == sum(not any(fnmatch(name, left_out) for left_out in NO_FIGURES) for name in names)
    assert same > 1_000


def test_a_number_that_is_off_or_new_is_found(audit: "Audit", made: dict[str, Any]) -> None:
    recorded = copy.deepcopy(audit.figures)
    [first, *_] = recorded["stages"]["abstract"]["accuracy"]
    first["estimates"]["f2"]["low"] += 2e-9
    first["estimates"]["a new figure"] = {"value": 0.5}
    del first["evaluation"]["f2"]["high"]
    _, different, strange = recomputed.compared(recorded, made, NO_FIGURES)
    place = "stages.abstract.accuracy.0"
    assert [line.split(":")[0] for line in different] == [f"{place}.estimates.f2.low", f"{place}.evaluation.f2.high"]
    assert strange == [f"{place}.estimates.a new figure.value = 0.5"]


def test_what_makes_the_numbers_anew_shares_only_the_form_with_the_program() -> None:
    imported = set()
    for path in (ROOT / "tests" / "recomputed").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module or "")
    own = {name for name in imported if name.split(".")[0] == "screener"}
    assert own == {"screener.forms.load", "screener.forms.spec"}
    assert not any(name.split(".")[1] in FORBIDDEN for name in own)
