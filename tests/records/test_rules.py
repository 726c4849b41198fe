"""What two entries are to each other: merged, reports of one study, or for a person to decide."""

from typing import Any

import pytest
from support.records import ABSTRACT, TITLE, an_entry

from screener.records import Entry, Index, KnownDate, RecordType, blocking_keys

ZHU, ZHU_2, LI = ("Zhu, Xiao-Dong", "Shen, Wei"), ("Zhu XD",), ("Li, N",)
OTHER_ABSTRACT = (
    "Mice were fed and their hearts were weighed; nothing here is about what the title says it is about. " * 3
)
PLACE = {"venue": "Heart Rhythm", "volume": "12", "pages": "105–114"}
KNOWN = {"authors": ZHU, "year": 2020}
Fields = dict[str, Any]


def kind_of(first: Entry, second: Entry) -> str:
    """What two entries are to each other, whichever comes first; empty for nothing."""
    found = []
    for pair in ((first, second), (second, first)):
        index = Index()
        index.add(1, pair[0])
        matches = index.add(2, pair[1])
        assert len(matches) <= 1
        found.append([(match.kind, match.rule) for match in matches])
    assert found[0] == found[1]
    if found[0]:
        assert not set(blocking_keys(first)).isdisjoint(blocking_keys(second))
    return found[0][0][0] if found[0] else ""


class TestIdentifiers:
    @pytest.mark.parametrize("name", ["doi", "pmid", "wos", "arxiv", "pmcid"])
    def test_a_shared_identifier_and_title_are_merged_whatever_pages_year_and_abstract_say(self, name: str) -> None:
        first = an_entry(**{name: "10.1000/1"}, year=2019, abstract=ABSTRACT, volume="3", pages="1–9")
        second = an_entry(TITLE.upper() + ".", **{name: "10.1000/1"}, year=2020, abstract=OTHER_ABSTRACT, pages="200")
        assert kind_of(first, second) == "duplicate"

    def test_a_shared_accession_number_is_an_identifier(self) -> None:
        shared = {"accession": ("embase:L2012345678",)}
        assert kind_of(an_entry(**shared, pages="3"), an_entry(**shared, pages="8")) == "duplicate"

    @pytest.mark.parametrize(
        "title",
        [
            TITLE + ": a cohort of ten million",
            "[A foundation model for the electrocardiogram of many leads]. [Russian]",
            "RETRACTED: " + TITLE,
            "A foundation modell for the electro-cardiogram of many leads",
            "",
        ],
    )
    def test_a_title_agrees_with_itself_otherwise_written(self, title: str) -> None:
        assert kind_of(an_entry(doi="10.1000/1"), an_entry(title, doi="10.1000/1")) == "duplicate"

    def test_a_shared_identifier_with_another_title_is_a_conflict(self) -> None:
        assert kind_of(an_entry(doi="10.1000/1"), an_entry("Hearts of mice in the dark", doi="10.1000/1")) == "conflict"
        parts = [an_entry(f"Registries of cancer. Part {part}. Design", doi="10.1000/1") for part in ("I", "II")]
        assert kind_of(*parts) == "conflict"

    def test_chapters_under_the_identifier_of_their_book_are_not_merged(self) -> None:
        chapters = [an_entry("Introduction", doi="10.1000/1", pages=pages, **KNOWN) for pages in ("3–9", "88–90")]
        assert kind_of(*chapters) == "candidate"

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (an_entry("Introduction", pages="1–12"), an_entry("Introduction", pages="101–112")),
            (
                an_entry("Stroke in the trial of dronedarone: men", pages="12"),
                an_entry("Stroke in the trial of dronedarone: women", pages="19"),
            ),
            (an_entry("Treatment of stable angina at home"), an_entry("Treatment of unstable angina at home")),
        ],
    )
    def test_the_identifier_of_a_whole_does_not_merge_its_parts(self, first: Entry, second: Entry) -> None:
        shared = {"doi": "10.1000/1", "authors": ZHU, "year": 2020}
        found = kind_of(first.model_copy(update=shared), second.model_copy(update=shared))
        assert found in ("candidate", "conflict")

    def test_what_has_only_a_number_of_arxiv_is_the_preprint(self) -> None:
        bare = an_entry(arxiv="1707.01836", year=2017)
        server = an_entry(arxiv="1707.01836", doi="10.48550/arxiv.1707.01836", venue="arXiv", year=2017)
        assert kind_of(bare, server) == "duplicate"

    def test_different_identifiers_of_one_kind_are_never_merged(self) -> None:
        for name in ("doi", "pmid", "wos", "arxiv"):
            first, second = (an_entry(**{name: value}, **KNOWN, **PLACE) for value in ("10.1000/1", "10.1000/2"))
            assert kind_of(first, second) == "same_study"

    def test_a_row_s_number_in_two_files_proves_nothing_alone(self) -> None:
        assert kind_of(an_entry(given_id="1", **KNOWN), an_entry(given_id="1", **KNOWN)) == "duplicate"
        assert kind_of(an_entry(given_id="1", **KNOWN), an_entry(given_id="1", authors=LI, year=2020)) == ""
        assert kind_of(an_entry(given_id="1"), an_entry("Hearts of mice in the dark", given_id="1")) == ""


