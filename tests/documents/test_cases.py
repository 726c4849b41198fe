"""The cases of documents that went wrong, as they were given (`../shared/cases/documents`)."""

import pytest
from support import SHARED

from screener.core.judgement import Match
from screener.documents import Candidate, Document, EvidenceTexts, Quote, Unreadable, layout, match
from screener.text import numbers_in

CASES = SHARED.parent / "cases" / "documents"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"the cases are not here ({CASES})")


def read(name: str) -> Document:
    return layout(CASES / f"{name}.pdf")


@pytest.mark.parametrize("name", ["23_de_reference_heading", "23_en2_reference_heading", "23_fr_reference_heading"])
def test_numbers_of_cited_works_are_in_the_references(name: str) -> None:
    document = read(name)
    assert document.in_references(document.text.index("5,000 patients"))


def test_a_chinese_list_of_references_is_known_and_a_quote_runs_over_a_line_end() -> None:
    document = read("11_chinese")
    assert document.in_references(document.text.index("5,000"))
    for quote in ("共十一个月并保留了每一条超过十秒的静息记录", "因此编码器在微调之前"):
        assert EvidenceTexts({"main": document.text}).find(Quote(quote)).status is not Match.MISSING


def test_online_methods_behind_the_references_are_the_papers_own() -> None:
    document = read("22b_online_methods_behind_references")
    assert not document.in_references(document.text.index("2,222 patients"))
    assert document.in_references(document.text.index("5,000 patients"))


def test_the_title_behind_a_cover_page_is_matched() -> None:
    candidates = [Candidate("own", "Tracing networks for resting recordings"), Candidate("other", "Wards and strips")]
    assert match(read("06_repository_cover"), "x.pdf", candidates).record_id == "own"


def test_of_a_portfolio_it_is_told_to_attach_the_files_in_it() -> None:
    with pytest.raises(Unreadable, match=r"save the files in it \(paper\.pdf, tmp\.pdf\) and attach these"):
        read("14_portfolio")


def test_a_comma_of_tex_parts_no_number() -> None:
    document = read("30_tex_comma_space")
    texts = EvidenceTexts({"main": document.text})
    values = {number.value for number in numbers_in(document.text)}
    assert {21_837, 18_885} <= values
    assert not {837, 885} & values
    assert texts.find(Quote("21,837 recordings of 18,885 patients")).status is Match.NORMALIZED
    assert texts.find(Quote("885 patients of two wards")).status is Match.MISSING
