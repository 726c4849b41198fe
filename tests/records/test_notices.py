"""What is a notice, of which paper, and what marks a paper carries; and what is none of these."""

import pytest

from screener.records import Entry, Index, Integrity, Relation, RelationKind, blocking_keys, merge
from screener.records.notices import (
    NoticeKind,
    Place,
    bare_title,
    integrity_of,
    notice,
    notice_kind,
    notice_match,
    subject_title,
    with_integrity,
)

PAPER = "Vitamin Q and mortality in intensive care: a randomised trial"

WRITTEN = {
    NoticeKind.ERRATUM: (
        f"{PAPER} (Erratum)",
        f"{PAPER} [Erratum]",
        f"{PAPER} - Corrigendum",
        f"{PAPER}. Erratum.",
        f"Erratum to: {PAPER}",
        f"Erratum to {PAPER}",
        f"Erratum: {PAPER} (Critical Reports (2012) 3 (1-9))",
        f"ERRATUM - {PAPER}",
        f"Corrigendum to “{PAPER}” [Crit. Rep. 3(2) (2012) 1–9]",
        f"Corrigendum to “{PAPER}” (Critical Reports (2012) 3 (1–9), (S0000000000000001) (10.5555/vq.2012.1))",
        f"Corrigendum to “{PAPER}” (Critical Reports (2012) 3 (1–9), (S00",
        f"Author Correction: {PAPER}",
        f"Publisher Correction: {PAPER}",
        f"Correction to: {PAPER}",
        f"Correction to “{PAPER}”",
        f"Correction for Bates et al., {PAPER}",
        f"“{PAPER}”: Correction to Bates et al. (2012).",
        f"Addendum: {PAPER}",
        f"Fe de erratas de «{PAPER}»",
        f"Corrección: {PAPER}",
        f"Berichtigung zu: {PAPER}",
        f"Rectificatif à « {PAPER} »",
        f"{PAPER} (vol 107, A144, 2021)",
        f"{PAPER} (vol 34, pg 483, 2021)",
        f"勘误：{PAPER}",
    ),
    NoticeKind.RETRACTION: (
        f"Retraction: {PAPER}",
        f"RETRACTION: {PAPER}",
        f"Retraction notice to “{PAPER}” [Crit. Rep. 3 (2012) 1–9]",
        f"Retraction Note: {PAPER}",
        f"Retraction Note to: {PAPER}",
        f"Statement of Retraction: {PAPER}",
        f"Notice of Retraction: {PAPER}",
        f"Retraction for Bates et al., {PAPER}",
        f"{PAPER} (Retraction of vol 3, pg 1, 2012)",
        f"{PAPER} [retraction of doi 10.5555/vq.2012.1]",
        f"Withdrawal notice: {PAPER}",
        f"Removal notice to {PAPER}",
    ),
    NoticeKind.CONCERN: (
        f"Expression of Concern: {PAPER}",
        f"Editorial Expression of Concern: {PAPER}",
        f"Expression of concern to “{PAPER}”",
        f"{PAPER} (Expression of Concern)",
        f"{PAPER} (Expression of Concern of vol 3, pg 1, 2012)",
    ),
    NoticeKind.REPLY: (
        f"{PAPER} - Reply",
        f"{PAPER}-Reply",
        f"{PAPER}: Authors' reply",
        f"{PAPER} AUTHORS REPLY",
        f"{PAPER} [Reply]",
        f"{PAPER} - Reply to Buddles et al",
        f"Reply: {PAPER}",
        f"In reply: {PAPER}",
        f"Reply to letter: {PAPER}",
        f"Reply to: {PAPER}",
        f"Re: {PAPER}",
        f"Re: Bates et al. {PAPER}",
        f"Response to “{PAPER}”",
        f"Comment on “{PAPER}”",
        f"Comment on: {PAPER}",
        f'Letter by Xie and Hou Regarding Article, "{PAPER}"',
        f"Letter by Xie and Hou Regarding Article, {PAPER}",
        f'Response by Sedej and Abdellatif to Letter Regarding Article, "{PAPER}"',
        f'Letter to the editor on "{PAPER}"',
        f'Response to letter to the editor. regarding "{PAPER}".',
        f"Response to the Letter to the editor by Shoar et al. on {PAPER}",
        f"Respuesta a: {PAPER}",
    ),
    NoticeKind.EDITORIAL: (f"Editor’s Note: {PAPER}", f"Editorial note: {PAPER}"),
}
TITLES = [(kind, title) for kind, titles in WRITTEN.items() for title in titles]