SERIES = "{} and the outcome of surgery in school children"
OTHER_WORDS = [
    ("Austria", "Australia"),
    ("Slovakia", "Slovenia"),
    ("Niger", "Nigeria"),
    ("Iran", "Iraq"),
    ("Abduction", "Adduction"),
    ("Prednisone", "Prednisolone"),
    ("Nitrate", "Nitrite"),
    ("Early care", "Late care"),
    ("IgA", "IgG"),
    ("Type 1 diabetes", "Type 2 diabetes"),
    ("Vitamin A", "Vitamin D"),
    ("Mesh with glue", "Mesh without glue"),
    ("Ischaemia", "Non-ischaemia"),
]
ONE_WORD = [
    ("Anaemia", "Anemia"),
    ("Tumours", "Tumors"),
    ("Behavioural randomisation", "Behavioral randomization"),
    ("Leucocytes", "Leukocyte"),
    ("Oesophageal centre", "Esophageal center"),
    ("Haemorrhage", "Hemorrage"),
    ("Detection", "Detecton"),
    ("Phosphorus", "Phsophorus"),
    ("Follow up", "Followup"),
    ("Glue vs. mesh", "Glue versus mesh"),
]


class TestWordsOfTitles:
    @pytest.mark.parametrize("shared", [PLACE, {"doi": "10.1000/1"}, {"pmid": "7", **PLACE}])
    @pytest.mark.parametrize(("first", "second"), OTHER_WORDS)
    def test_another_word_in_a_title_is_left_to_a_person(self, first: str, second: str, shared: Fields) -> None:
        pair = [an_entry(SERIES.format(word), **KNOWN, **shared) for word in (first, second)]
        assert kind_of(*pair) in ("candidate", "conflict")

    def test_words_in_another_order_are_left_to_a_person_without_an_identifier(self) -> None:
        pair = [an_entry(SERIES.format(words), **KNOWN, **PLACE) for words in ("Stroke, sleep", "Sleep, stroke")]
        assert kind_of(*pair) == "candidate"

    @pytest.mark.parametrize("shared", [PLACE, {"doi": "10.1000/1"}])
    @pytest.mark.parametrize(("first", "second"), ONE_WORD)
    def test_another_spelling_or_a_misprint_is_no_other_word(self, first: str, second: str, shared: Fields) -> None:
        pair = [an_entry(SERIES.format(word), **KNOWN, **shared) for word in (first, second)]
        assert kind_of(*pair) == "duplicate"


