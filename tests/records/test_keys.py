"""The keys by which entries that may be one work are looked up."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.records import ABSTRACT, TITLE, an_entry

from screener.records import blocking_keys, prepare, prepare_all


def share(a: object, b: object) -> bool:
    return not set(blocking_keys(a)).isdisjoint(blocking_keys(b))  # type: ignore[arg-type]


def test_keys_fit_into_a_column_of_numbers_and_follow_from_the_entry_alone() -> None:
    entry = an_entry(doi="10.1000/1", pmid="1", registry=("NCT01234567",), given_id="7")
    keys = blocking_keys(entry)
    assert keys == blocking_keys(entry.model_copy())
    assert all(0 < key < 1 << 63 for key in keys)


def test_what_shares_an_identifier_or_a_title_shares_a_key() -> None:
    for name in ("doi", "pmid", "pmcid", "wos", "arxiv"):
        assert share(an_entry("One", **{name: "1"}), an_entry("Another", **{name: "1"}))
    for name in ("accession", "registry"):
        assert share(an_entry("One", **{name: ("1", "2")}), an_entry("Another", **{name: ("2",)}))
    assert share(an_entry(), an_entry(TITLE.upper() + "."))
    assert not share(an_entry("One", pmid="1", given_id="1"), an_entry("Another", doi="1", given_id="1"))


def test_a_row_s_number_is_a_key_only_beside_the_title() -> None:
    assert share(an_entry("Hearts of mice", given_id="1"), an_entry("Hearts of men", given_id="1"))
    assert not share(an_entry("Mice", given_id="1"), an_entry("Hearts of men", given_id="1"))


def test_an_entry_without_anything_has_no_key() -> None:
    assert blocking_keys(an_entry("")) == ()


def test_volume_and_pages_are_a_key_beside_years_that_are_at_most_one_apart() -> None:
    def at(title: str, year: int) -> object:
        return an_entry(title, volume="7", pages="100–109", year=year)

    assert share(at("Hearts of mice", 2019), at("Le coeur des souris", 2020))
    assert not share(at("Hearts of mice", 2019), at("Le coeur des souris", 2021))


LONG = (
    "Antimicrobial prophylaxis after transcatheter implantation of valves in octogenarians with endocarditis: a cohort"
)
BY = ("Kavanagh, D.",)


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("Antimicrobial prophylaxis after transcatheter implantation", BY),
        ("Antimicrobial prophylaxis after transcatheter implantation of valves in octogenarians", ()),
        ("valves in octogenarians with endocarditis: a cohort", BY),
        (
            "Antimikrobial prophylaxis after transcatheder implantation of valves in octagenarians with endocarditis: a cohort",
            BY,
        ),
        (
            "Antlmicrobial prophylaxis after transcatheter implantation of valves in octogenarians with endocarditis: a cohort",
            (),
        ),
        ("A cohort: endocarditis in octogenarians with valves after transcatheter implantation", BY),
    ],
    ids=[
        "cut off",
        "subtitle left out, no author",
        "its end",
        "three misprints",
        "a misprint, no author",
        "turned round",
    ],
)
def test_titles_that_are_nearly_one_share_a_key(written: str, authors: tuple[str, ...]) -> None:
    assert share(an_entry(LONG, authors=BY), an_entry(written, authors=authors))


def test_one_abstract_by_one_author_is_a_key_whatever_the_titles_are() -> None:
    of_mice, translated = (an_entry(title, authors=BY, abstract=ABSTRACT) for title in ("Mice", "Das Herz der Mäuse"))
    assert share(of_mice, translated)
    assert not share(of_mice, an_entry("Das Herz der Mäuse", authors=("Lai, K.",), abstract=ABSTRACT))


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Transcatheter occluders", "authors": BY},
        {"title": "Statins", "pages": "100–109", "volume": "7", "year": 2019, "venue": "Gut"},
        {"title": "Statins", "pages": "100–109", "authors": BY, "venue": "Gut"},
    ],
    ids=["author and a word", "volume and pages of another journal", "author and pages in another journal"],
)
def test_what_many_works_share_by_chance_is_no_key(other: dict[str, object]) -> None:
    """Each such pair would be compared, and their number grows with the square of the records."""
    first = an_entry(LONG, authors=BY, pages="100–109", year=2019, venue="Heart", volume="7")
    assert not share(first, an_entry(**other))  # type: ignore[arg-type]


def test_keys_that_an_executor_makes_are_the_same_in_their_order() -> None:
    entries = [an_entry(f"{TITLE} part {n}", doi=f"10.1000/{n}", abstract=ABSTRACT) for n in range(1_100)]
    with ThreadPoolExecutor(2) as executor:
        assert list(prepare_all(entries, executor)) == [prepare(entry) for entry in entries]
