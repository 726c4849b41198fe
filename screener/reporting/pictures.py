"""Which drawings a report has, by name: the same for the page and for files."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from . import wording as w
from .drawing import Drawing, Text, svg, wrap
from .flow_models import COLUMN as MODELS
from .flow_others import COLUMN as OTHERS
from .flowchart import flowchart
from .labels import Labels
from .plots import bar_plot, bubble_plot, calibration_plot, recall_plot, year_plot

SYNTHETIC = "Synthetic: made for trial with records of test servers"
"""What stands on every page and drawing of a report that has such records."""


def pictures(document: Mapping[str, Any]) -> dict[str, Drawing]:
    """Return all drawings of the figures document, by a name that is good for a file and for an id."""
    drawings = _pictures(document)
    return {name: _marked(one) for name, one in drawings.items()} if document.get("synthetic") else drawings


def _marked(drawing: Drawing) -> Drawing:
    """Return a drawing that says in a line below it, and to a screen reader, that it is synthetic."""
    lines = wrap(SYNTHETIC, drawing.width - 8, 13, bold=True)
    marks = [Text(4, drawing.height + 17 * n, line, 13, "bad", bold=True) for n, line in enumerate(lines, start=1)]
    height, title = drawing.height + 17 * len(lines) + 6, f"Synthetic: {drawing.title}"
    return replace(drawing, height=height, title=title, shapes=[*drawing.shapes, *marks])


def _pictures(document: Mapping[str, Any]) -> dict[str, Drawing]:
    labels = Labels(document)
    drawings = dict[str, Drawing]()
    for name, flow in (("flow", labels.flow), ("flow-update", labels.previous)):
        for column in ("", OTHERS, MODELS):
            if flow and any(box.get("column", "") == column for box in flow["boxes"]):
                called = f"{name}-{column}" if column else name
                drawings[called] = flowchart(flow, column=column)
                drawings[f"{called}-narrow"] = flowchart(flow, narrow=True, column=column)
    for stage, state in document["stages"].items():
        if stage == "extraction":
            continue
        for entry in state["accuracy"]:
            reviewer = entry["evaluation"]["reviewer"]
            mark = " (provisional gold)" if entry["provisional"] else ""
            caption = f"{reviewer}, {w.stage(stage)}, gold {entry['evaluation']['split']}{mark}"
            if entry["curve"]:
                curve = recall_plot(entry["curve"], f"Recall curve: {caption}", provisional=entry["provisional"])
                drawings[plot_of("recall", stage, reviewer)] = curve
            if entry["calibration"]:
                name = plot_of("calibration", stage, reviewer)
                drawings[name] = calibration_plot(
                    entry["calibration"], f"Calibration: {caption}", provisional=entry["provisional"]
                )
    extraction = document["extraction"] or {}
    for item in extraction.get("items", ()):
        name, drawn = item["label"], _item(item)
        if drawn is not None:
            drawings[picture_of(item)] = drawn
        if item["kind"] == "code":
            by_year = {code: {int(year): n for year, n in years.items()} for code, years in item["by_year"].items()}
            dated = bubble_plot(by_year, f"{name} by year of publication")
            if dated is not None:
                drawings[picture_of(item, "by-year")] = dated
    return drawings


def _item(item: Mapping[str, Any]) -> Drawing | None:
    name = item["label"]
    if any(item.get("counts", {}).values()):
        return bar_plot(item["counts"], name, "answers with a value", item["status"]["reported"])
    if item.get("points"):
        return year_plot(item["points"], name, name.rpartition(" › ")[2])
    return None


def plot_of(kind: str, stage: str, reviewer: str) -> str:
    """Return the name of a reviewer's drawing."""
    return f"{kind}-{stage}-{_safe(reviewer)}"


def picture_of(item: Mapping[str, Any], kind: str = "") -> str:
    """Return the name of an item's drawing, whether or not there is one."""
    return f"item-{_safe(item['path'])}{f'-{kind}' if kind else ''}"


def _safe(name: str) -> str:
    """Return a name for files and ids. Where characters had to go, a hash keeps different names apart."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "-" for c in name).replace(".", "-")
    return (
        plain
        if plain == name.replace(".", "-").replace("_", "-")
        else f"{plain}-{sha256(name.encode()).hexdigest()[:6]}"
    )


def write_pictures(document: Mapping[str, Any], folder: Path) -> list[Path]:
    """Return each drawing as SVG and as PNG into a folder; the paths that were written."""
    from .png import write_png

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawing in pictures(document).items():
        path = folder / f"{name}.svg"
        path.write_text(svg(drawing, name, fixed=True), encoding="utf-8")
        write_png(drawing, path.with_suffix(".png"))
        written += [path, path.with_suffix(".png")]
    return written
