"""Venues: when two names are one venue's, and what lists of journals and conferences say of a venue."""

import csv
from collections import defaultdict
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from support import SHARED
from support.records import needs_shared

from screener.core.errors import BadInput
from screener.records.venues import (
    ConferenceList,
    JournalList,
    Place,
    Verdict,
    a_star_streams,
    excerpt_of,
    named,
    read_conferences,
    read_jcr,
    same_venue,
)

JCR = """\
"Journal Data Filtered By:  Selected Categories: {category} Selected Editions: SCIE Selected JCR Year: {year} Indicator: Default"

Journal name,JCR Abbreviation,Publisher,ISSN,eISSN,Category,Edition,Total Citations,2024 JIF,JIF Quartile,2024 JCI,% of Citable OA
{rows}Copyright (c) 2025 Clarivate
By exporting the selected data; you agree to the data usage policy set forth in the Terms of Use
"""
HEARTS = (
    ("Annals of Synthetic Hearts", "ANN SYNTH HEART", "0009-7322", "N/A", "Q1"),
    ("JOURNAL OF CARDIOTHORACIC SIGNALS", "J CARDIOTHORAC SIGN", "0028-0836", "1476-4687", "Q3"),
    ("Pulse Networks", "PULSE NETWORKS", "0140-6736", "N/A", "Q4"),
    ("The Pulse & Valve", "PULSE VALVE", "N/A", "2589-7500", "N/A"),
)
SIGNALS = (
    ("ANNALS OF SYNTHETIC HEARTS", "ANN SYNTH HEART", "0009-7322", "N/A", "Q2"),
    ("Signals", "SIGNALS", "0018-9219", "1558-2256", "Q2"),
    ("Signals", "SIGNALS", "0036-8075", "N/A", "Q1"),
)


def jcr(path: Path, category: str, journals: tuple[tuple[str, ...], ...], year: int = 2024) -> Path:
    rows = "".join(
        f'"{name}","{short}","A HOUSE","{issn}","{eissn}","{category}","SCIE","1,234","5.6","{quartile}","1.2","3.4"%,\n'
        for name, short, issn, eissn, quartile in journals
    )
    path.write_text(JCR.format(category=category, year=year, rows=rows))
    return path


@pytest.fixture
def journals(tmp_path: Path) -> JournalList:
    files = (jcr(tmp_path / "1.csv", "HEARTS, ALL", HEARTS), jcr(tmp_path / "2.csv", "SIGNALS", SIGNALS))
    return JournalList((row for path in files for row in read_jcr(path).rows), 2024, ["Hearts, all", "SIGNALS"], ["Q1"])


@pytest.mark.parametrize(
    ("venue", "other", "same"),
    [
        ("IEEE Journal of Biomedical and Health Informatics", "IEEE J Biomed Health Inform", True),
        ("IEEE J. Biomed. Health Inform.", "IEEE journal of biomedical and health informatics", True),
        (
            "Proceedings of the National Academy of Sciences of the United States of America",
            "Proc Natl Acad Sci U S A",
            True,
        ),
        ("The Lancet", "Lancet (London, England)", True),
        ("Sensors", "Sensors (Basel, Switzerland)", True),
        ("Computers in Biology and Medicine", "Comput Biol Med", True),
        ("Deutsche medizinische Wochenschrift", "Dtsch Med Wochenschr", True),
        ("Nature Communications", "NATURE COMMUNICATIONS", True),
        ("Europace", "Europace : European pacing, arrhythmias, and cardiac electrophysiology", True),
        ("Physics & Chemistry", "Physics and Chemistry", True),
        ("Circulation", "Circulation: Arrhythmia and Electrophysiology", False),
        ("Nature", "Nature Medicine", False),
        ("Nature", "Nat", False),
        ("Heart Rhythm", "Hand Rhythm", False),
        ("Heart", "", False),
        ("The Journal of Physics", "J Phys", True),
        ("Journal of Cryptology", "Journal of Cytology", False),
        ("International Heart Journal", "Iran Heart J", False),
        ("Cardiovascular Research", "Cardiol Res", False),
        ("Physiological Measurement", "Physical Measurement", False),
        ("Journal of Biotechnology", "Journal of Biology", False),
        ("JAMA Cardiology", "J Cardiol", False),
        ("Frontiers of Computer Science", "Frontiers in Computer Science", False),
        ("Results in Engineering", "RES ENG DES", False),
        ("IEEE Wireless Communications", "IEEE WIREL COMMUN LE", False),
        ("Physical Review E", "Phys Rev E", True),
        ("Physical Review E", "Phys Rev", False),
    ],
)
def test_a_venue_may_be_abbreviated(venue: str, other: str, same: bool) -> None:
    assert same_venue(venue, other) is same


