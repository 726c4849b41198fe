import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.records import Entry, first_author, normalise_title
from screener.records import normalise as n


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("10.1016/J.CMPB.2021.106281", "10.1016/j.cmpb.2021.106281"),
        ("https://doi.org/10.1016/j.x.2020.", "10.1016/j.x.2020"),
        ("http://dx.doi.org/10.4236/ojf.2020.101008", "10.4236/ojf.2020.101008"),
        ("doi: 10.1000/ab(c)", "10.1000/ab(c)"),
        ("(10.1000/ab(c))", "10.1000/ab(c)"),
        ("10.1000/a;10.2000/b", "10.1000/a"),
        (
            "https://www.scopus.com/x?eid=2-s2.0&doi=10.1016%2fj.psy.2019.104501&partnerID=40",
            "10.1016/j.psy.2019.104501",
        ),
        # Old Wiley DOIs have angle brackets and semicolons; cut short, all papers of an issue would share one.
        (
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
        ("10.3", None),
        ("n/a", None),
        (None, None),
    ],
)
def test_a_doi_is_found_however_it_is_written(written: str | None, said: str | None) -> None:
    assert n.doi(written) == said


@pytest.mark.parametrize(
    ("read", "written", "said"),
    [
        (n.pmid, "PMID: 34333207", "34333207"),
        (n.pmid, 34333207.0, "34333207"),
        (n.pmid, "https://pubmed.ncbi.nlm.nih.gov/34333207/", "34333207"),
        (n.pmid, "L373791783", None),
        (n.pmcid, "https://www.ncbi.nlm.nih.gov/pmc/articles/pmc8672412/", "PMC8672412"),
        (n.arxiv, "arXiv:2101.00001v2", "2101.00001"),
        (n.arxiv, "https://arxiv.org/pdf/2101.00001v2.pdf", "2101.00001"),
        (n.arxiv, "10.48550/arXiv.2101.00001", "2101.00001"),
        (n.arxiv, "10.1016/j.x.2101.00001", None),
        (n.wos, "WOS:000685504200012", "WOS:000685504200012"),
        (n.wos, "000685504200012", None),
    ],
)
def test_other_identifiers_have_one_form(read: object, written: object, said: str | None) -> None:
    assert read(written) == said  # type: ignore[operator]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (("2024", "MAR 19"), "2024-03-19"),
        (("2021", "SEPT"), "2021-09"),
        (("JAN 2021",), "2021-01"),
        (("2024 Oct 3",), "2024-10-03"),
        (("2023/07/30",), "2023-07-30"),
        (("2024-03-19T10:00:00Z",), "2024-03-19"),
        (("20240319",), "2024-03-19"),
        (("4-8 Aug. 2020",), "2020-08-04"),
        (("2019/10//undefined",), "2019-10"),
        (("2024", "2025 JUN 18"), "2025-06-18"),
        (("2024-02-30",), "2024-02"),
        (("Spring 2024",), "2024"),
        (("2024", "SUM"), "2024"),
        (("2024", "JUL-SEP"), "2024"),
        (("2024.0",), "2024"),
        (("2020///nan",), "2020"),
        (("12/03/2021",), "2021"),
        (("MAR 19",), None),
        (("soon",), None),
        (("",), None),
    ],
)
def test_a_date_is_as_precise_as_it_is_plain(written: tuple[str, ...], said: str | None) -> None:
    found = n.date("published", *written)
    assert (found and found.value) == said


@given(st.text(alphabet=st.characters(), max_size=40))
def test_no_date_is_a_crash(written: str) -> None:
    found = n.published(written, written)
    assert found is None or found.kind in ("published", "year")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<p>First.</p><p>Second.</p>", "First. Second."),
        ("p < 0.05 and x > 3", "p < 0.05 and x > 3"),
        ("if p <i and x> 3", "if p <i and x> 3"),
        ("&lt;p&gt;Tom &amp;amp; Ann&lt;/p&gt;", "Tom & Ann"),
        ("H<sub>2</sub>O and <i>p</i>53", "H2O and p53"),
        ("Effects of<i>Salmonella</i>on mice", "Effects of Salmonella on mice"),
        ("<jats:sec><jats:title>Aim</jats:title>To see</jats:sec>", "Aim To see"),
        ("one\x00 wo\u00adrd\n\n\ttwo\x07", "one word two"),
        ("half a pair \ud83d", "half a pair"),
        (float("nan"), ""),
        (None, ""),
    ],
)
def test_markup_goes_and_words_stay_apart(written: object, said: str) -> None:
    assert n.clean(written) == said


def test_titles_are_compared_by_their_words() -> None:
    assert normalise_title("PGC1α &amp; <i>β</i>-Blockers:  a «Review».") == "pgc1alpha and beta blockers a review"
    assert normalise_title("Crohn’s disease") == normalise_title("CROHN'S DISEASE")
    assert normalise_title("Étude du cœur") == "etude du coeur"


@given(st.text(max_size=60))
def test_a_normalised_title_stays_as_it_is(title: str) -> None:
    once = normalise_title(title)
    assert normalise_title(once) == once


@pytest.mark.parametrize("name", ["Zhu, XD", "Zhu XD", "Xiao-Dong Zhu", "ZHU, Xiao-Dong", "Zhu X.-D."])
def test_a_first_author_is_known_by_the_family_name(name: str) -> None:
    assert first_author((name, "Shen, WY")) == "zhu"


