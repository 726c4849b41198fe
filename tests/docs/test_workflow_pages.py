"""The pages on workflows show protocols that are valid as a whole, one for each name that there is."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from support import ROOT

from screener.core.judgement import Stage
from screener.protocol import Review
from screener.protocol.deciding import Workflow

PAGES = sorted((ROOT / "docs" / "how-to" / "workflows").glob("*.md"))
PARTS = ["When to take it", "review.yaml", "From start to report", "What is reported", "Published evidence"]


def review_of(page: Path, folder: Path) -> Review:
    """Return a review with the protocol that a page shows, and the least that it leaves out."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)
    shown = yaml.safe_load(block)
    needed = {"question": "?", "template": "abstract.md", "criteria": [{"id": "a", "question": "?"}]}
    shown["stages"]["abstract"] |= needed
    (folder / "prompts").mkdir()
    (folder / "prompts" / "abstract.md").write_text("# System\nx\n# User\n{{ record }}\n", encoding="utf-8")
    text = yaml.safe_dump({"title": "T", "questions": ["?"], **shown})
    (folder / "prompts" / "review.yaml").write_text(text, encoding="utf-8")
    return Review(folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_a_protocol_of_its_workflow_without_a_mistake(page: Path, tmp_path: Path) -> None:
    assert review_of(page, tmp_path).stage(Stage.ABSTRACT).workflow == page.stem.replace("-", "_")


def test_every_workflow_has_a_page() -> None:
    assert {page.stem.replace("-", "_") for page in PAGES} == set(get_args(Workflow))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_all_parts_and_cites_what_it_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.M)
    assert [heading for heading in headings if heading in PARTS] == PARTS
    evidence = text.partition("## Published evidence")[2]
    cited = re.findall(r"^- \*(.*?)\*", evidence, re.S | re.M)
    assert cited
    assert all(re.search(r"\b20\d\d\b", source) for source in cited)