PASSES, FAILS, AMBIGUOUS, UNMATCHED = Verdict.PASSES, Verdict.FAILS, Verdict.AMBIGUOUS, Verdict.UNMATCHED


@pytest.mark.parametrize(
    ("place", "verdict", "reason"),
    [
        (Place("Whatever", ("0009-7322",)), PASSES, "Q1 in HEARTS, ALL (JCR 2024, by ISSN)"),
        (Place("Whatever", ("1476-4687",)), FAILS, "Q3 in HEARTS, ALL (JCR 2024, by ISSN)"),
        (Place("Annals of synthetic hearts"), PASSES, "by title"),
        (Place("Annals of Synthetic Hearts (Basel)"), PASSES, "by title"),
        (Place("PULSE AND VALVE"), AMBIGUOUS, "has no quartile"),
        (Place("ANN SYNTH HEART"), PASSES, "by abbreviation"),
        (Place("Ann Synthet Hearts"), PASSES, "by abbreviation"),
        (Place("J Cardiothorac Signals"), FAILS, "by abbreviation"),
        (Place("Pulse Netw"), FAILS, "Q4 in HEARTS, ALL (JCR 2024, by abbreviation)"),
        (Place("J Card Signals"), UNMATCHED, "in no JCR file"),
        (Place("Signals"), AMBIGUOUS, "may be Signals, Signals"),
        (Place("Signals", ("0036-8075",)), PASSES, "by ISSN"),
        (Place("Pulse networks", ("0317-8471", "2434-561X")), AMBIGUOUS, "has other ISSNs than Pulse Networks"),
        (Place("Journal of Cardiothoracic Signals", ("0317-8471",)), AMBIGUOUS, "has other ISSNs"),
        (Place("Pulse Networks", ("2434-561X",)), FAILS, "by title"),
        (Place("Annals of synthetic hearts", ("0317-8471", "2434-561X")), PASSES, "by title"),
        (Place("Hearts of Signals", ("0317-8471",)), UNMATCHED, "Hearts of Signals (ISSN 0317-8471) is in no JCR file"),
        (Place(), UNMATCHED, "the row names no venue"),
    ],
)
def test_a_journal_passes_by_its_best_category(
    journals: JournalList, place: Place, verdict: Verdict, reason: str
) -> None:
    found = journals.verdict(place)
    assert found.verdict is verdict
    assert reason in found.reason


def test_a_journal_of_another_category_fails_and_one_of_another_year_is_not_known(tmp_path: Path) -> None:
    rows = read_jcr(jcr(tmp_path / "1.csv", "HEARTS", HEARTS)).rows
    hearts = Place(issn=("0009-7322",))
    assert JournalList(rows, 2024, ["SIGNALS"], ["Q1"]).verdict(hearts).verdict is FAILS
    assert JournalList(rows, 2023, ["HEARTS"], ["Q1"]).verdict(hearts).verdict is UNMATCHED
    assert JournalList(rows, 2024, ["HEARTS"], ["Q1", "Q3"]).verdict(Place(issn=("0028-0836",))).verdict is PASSES


def test_an_excerpt_of_an_export_says_the_same_of_its_journals(tmp_path: Path) -> None:
    file = read_jcr(jcr(tmp_path / "1.csv", "HEARTS", HEARTS))
    (tmp_path / "short.csv").write_text(excerpt_of(file, file.rows[:1]))
    again = read_jcr(tmp_path / "short.csv")
    assert (again.year, again.categories, again.rows) == (2024, {"HEARTS"}, file.rows[:1])
    (tmp_path / "short.csv").write_text(excerpt_of(file, []))
    assert read_jcr(tmp_path / "short.csv").categories == {"HEARTS"}


