"""What `screener evaluate --quality` has to say: each machine reviewer against a target, and what is missing to claim it."""

from typing import TYPE_CHECKING, Any

from ..evaluation.quality_words import COLUMNS, NOTE, goal_words, lack_words, reviewer_rows
from .evaluate_pages import PROVISIONAL
from .page import TextPage

if TYPE_CHECKING:
    from ..evaluation import StageQuality


def quality_page(quality: "StageQuality") -> TextPage:
    """Return a line a reviewer, then what is missing and what is known, each with a command."""
    found = quality_json(quality)
    page = TextPage(f"Quality of the machine reviewers: {quality.stage.label.lower()}, against gold")
    if any(one.status == "provisional" for one in quality.reviewers):
        page.line(PROVISIONAL)
    page.line(goal_words(found["goal"]))
    page.table(NOTE, COLUMNS, reviewer_rows(found))
    for heading, known in (("Still missing", False), ("Known", True)):
        listed = [lack for lack in found["missing"] if lack["known"] is known]
        if listed or not known:
            page.line(f"\n{heading}:" if listed else f"\n{heading}: nothing that the program knows of.")
        for lack in listed:
            page.entry(f"- {lack['sentence']}", lack["do"])
    return page


def quality_json(quality: "StageQuality") -> dict[str, Any]:
    """Return what `--quality --json` prints: the figures, and of what is missing the sentence and what to do."""
    found, stage = quality.as_json(), quality.stage.value
    for lack in found["missing"]:
        lack["sentence"], lack["do"] = lack_words(lack, stage, found["goal"])
    return {"stage": stage, **found}