OF_THEIR_OWN = (
    "Retraction of the tongue in infants with cleft palate",
    "Retraction force of the colon during surgery: a study in pigs",
    "Retracted publications in mental health: a bibliometric study",
    "Correction of hyponatraemia and osmotic demyelination",
    "Corrections for Rabi oscillations in cardiac magnetic resonance",
    "Correction to normal of the pulmonary pressure after surgery",
    "Information transfer in QT-RR dynamics: application to QT-correction",
    "Response to exercise in heart failure with preserved ejection fraction",
    "Response to radiofrequency ablation of pulmonary tumours: a prospective trial",
    "Reply-based retrieval of posts in conversations",
    "A configurable multi-party request-reply conversation",
    "Comment on social media and its moderation",
    "Commentary on sports broadcasts as a source of bias",
    "Errata in published meta-analyses: how often do they change results?",
    "Expression of concern genes in mice",
    "Withdrawal from benzodiazepines in older people",
    "Withdrawal: what patients say of it",
    "Removal of impacted teeth under sedation",
    "Discussion of death with children of dying parents",
    "Concerns about falling in older people: a cohort study",
    "Notes on the treatment of asthma",
    "Letter: mucosal ulceration in coeliac disease",
    "Letter writing of children and young people",
    "Editorial: single- versus double-blind reviewing",
    "Promises of web-based experimentation: a reply to Plant (2015)",
    "The hole in the whole - a response to Allen and March",
    "A short report on omeprazole [corrected].",
    "Variation in a gene is not associated with COPD.[comment]",
    "Two presentations of an infection.[see comment]",
)


@pytest.mark.parametrize(("kind", "title"), TITLES)
def test_a_notice_is_known_by_its_title_and_names_its_paper(kind: NoticeKind, title: str) -> None:
    entry = Entry(title=title)
    assert notice_kind(entry) is kind
    assert subject_title(entry) == PAPER
    assert integrity_of(entry) is Integrity.UNMARKED


@pytest.mark.parametrize("title", OF_THEIR_OWN)
def test_a_paper_whose_title_has_such_words_is_no_notice_and_is_not_marked(title: str) -> None:
    assert notice_kind(Entry(title=title)) is None
    assert integrity_of(Entry(title=title)) is Integrity.UNMARKED


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        (NoticeKind.ERRATUM, ("Correction",)),
        (NoticeKind.ERRATUM, ("Journal Article", "Published Erratum")),
        (NoticeKind.RETRACTION, ("Retraction of Publication",)),
        (NoticeKind.CONCERN, ("Expression of Concern",)),
        (None, ("Letter",)),
        (None, ("Comment", "Letter")),
        (None, ("Retracted Publication",)),
        (None, ("Corrected and Republished Article",)),
    ],
)
def test_some_types_are_those_of_notices_and_a_letter_may_be_a_work(kind: NoticeKind | None, types: tuple[str]) -> None:
    assert notice_kind(Entry(title=PAPER, publication_types=types)) is kind


def test_what_an_entry_says_it_is_an_erratum_for_makes_it_a_notice() -> None:
    relation = Relation(kind=RelationKind.ERRATUM_FOR, identifier="pmid:123")
    found = notice(Entry(title="A table was wrong", relations=(relation,)))
    assert found is not None
    assert (found.kind, found.certain, found.identifiers) == (NoticeKind.ERRATUM, True, ("pmid:123",))