@pytest.mark.parametrize(
    "saved_again",
    [
        lambda text: text.replace('","', '";"').replace("name,JCR", "name;JCR").replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: (
            text.replace("Journal name", "Journal Name ").replace("JIF Quartile", "2024 JIF quartile").encode()
        ),
        lambda text: text.replace('"Q', '"q').encode(),
        lambda text: (text + text).encode(),
    ],
    ids=["semicolons", "UTF-16 with tabs", "old line ends", "other capitals", "small q", "twice in one file"],
)
def test_an_export_that_was_saved_again_is_read_alike(tmp_path: Path, saved_again: Callable[[str], bytes]) -> None:
    file = jcr(tmp_path / "1.csv", "HEARTS", HEARTS)
    rows = read_jcr(file).rows
    file.write_bytes(saved_again(file.read_text().replace("1,234", "1234")))
    again = read_jcr(file)
    assert (set(again.rows), again.categories) == (set(rows), {"HEARTS"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            JCR.format(category="HEARTS", year=2024, rows="") + JCR.format(category="HEARTS", year=2023, rows=""),
            "several JCR years \\(2023, 2024\\)",
        ),
        ("PK\x03\x04", "is an Excel file; save it as CSV"),
        (JCR.format(category="HEARTS", year=2024, rows='"' + "a" * 200_000 + '"'), "cannot be read as a table"),
        ("title,doi\na,b\n", "no export of the Journal Citation Reports"),
        (JCR.format(category="HEARTS", year=2024, rows=""), "has no journals"),
        (JCR.format(category="HEARTS", year="", rows="").replace("2024", ""), "which JCR year"),
    ],
)
def test_what_is_no_export_of_jcr_is_told(
    tmp_path: Path, request: pytest.FixtureRequest, text: str, message: str
) -> None:
    (tmp_path / "x.csv").write_text(text)
    limit = csv.field_size_limit(131_072)  # Python's own, whatever was read before
    request.addfinalizer(lambda: csv.field_size_limit(limit))
    with pytest.raises(BadInput, match=message):
        read_jcr(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        (Place("NeurIPS", dblp="conf/nips/A24"), PASSES),
        (Place("Proc. VLDB Endow.", dblp="journals/pvldb/A24"), PASSES),
        (Place("ICASSP", dblp="conf/icassp/A24"), FAILS),
        (Place("CVPR Workshops", dblp="conf/cvpr/A24"), AMBIGUOUS),
        (Place("ACM Trans. Graph.", dblp="journals/tog/A24"), AMBIGUOUS),
        (Place("AAAI 2024"), PASSES),
        (Place("ECCV (3)"), PASSES),
        (Place("ICASSP"), UNMATCHED),
        (Place(""), UNMATCHED),
    ],
)
def test_a_conference_passes_by_dblps_key_or_by_its_acronym(place: Place, verdict: Verdict) -> None:
    assert ConferenceList(None, ["A*"]).verdict(place).verdict is verdict


@pytest.mark.parametrize(
    ("venue", "acronym"),
    [
        ("NIPS", "NeurIPS"),
        ("Advances in Neural Information Processing Systems 32", "NeurIPS"),
        ("Advances in Neural Information Processing Systems 35 (NeurIPS 2022)", "NeurIPS"),
        ("Advances in Neural Information Processing Systems 35, NeurIPS 2022", "NeurIPS"),
        ("Thirty-seventh Conference on Neural Information Processing Systems", "NeurIPS"),
        ("International Conference on Learning Representations", "ICLR"),
        ("International Conference on Learning Representations (ICLR)", "ICLR"),
        ("8th International Conference on Learning Representations, ICLR 2020, Addis Ababa, Ethiopia", "ICLR"),
        ("Proceedings of the AAAI Conference on Artificial Intelligence", "AAAI"),
        ("Proceedings of the 28th ACM SIGKDD Conference on Knowledge Discovery and Data Mining", "KDD"),
        ("2023 IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)", "CVPR"),
        ("Proceedings of the 57th Annual Meeting of the Association for Computational Linguistics", "ACL"),
        ("IEEE INFOCOM 2020", "INFOCOM"),
        ("Proceedings of the ACM Web Conference 2022", "WWW"),
        ("2019 IEEE International Conference on Data Mining (ICDM)", "ICDM"),
        ("Advances in Cryptology – CRYPTO 2020", "CRYPTO"),
        ("Proc. VLDB Endow.", "VLDB"),
    ],
)
def test_a_conference_passes_by_its_name_a_former_one_and_that_of_its_proceedings(venue: str, acronym: str) -> None:
    verdict = ConferenceList(None, ["A*"]).verdict(Place(venue))
    assert verdict.verdict is PASSES, f"{venue}: {acronym}"