class TestEvidence:
    @pytest.mark.parametrize(
        ("first", "second", "kind"),
        [
            ({}, {}, "candidate"),  # title, author and year: no more
            (PLACE, PLACE, "duplicate"),
            (PLACE, {"volume": "12", "pages": "105-14"}, "duplicate"),
            (PLACE, {"venue": "Heart Rhythm", "pages": "105"}, "duplicate"),
            (PLACE, {"pages": "105–114"}, "candidate"),
            (PLACE, {"volume": "12"}, "candidate"),
            (PLACE, {"venue": "Heart Rhythm"}, "candidate"),
            ({"volume": "12", "pages": "1"}, {"volume": "12", "pages": "1", "issue": "3"}, "candidate"),
            ({"venue": "Heart", "authors": ()}, {"venue": "Heart", "authors": ()}, "duplicate"),  # identical row
            ({"abstract": ABSTRACT}, {"abstract": "BACKGROUND: " + ABSTRACT + " (C) 2020 A publisher"}, "duplicate"),
            ({"venue": "Heart", "issue": "3"}, {"venue": "Heart", "issue": "3"}, "duplicate"),  # identical row
            ({"venue": "Heart", "issue": "3"}, {"venue": "Heart"}, "candidate"),
        ],
    )
    def test_an_equal_title_needs_evidence_beyond_author_and_year(
        self, first: Fields, second: Fields, kind: str
    ) -> None:
        assert kind_of(an_entry(**{**KNOWN, **first}), an_entry(**{**KNOWN, **second})) == kind

    @pytest.mark.parametrize(
        "clash",
        [
            {"venue": "Annals of Botany", "volume": "7"},
            {"pages": "205–214"},
            {"volume": "44"},
            {"abstract": OTHER_ABSTRACT},
            {"registry": ("NCT07654321",)},
            {"reference_type": "THES"},
            {"publication_types": ("Preprint",)},
            {"doi": "10.1000/2"},
        ],
    )
    def test_a_clash_is_never_merged_and_always_listed(self, clash: Fields) -> None:
        known = {**PLACE, "abstract": ABSTRACT, "registry": ("NCT01234567",), "doi": "10.1000/1"}
        told = {**known, **clash} if "doi" in clash else {**known, "doi": None, **clash}
        assert kind_of(an_entry(**KNOWN, **known), an_entry(**KNOWN, **told)) in ("same_study", "candidate")

    @pytest.mark.parametrize(
        "form",
        [
            {"venue": "Heart Rhythm: the official journal of a society"},
            {"venue": "Heart Rhythm (Online)"},
            {"venue": "HEART RHYTHM."},
            {"venue": "Hrt. Rhythm"},
            {"pages": "S105-S114"},
            {"pages": "105 -- 114"},
            {"pages": "105-4"},
            {"pages": "e105"},
            {"pages": "105-12"},
            {"volume": "12 Suppl 1"},
            {"volume": "Vol. 012"},
            {"volume": "2020"},
            {"authors": ("van der Zhu, X. D.",)},
            {"authors": ("Zhu, X.-D.", "Shen, W.", "Li, N.")},
            {"year": 2021},
            {"year": None},
            {"authors": ()},
        ],
    )
    def test_another_form_of_the_same_is_no_clash(self, form: Fields) -> None:
        first = an_entry(**KNOWN, **PLACE, abstract=ABSTRACT)
        assert kind_of(first, an_entry(**{**KNOWN, **PLACE, "abstract": ABSTRACT, **form})) == "duplicate"

    @pytest.mark.parametrize(
        ("first", "second"),
        [("심전도 분석을 위한 딥러닝", "심전도 분석을위한 딥러닝"), ("Ｄｅｅｐ learningによる診断", "Deep learningによる診断。"),
         ("心电图深度学习研究", "心电图 深度学习 研究[英文]")],
    )  # fmt: skip
    def test_signs_are_counted_not_words_parted_by_blanks(self, first: str, second: str) -> None:
        known = {"authors": ("王, 小明",), "year": 2020}
        assert kind_of(an_entry(first, **known, venue="期刊"), an_entry(second, **known, venue="学报")) == "same_study"

    def test_one_long_title_by_one_author_is_for_a_person_whatever_else_differs(self) -> None:
        abstract = an_entry(authors=ZHU, year=2014, venue="Blood", volume="3", pages="S956")
        paper = an_entry(authors=ZHU_2, year=2019, venue="Haemophilia", volume="17", pages="561–569", doi="10.1000/2")
        assert kind_of(abstract, paper) == "candidate"
        column = [
            an_entry("Gateways to clinical trials", authors=ZHU, year=year, pages=f"{year - 1800}")
            for year in (2014, 2019)
        ]
        assert kind_of(*column) == ""

    def test_a_title_cut_off_and_without_a_blank_is_the_same_whichever_comes_first(self) -> None:
        words = "The effect of retinoic acid with chemotherapy based on paclitaxel and cisplatin as first line treatment of patients with "
        titles = f"{words}stage IV non-small cell lung can", f"{words}stage IV non-small celllung canc"
        assert kind_of(*(an_entry(title, **KNOWN, **PLACE) for title in titles)) == "duplicate"

    def test_print_and_online_issn_are_of_one_journal(self) -> None:
        first = an_entry(**KNOWN, abstract=ABSTRACT, venue="Heart Rhythm", issn=("1547-5271",))
        assert kind_of(first, first.model_copy(update={"issn": ("1556-3871",), "url": "x"})) == "duplicate"
        renamed = {"venue": "A journal by another name", "issn": ("1547-5271",)}
        assert kind_of(first, first.model_copy(update=renamed)) == "duplicate"

    def test_other_numbers_in_abstracts_are_other_results(self) -> None:
        text = "In {} patients at {} sites the response was {} per cent after {} months of treatment with the drug that we tried."
        first, second = text.format(43, 5, 61, 8), text.format(88, 9, 54, 19)
        assert kind_of(an_entry(**KNOWN, abstract=first), an_entry(**KNOWN, abstract=second)) == "same_study"
        assert (
            kind_of(an_entry(**KNOWN, abstract=first), an_entry(**KNOWN, abstract=first + " We say so.")) == "duplicate"
        )

    def test_early_access_in_december_meets_print_in_january(self) -> None:
        online = KnownDate(kind="early_access", value="2018-12"), KnownDate(kind="published", value="2020-01")
        first = an_entry(**PLACE, authors=ZHU, year=2020, dates=online)
        assert kind_of(first, an_entry(**PLACE, authors=ZHU, year=2018)) == "duplicate"
        indexed = (KnownDate(kind="indexed", value="2018-12"),)
        assert (
            kind_of(first.model_copy(update={"dates": indexed}), an_entry(**PLACE, authors=ZHU, year=2018))
            == "candidate"
        )

    def test_authors_who_differ_make_two_works(self) -> None:
        assert kind_of(an_entry(**KNOWN), an_entry(authors=LI, year=2020)) == ""
        assert kind_of(an_entry(**KNOWN, **PLACE), an_entry(authors=LI, year=2020, **PLACE)) == "candidate"