def test_a_reply_with_data_of_its_own_is_a_record() -> None:
    title = f"{PAPER} - Reply"
    assert (
        notice_kind(Entry(title=title, abstract="We thank Dr Bates for the interest in our trial.")) is NoticeKind.REPLY
    )
    assert notice_kind(Entry(title=title, abstract="In our hospital 45 patients were given vitamin Q.")) is None
    assert notice_kind(Entry(title=title, abstract="word " * 80)) is None
    erratum = Entry(
        title=f"{PAPER} (Erratum)", abstract="In Table 2 the number of deaths should read 31 of 45 patients."
    )
    assert notice_kind(erratum) is NoticeKind.ERRATUM


@pytest.mark.parametrize(
    ("title", "place"),
    [
        (f"{PAPER} (vol 107, A144, 2021)", Place("107", 2021, "a144")),
        (f"{PAPER} (vol 34, pg 483, 2021)", Place("34", 2021, "483")),
        (f"Corrigendum to “{PAPER}” [J. Crit. 21(3) (2012) 182–200]", Place("21", 2012, "182")),
        (f"Corrigendum to “{PAPER}” (Critical Reports (2017) 117 (119–130))", Place("117", 2017, "119")),
    ],
)
def test_a_notice_tells_where_its_paper_stands(title: str, place: Place) -> None:
    found = notice(Entry(title=title))
    assert found is not None
    assert found.place == place


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (Integrity.RETRACTED, f"RETRACTED: {PAPER}"),
        (Integrity.RETRACTED, f"RETRACTED ARTICLE: {PAPER}"),
        (Integrity.RETRACTED, f"[Retracted] {PAPER}"),
        (Integrity.RETRACTED, f"RETRACTED {PAPER}"),
        (Integrity.RETRACTED, f"{PAPER} [retracted]"),
        (Integrity.RETRACTED, f"{PAPER} (Retracted)"),
        (Integrity.RETRACTED, f"{PAPER} (Retracted article. See vol. 51, pg. 1234, 2018)"),
        (Integrity.RETRACTED, f"{PAPER} - RETRACTED"),
        (Integrity.RETRACTED, f"{PAPER} [Retraction in: Crit Rep. 2013;4(1):9]"),
        (Integrity.RETRACTED, f"Notice of Retraction {PAPER}"),
        (Integrity.WITHDRAWN, f"WITHDRAWN: {PAPER}"),
        (Integrity.WITHDRAWN, f"{PAPER} (Withdrawn)"),
        (Integrity.CORRECTED, f"{PAPER}.[Erratum appears in Crit Rep. 2013 Jan;4(1):9 Note: Bates, R [added]]"),
        (Integrity.CONCERN, f"{PAPER} [Expression of concern in: Crit Rep. 2013;4(1):9]"),
    ],
)
def test_a_mark_in_the_title_is_read_and_the_title_is_that_of_the_paper(mark: Integrity, title: str) -> None:
    assert integrity_of(Entry(title=title)) is mark
    assert notice_kind(Entry(title=title)) is None
    assert bare_title(title) == PAPER


def test_the_gravest_mark_counts_whoever_gives_it() -> None:
    corrected = Relation(kind=RelationKind.ERRATUM_IN, identifier="pmid:1")
    concern = Relation(kind=RelationKind.CONCERN_IN, identifier="pmid:2")
    assert integrity_of(Entry(title=PAPER, relations=(corrected,))) is Integrity.CORRECTED
    assert integrity_of(Entry(title=PAPER, relations=(corrected, concern))) is Integrity.CONCERN
    assert integrity_of(Entry(title=PAPER, publication_types=("Retracted Publication",))) is Integrity.RETRACTED
    assert (
        integrity_of(Entry(title=PAPER, integrity=Integrity.RETRACTED, relations=(corrected,))) is Integrity.RETRACTED
    )