@pytest.mark.parametrize(
    "venue",
    [
        "International Conference on Machine Learning, Optimization, and Data Science",
        "International Conference on Machine Learning (LOD)",
        "Asian Conference on Computer Vision",
        "SIAM International Conference on Data Mining",
        "International Conference on Data Mining",
        "IEEE Conference on Electronic Commerce",
        "European Symposium on Security and Privacy",
        "Virtual Reality",
        "World Wide Web",
        "Proceedings of Machine Learning Research",
        "Advances in Cryptology",
        "International Conference on Acoustics, Speech and Signal Processing",
    ],
)
def test_a_venue_that_is_merely_called_alike_waits_for_a_person(venue: str) -> None:
    assert ConferenceList(None, ["A*"]).verdict(Place(venue)).verdict is UNMATCHED


def test_each_of_the_sixty_conferences_has_names_and_none_shares_one() -> None:
    every = ConferenceList(None, ["A*"])
    named = yaml.safe_load((files("screener.records.venues") / "core_a_star_names.yaml").read_text("utf-8"))
    assert {name.casefold() for name in named} == set(a_star_streams())
    assert {every.verdict(Place(name)).verdict for names in named.values() for name in names} == {PASSES}
    assert len({name for names in named.values() for name in names}) == sum(map(len, named.values()))


def test_a_list_of_ones_own_may_have_ranks(tmp_path: Path) -> None:
    (tmp_path / "core.csv").write_text(
        '1,"Synthetic Conference on Hearts",SCH,CORE2023,A*,Yes,4602,,\n2,Other Conference,OC,CORE2023,B,No,46,,\n'
        "3,Third Conference,TC,CORE2023,A*,No,46,,\n4,Conference of Thirds,TC,CORE2023,C,No,46,,\n"
    )
    ranked = ConferenceList(read_conferences(tmp_path / "core.csv"), ["A*"])
    names = ("Synthetic conference on hearts", "SCH 2024", "OC", "TC", "Another")
    assert [ranked.verdict(Place(name)).verdict for name in names] == [PASSES, PASSES, FAILS, AMBIGUOUS, UNMATCHED]
    (tmp_path / "own.txt").write_text("# ours\nSCH; Synthetic Conference on Hearts\nAAAI\n")
    own = ConferenceList(read_conferences(tmp_path / "own.txt"), ["A*"])
    assert own.verdict(Place("SCH")).verdict is PASSES
    assert own.verdict(Place("", dblp="conf/aaai/A24")).verdict is PASSES
    assert own.verdict(Place("ICASSP", dblp="conf/icassp/A24")).verdict is UNMATCHED
    (tmp_path / "core.csv").write_text("title,acronym\n")
    with pytest.raises(BadInput, match="no export of CORE"):
        read_conferences(tmp_path / "core.csv")


def test_a_venue_that_the_protocol_names_is_settled() -> None:
    assert named("J Heart Sounds", ["Journal of Heart Sounds"], []).verdict is PASSES  # type: ignore[union-attr]
    assert named("Heart", ["Heart"], ["heart"]).verdict is AMBIGUOUS  # type: ignore[union-attr]
    assert named("Heart Rhythm", ["Heart"], ["Lung"]) is None


@needs_shared
def test_of_journals_that_are_q1_in_one_category_only_all_pass() -> None:
    files = [read_jcr(path) for path in (SHARED / "seed-review" / "jcr").glob("*.csv")]
    quartiles = defaultdict[str, set[str]](set)
    for file in files:
        for row in file.rows:
            for number in row.issn:
                quartiles[number].add(row.quartile)
    mixed = [number for number, of_number in quartiles.items() if "Q1" in of_number and of_number - {"Q1"}]
    categories = {category for file in files for category in file.categories}
    every = JournalList((row for file in files for row in file.rows), 2024, categories, ["Q1"])
    assert len(files) == len(categories) == 12
    assert len(mixed) == 26
    assert {every.verdict(Place(issn=(number,))).verdict for number in mixed} == {PASSES}