class TestTitles:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("Randomised trial of behavioural counselling for tumour patients", "Randomized trial of behavioral counseling for tumor patients"),
            ("Text message reminders and inhalers: a systematic review", "Text message reminders and inhalers"),
            ("[Cognitive disorders after stroke]. [Russian]", "Cognitive disorders after stroke"),
            ("Diagnosis of a viral infection. [Review] [33 refs]", "Diagnosis of a viral infection"),
            ("Marche chez les personnes âgées [Walking programme in older people]", "[Walking programme in older people]"),
            ("Fine-tuning of risk scores in cardiology", "Finetuning of risk scores in cardiology"),
            ("Crohn's disease and β blockers in children", "Crohns disease and beta-blockers in children"),
            ("心电图基础模型的研究与应用", "心电图基础模型的研究与应用。"),
            ("Plasma therapy in atypical hemolytic uremic syndrome (aHUS)", "Plasma therapy in aHUS"),
        ],
    )  # fmt: skip
    def test_a_title_otherwise_written_is_merged_with_evidence_and_a_candidate_without(
        self, first: str, second: str
    ) -> None:
        assert kind_of(an_entry(first, **KNOWN, **PLACE), an_entry(second, **KNOWN, **PLACE)) == "duplicate"
        assert kind_of(an_entry(first, **KNOWN), an_entry(second, **KNOWN)) == "candidate"
        clash = PLACE | {"pages": "300–304"}
        assert kind_of(an_entry(first, **KNOWN, **PLACE), an_entry(second, **KNOWN, **clash)) in (
            "candidate",
            "same_study",
        )

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("Denominators in registries. Part I. Design", "Denominators in registries. Part II. Design"),
            ("Outcomes of heart surgery in children, part 1", "Outcomes of heart surgery in children, part 12"),
            ("Vaccines against hepatitis B in adults", "Vaccines against hepatitis C in adults"),
            ("Hearts of mice in the dark", "Kidneys of rats in the light"),
            ("心电图基础模型的研究与应用", "肾移植患者的运动训练研究"),
        ],
    )
    def test_parts_types_and_other_titles_are_never_merged(self, first: str, second: str) -> None:
        assert kind_of(an_entry(first, **KNOWN), an_entry(second, **KNOWN)) == ""
        place = PLACE | {"pages": "105"}
        assert kind_of(an_entry(first, **KNOWN, **place), an_entry(second, **KNOWN, **place)) in ("", "candidate")

    def test_nearly_equal_titles_with_other_words_are_for_a_person(self) -> None:
        men, women = (
            an_entry(f"Outcomes of heart surgery in elderly {who} of ten countries", **KNOWN, **PLACE)
            for who in ("men", "women")
        )
        assert kind_of(men, women) == "candidate"

    @pytest.mark.parametrize(
        ("word", "contrary"),
        [("symptomatic", "asymptomatic"), ("hyperkalaemic", "hypokalaemic"), ("vaccinated", "unvaccinated"),
         ("preoperative", "postoperative"), ("maternal", "paternal")],
    )  # fmt: skip
    def test_a_word_and_its_contrary_are_no_spellings_of_one_even_on_one_page(self, word: str, contrary: str) -> None:
        first, second = (
            an_entry(f"Electrocardiograms of {w} patients with atrial fibrillation", **KNOWN, **PLACE)
            for w in (word, contrary)
        )
        assert kind_of(first, second) == "candidate"

    @pytest.mark.parametrize(("first", "second"), [("aetiology", "etiology"), ("oesophageal", "esophageal")])
    def test_a_diphthong_is_no_contrary(self, first: str, second: str) -> None:
        entries = (an_entry(f"On the {w} form of atrial fibrillation", **KNOWN, **PLACE) for w in (first, second))
        assert kind_of(*entries) == "duplicate"

    def test_pages_from_1_are_no_evidence_beside_a_longer_title(self) -> None:
        place = KNOWN | {"venue": "PLoS One", "volume": "9", "pages": "1–10"}
        first, second = (
            an_entry("A novel detector of beats", **place),
            an_entry("A novel detector of beats and pauses", **place),
        )
        assert kind_of(first, second) == "candidate"
        assert kind_of(first, first.model_copy(update={"venue": "Plos one"})) == "duplicate"

    def test_a_short_title_of_one_author_and_year_is_a_candidate(self) -> None:
        short = an_entry("Wearable ECG monitors", **KNOWN)
        assert kind_of(short, an_entry("Wearable ECG monitors.", authors=ZHU_2, year=2020, **PLACE)) == "candidate"
        assert kind_of(short, an_entry("Wearable ECG monitors", authors=LI, year=2020)) == ""
        assert (
            kind_of(an_entry("Editorial comment", **KNOWN), an_entry("Editorial comment", **KNOWN | {"year": 2021}))
            == ""
        )

    def test_an_update_of_a_cochrane_review_is_not_the_review_though_its_number_is_the_same(self) -> None:
        review = an_entry(**KNOWN, venue="Cochrane Database Syst Rev", issue="12", pages="CD001800")
        assert kind_of(review, review.model_copy(update={"year": 2021, "issue": "1"})) == "candidate"
        assert kind_of(review, review.model_copy(update={"volume": "12", "issue": "12"})) == "duplicate"

    def test_a_translated_or_missing_title_at_the_same_place_is_a_candidate(self) -> None:
        first = an_entry("Derrame pleural maligno: abordagem individualizada", **KNOWN, **PLACE)
        assert (
            kind_of(first, an_entry("Malignant pleural effusion: tailored approach", **KNOWN, **PLACE)) == "candidate"
        )
        assert kind_of(first, an_entry("", **KNOWN, **PLACE)) == "candidate"

    @pytest.mark.parametrize(
        "title", ["Editorial", "Letter to the Editor", "Reply to the authors by the editor", "Index"]
    )
    def test_a_title_that_many_carry_is_a_work_only_with_its_place(self, title: str) -> None:
        assert kind_of(an_entry(title, **KNOWN), an_entry(title, **KNOWN)) == ""
        assert kind_of(an_entry(title, **KNOWN, **PLACE), an_entry(title, **KNOWN, **PLACE)) == "duplicate"
        issues = [an_entry(title, **KNOWN, **PLACE, issue=issue) for issue in ("1", "2")]
        assert kind_of(*issues) == ""

    def test_an_inverted_name_is_no_other_author(self) -> None:
        first = an_entry(**PLACE, authors=("Xiaoguang, Wang",), year=2020)
        assert kind_of(first, an_entry(**PLACE, authors=("Wang, X.",), year=2020)) == "duplicate"
        particles = [an_entry(**PLACE, authors=(name,), year=2020) for name in ("Le Quintrec, M.", "Quintrec, M. Le")]
        assert kind_of(*particles) == "duplicate"


