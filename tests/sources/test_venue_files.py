"""Where conferences keep the files of a paper, by the address of its page."""

import pytest

from screener.sources.venue_files import venue_files


@pytest.mark.parametrize(
    ("page", "file", "supplement"),
    [
        ("https://openreview.net/forum?id=Abc1", "https://openreview.net/pdf?id=Abc1", "https://openreview.net/attachment?id=Abc1&name=supplementary_material"),
        ("https://proceedings.mlr.press/v158/gopal21a.html", "https://proceedings.mlr.press/v158/gopal21a/gopal21a.pdf", "https://proceedings.mlr.press/v158/gopal21a/gopal21a-supp.pdf"),
        ("https://papers.nips.cc/paper_files/paper/2023/hash/0a1b-Abstract-Conference.html", "https://papers.nips.cc/paper_files/paper/2023/file/0a1b-Paper-Conference.pdf", "https://papers.nips.cc/paper_files/paper/2023/file/0a1b-Supplemental-Conference.pdf"),
        ("https://openaccess.thecvf.com/content/CVPR2024/html/X_Y_CVPR_2024_paper.html", "https://openaccess.thecvf.com/content/CVPR2024/papers/X_Y_CVPR_2024_paper.pdf", "https://openaccess.thecvf.com/content/CVPR2024/supplemental/X_Y_CVPR_2024_supplemental.pdf"),
        ("https://aclanthology.org/2023.acl-long.1/", "https://aclanthology.org/2023.acl-long.1.pdf", ""),
        ("https://openreview.net/forum", "", ""),
        ("https://example.org/v1/a.html", "", ""),
    ],
)  # fmt: skip
def test_the_page_of_a_paper_leads_to_its_pdf_and_supplement(page: str, file: str, supplement: str) -> None:
    assert venue_files(page) == (file, supplement)