def test_particles_belong_to_the_family_name() -> None:
    written = ["de Vries IR", "de Vries, Ivar R.", "Ivar de Vries"]
    assert {first_author((name,)) for name in written} == {"devries"}
    assert first_author(()) == ""


@pytest.mark.parametrize(
    ("parts", "pages"),
    [
        (("45", "67"), "45–67"),
        (("45",), "45"),
        (("", "", "e1004"), "e1004"),
        (("7", "7"), "7"),
        (("45--67", ""), "45–67"),
        ((None,), ""),
    ],
)
def test_pages_are_a_range_a_page_or_an_article_number(parts: tuple[str, ...], pages: str) -> None:
    assert n.pages(*parts) == pages


@pytest.mark.parametrize("locator", ["12(3), 45–67", "12, 45", "12(3), e1004", "(3), 7", "45–67", ""])
def test_the_place_in_a_venue_that_an_earlier_version_kept_as_one_text_is_read(locator: str) -> None:
    assert Entry.model_validate({"title": "Hearts", "locator": locator}).locator == locator


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("(ClinicalTrials.gov NCT01234567; nct 07654321)", ("NCT01234567", "NCT07654321")),
        ("NCT#01234567, NCT: 01234567", ("NCT01234567",)),
        ("ISRCTN 12345678 and doi 10.1186/ISRCTN87654321", ("ISRCTN12345678", "ISRCTN87654321")),
        ("EudraCT 2010-012345-67", ("EUCTR2010-012345-67",)),
        ("EUCTR2010-012345-67-GB; EUCTR2010‐012345‐67‐DE", ("EUCTR2010-012345-67",)),
        ("EU CT number 2022-501234-12-00", ("CTIS2022-501234-12",)),
        ("ChiCTR-TRC-10001234 ChiCTR2000029308", ("ChiCTR-TRC-10001234", "ChiCTR2000029308")),
        ("ChiCTR–IOR–17013672", ("ChiCTR-IOR-17013672",)),
        ("CTRI/2017/05/008654 and CTRI No. 2", ("CTRI/2017/05/008654",)),
        ("JPRN-UMIN000001234 UMIN-CTR UMIN000001235", ("UMIN000001234", "UMIN000001235")),
        ("JapicCTI-080528, JMA-IIA00123, JPRN-jRCTs031180001, jRCT1080220001",
         ("JapicCTI-080528", "JMA-IIA00123", "jRCTs031180001", "jRCT1080220001")),
        ("ACTRN12605000001606 ANZCTR: 12605000001607", ("ACTRN12605000001606", "ACTRN12605000001607")),
        ("DRKS00000001 (DRKS-ID: DRKS00000002)", ("DRKS00000001", "DRKS00000002")),
        ("Dutch trial register NTR 1234; NL7654; NL-OMON12345", ("NTR1234", "NL7654", "NL-OMON12345")),
        ("IRCT20080831001148N1, IRCT138706281222n2", ("IRCT20080831001148N1", "IRCT138706281222N2")),
        ("PACTR201001000187116 KCT0000001 TCTR20150101001", ("PACTR201001000187116", "KCT0000001", "TCTR20150101001")),
        ("RBR-2c2cvm, RBR-10abcde", ("RBR-2c2cvm", "RBR-10abcde")),
        ("SLCTR/2009/001 LBCTR2019070214 RPCEC00000123 PER-001-08",
         ("SLCTR/2009/001", "LBCTR2019070214", "RPCEC00000123", "PER-001-08")),
        ("UTN U1111-1234-5678", ("U1111-1234-5678",)),
        # Not trials: a review's number, a receptor, a virus, a domain, a telephone, a placeholder.
        ("CRD42020123456; NTR1 and NTR2 receptors; NL63; RBR-type ligase; RBR-E3; tel. 2020-12345-67; NCT00000000", ()),
        ("NCT012345678 SANCT01234567 NL12345.018.12", ()),
        (None, ()),
    ],
)  # fmt: skip
def test_numbers_of_trial_registries_have_one_form(written: str | None, numbers: tuple[str, ...]) -> None:
    assert n.registry_numbers(written) == numbers


@pytest.mark.parametrize(
    ("read", "written", "values"),
    [
        (n.issn, "0028-0836 (Print) 1476-4687 (Electronic) 00280836 (Linking)", ("0028-0836", "1476-4687")),
        (n.issn, "2434‐561x", ("2434-561X",)),
        (n.issn, "0028-0837; 0000-0000; 978-0-306-40615-7; 20200101", ()),
        (n.isbn, "978-0-306-40615-7 0306406152", ("9780306406157",)),
        (n.isbn, "0-8044-2957-X (hardback)", ("9780804429573",)),
        (n.isbn, "978 3 16 148410 0;9780306406157", ("9783161484100", "9780306406157")),
        (n.isbn, "9780306406158 0306406153 0028-0836 1476-4687 0000000000", ()),
        (n.isbn, None, ()),
    ],
)
def test_serial_and_book_numbers_need_a_valid_check_digit(read: object, written: str, values: tuple[str, ...]) -> None:
    assert read(written) == values  # type: ignore[operator]