class TestReportsOfOneStudy:
    @pytest.mark.parametrize(
        "other",
        [
            {"publication_types": ("Meeting Abstract",)},
            {"doi": "10.48550/arxiv.2101.00001"},
            {"venue": "medRxiv : the preprint server"},
            {"reference_type": "THES"},
            {"type": RecordType.MODEL},
        ],
    )
    def test_another_class_of_report_is_linked(self, other: Fields) -> None:
        assert kind_of(an_entry(**KNOWN), an_entry(**KNOWN, **other)) == "same_study"

    def test_a_shared_trial_links_what_has_other_titles(self) -> None:
        trial = {"registry": ("NCT01234567",)}
        assert kind_of(an_entry(**trial), an_entry("Kidneys of rats in the light", **trial)) == "same_study"
        several = {"registry": tuple(f"NCT0123456{n}" for n in range(7))}  # a review of trials is none of them
        assert kind_of(an_entry(**trial), an_entry("Kidneys of rats in the light", **several)) == ""

    def test_two_trials_of_one_title_are_two(self) -> None:
        first, second = (
            an_entry(authors=("Nct",), year=2018, registry=(number,)) for number in ("NCT03500001", "NCT03500777")
        )
        assert kind_of(first, second) == "candidate"

    def test_years_apart_are_no_report_of_one_study(self) -> None:
        assert (
            kind_of(
                an_entry(authors=ZHU, year=2010, doi="10.1000/1"), an_entry(authors=ZHU, year=2020, doi="10.1000/2")
            )
            == "candidate"
        )