def test_a_notice_called_retracted_is_known_by_the_journal_that_signs_it() -> None:
    title = f"Retracted: {PAPER}"
    signed = Entry(title=title, authors=("Methods In Medicine CAM",), venue="Comput Math Methods Med")
    assert notice_kind(signed) is NoticeKind.RETRACTION
    assert integrity_of(signed) is Integrity.UNMARKED
    own = Entry(title=title, authors=("Bates R",), venue="Comput Math Methods Med")
    assert notice_kind(own) is None
    assert integrity_of(own) is Integrity.RETRACTED


JOURNAL = "Critical Reports"
TRIAL = Entry(title=PAPER, authors=("Bates, R",), year=2012, venue=JOURNAL, volume="3", pages="1–9", doi="10.5555/vq.2012.1",
              pmid="123")  # fmt: skip


@pytest.mark.parametrize(
    ("about", "rule"),
    [
        (Entry(title=f"{PAPER} (Erratum)", year=2013, doi=TRIAL.doi), "doi"),
        (Entry(title="Erratum", year=2013, doi=TRIAL.doi), "doi"),
        (
            Entry(title="Erratum", relations=(Relation(kind=RelationKind.ERRATUM_FOR, identifier="pmid:123"),)),
            "relation",
        ),
        (Entry(title="Corrigendum (Crit Rep (2012), 10.5555/vq.2012.1)", year=2014), "relation"),
        (Entry(title="Erratum (vol 3, pg 1, 2012)", venue="Crit Rep", year=2013), "volume, page, year"),
        (Entry(title=f"Retraction: {PAPER}", venue="Crit Rep", year=2015), "title, venue"),
        (Entry(title=f"{PAPER} - Reply", authors=("Bates R",), year=2013), "title, first author"),
        (Entry(title=f"Response to {PAPER}", venue=JOURNAL, year=2012), "title, venue"),
        (Entry(title=f"Withdrawal: {PAPER}", venue=JOURNAL, year=2013), "title, venue"),
        (Entry(title=f"Discussion of “{PAPER}”", venue=JOURNAL, year=2013), "title, venue"),
        (Entry(title=f"Invited commentary: {PAPER}", venue=JOURNAL, year=2013), "title, venue"),
        (Entry(title=f"Concerns about {PAPER}", venue=JOURNAL, year=2013), "title, venue"),
        (Entry(title=f"Erratum: {PAPER}", year=2013), "title"),
    ],
)
def test_a_notice_is_that_of_its_paper_by_evidence(about: Entry, rule: str) -> None:
    match = notice_match(about, TRIAL)
    assert match is not None
    assert match[0] == rule
    assert notice_match(TRIAL, about) is None


@pytest.mark.parametrize(
    "about",
    [
        Entry(title=PAPER, year=2013),  # no notice
        Entry(title="Erratum", year=2013, venue=JOURNAL),  # of nothing that it names
        Entry(title=f"Erratum: {PAPER}", year=2013, venue="Other Journal", authors=("Moss, A",)),
        Entry(title=f"Erratum: {PAPER}", year=2009, venue=JOURNAL),  # before the paper
        Entry(title="Erratum: Vitamin Q and mortality in intensive care: a randomised trial, part 2", venue=JOURNAL),
        Entry(title=f"Response to {PAPER}", year=2013, venue="Other Journal", authors=("Moss, A",)),
    ],
)
def test_what_names_another_paper_or_none_is_linked_to_none(about: Entry) -> None:
    assert notice_match(about, TRIAL) is None


def test_a_paper_that_names_its_notice_is_linked_to_it() -> None:
    paper = TRIAL.model_copy(update={"relations": (Relation(kind=RelationKind.RETRACTED_IN, identifier="pmid:456"),)})
    assert notice_match(Entry(title="Retraction", pmid="456"), paper) == ("relation", 1.0)


def test_a_notice_is_about_the_paper_not_about_another_notice() -> None:
    reply = Entry(title=f"Response to Letter Regarding Article, “{PAPER}”", venue=JOURNAL, year=2013)
    letter = Entry(title=f"Letter Regarding Article, “{PAPER}”", venue=JOURNAL, year=2013)
    assert notice_match(reply, letter) is None
    assert notice_match(reply, TRIAL) is not None


def linked(*entries: Entry) -> list[tuple[str, int, int]]:
    """Return the links of kind `notice_of` between entries, by their numbers: the rule, the notice, the paper."""
    index, links = Index(), []
    for number, entry in enumerate(entries):
        for match in index.add(number, entry):
            if match.kind == "notice_of":
                ends = (match.other, number) if match.earlier_is_notice else (number, match.other)
                links.append((match.rule, *ends))
            else:
                links.append((match.kind, number, match.other))
    return links


def test_a_retraction_marks_its_paper_and_none_of_a_like_title_in_the_journal() -> None:
    titles = [
        f"Effect of zeltamab upon outcomes of {illness} in adults: a randomised trial"
        for illness in ("asthma", "eczema")
    ]
    papers = [Entry(title=title, authors=("Bates, R",), year=2012, venue=JOURNAL) for title in titles]
    notices = [Entry(title=f"Retraction: {title}", authors=("Bates, R",), year=2013, venue=JOURNAL) for title in titles]
    links = [link for link in linked(*papers, *notices) if link[0].startswith("title")]
    assert [ends for _, *ends in links] == [[2, 0], [3, 1]]


def test_a_notice_is_linked_whichever_of_the_two_comes_first() -> None:
    erratum = Entry(title=f"{PAPER} (Erratum)", authors=("Bates, R",), year=2013, doi=TRIAL.doi, abstract="31 deaths.")
    reply = Entry(title=f"{PAPER} - Reply", authors=("Bates, R",), year=2013, doi=TRIAL.doi)
    assert linked(TRIAL, erratum, reply) == [("doi", 1, 0), ("doi", 2, 0)]
    assert linked(erratum, TRIAL, reply) == [("doi", 0, 1), ("doi", 2, 1)]
    assert linked(reply, erratum, TRIAL)[-2:] == [("doi", 0, 2), ("doi", 1, 2)]


def test_a_letter_with_data_of_its_own_is_no_paper_of_notices_about_the_paper() -> None:
    letter = Entry(title=f"Re: {PAPER}", venue=JOURNAL, year=2013, abstract="We saw 45 patients, and 27% of them died.")
    retraction = Entry(title=f"Retraction notice to “{PAPER}”", venue=JOURNAL, year=2015)
    reply = Entry(title=f"{PAPER} - Reply", venue=JOURNAL, year=2013)
    assert linked(letter, retraction, reply) == []
    assert linked(letter, TRIAL, retraction) == [("title, venue", 2, 1)]
    of_letter = Entry(title=f"Retraction notice to “Re: {PAPER}”", venue=JOURNAL, year=2015)
    assert linked(letter, of_letter) == [("title, venue", 1, 0)]


def test_a_notice_and_its_paper_share_a_key() -> None:
    for about in (
        Entry(title=f"Corrigendum to “{PAPER}” [Crit. Rep. 3(2) (2012) 1–9]", year=2013),
        Entry(title="Erratum", relations=(Relation(kind=RelationKind.ERRATUM_FOR, identifier="pmid:123"),)),
        Entry(title="Corrigendum (Critical Reports (2012) 3 (1–9), (10.5555/vq.2012.1))"),
        Entry(title=f"Response to {PAPER}"),
    ):
        assert not set(blocking_keys(about)).isdisjoint(blocking_keys(TRIAL))
    named = TRIAL.model_copy(update={"relations": (Relation(kind=RelationKind.RETRACTED_IN, identifier="pmid:456"),)})
    assert not set(blocking_keys(named)).isdisjoint(blocking_keys(Entry(title="Retraction", pmid="456")))


def test_a_paper_that_one_source_marks_as_retracted_is_the_paper() -> None:
    marked = TRIAL.model_copy(update={"title": f"RETRACTED: {PAPER}", "pmid": None})
    assert linked(TRIAL, marked) == [("duplicate", 1, 0)]
    assert merge([("PubMed", TRIAL), ("Scopus", with_integrity(marked))], "x").integrity is Integrity.RETRACTED