class TestNotices:
    def test_a_correction_is_not_its_paper_whatever_its_title(self) -> None:
        paper, named = an_entry(doi="10.1000/1"), an_entry("Correction to: " + TITLE, doi="10.1000/1")
        typed = an_entry(TITLE + " (vol 107, A144, 2021)", doi="10.1000/1", publication_types=("Correction",))
        assert {kind_of(paper, notice) for notice in (named, typed)} == {"notice_of"}
        assert kind_of(typed, named) == "duplicate"

    def test_notices_of_one_paper_are_not_one_for_its_doi(self) -> None:
        first, second = (an_entry("Erratum: " + TITLE, doi="10.1000/1", year=year) for year in (2020, 2021))
        assert kind_of(first, second) == "candidate"
        reply = an_entry("Reply to: " + TITLE, doi="10.1000/1", year=2020)
        assert kind_of(first, reply) == ""


class TestChains:
    def test_a_chain_of_likenesses_joins_no_two_dois(self) -> None:
        index = Index()
        index.add(1, an_entry(doi="10.1000/1", pmid="1", **KNOWN))
        index.add(2, an_entry(pmid="1", wos="WOS:1", **KNOWN))
        assert [m.kind for m in index.add(3, an_entry(doi="10.1000/2", wos="WOS:1", **KNOWN))] == ["same_study"]

    def test_an_entry_without_pages_joins_no_two_of_other_pages(self) -> None:
        index = Index()
        index.add(1, an_entry(**KNOWN, abstract=ABSTRACT, volume="3", pages="100–110"))
        index.add(2, an_entry(**KNOWN, abstract=ABSTRACT, volume="9", pages="200–210"))
        assert [(m.kind, m.other) for m in index.add(3, an_entry(**KNOWN, abstract=ABSTRACT))] == [
            ("duplicate", 1),
            ("candidate", 2),
        ]

    def test_a_misprint_beside_an_identifier_keeps_nothing_apart(self) -> None:
        right, wrong = {"volume": "3", "pages": "105–114"}, {"volume": "3", "pages": "305–314"}
        for order in ((0, 1, 2), (0, 2, 1), (2, 1, 0)):
            rows = [
                an_entry(**KNOWN, **right, doi="10.1000/1"),
                an_entry(**KNOWN, **right),
                an_entry(**KNOWN, **wrong, doi="10.1000/1"),
            ]
            index = Index()
            matches = [index.add(key, rows[row]) for key, row in enumerate(order)]
            assert any(m.kind == "duplicate" for m in matches[2]), order

    def test_an_identifier_says_more_than_a_title(self) -> None:
        index = Index()
        index.add(1, an_entry(wos="WOS:1", **KNOWN, **PLACE))
        index.add(2, an_entry(wos="WOS:2", doi="10.1000/2", **KNOWN, **PLACE))
        matches = index.add(3, an_entry(doi="10.1000/2", **KNOWN, **PLACE))
        assert [(m.kind, m.other, m.rule.split(",")[0]) for m in matches] == [
            ("duplicate", 2, "doi"),
            ("candidate", 1, "identical row; other accession number within the record"),
        ]
