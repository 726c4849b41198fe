"""Advice on the wording of criteria: what is found, and the many sound wordings that are not."""

import pytest

from screener.core.judgement import Stage
from screener.protocol import StageProtocol
from screener.protocol.criticism import Finding, criticise

FAILS = "It is about something else entirely."


def criterion(question: str, name: str = "topic", **more: object) -> dict[str, object]:
    return {"id": name, "question": question, "not_met_when": FAILS, **more}


def found(*criteria: dict[str, object], stage: Stage = Stage.ABSTRACT) -> list[Finding]:
    spec = {"question": "Is the record eligible?", "template": "abstract.md", "criteria": list(criteria)}
    return criticise(stage, StageProtocol.model_validate(spec))


def kinds(*criteria: dict[str, object]) -> list[str]:
    return [finding.kind for finding in found(*criteria)]


# Presuppositions: the first criterion asks whether there is such a thing, the second takes it for granted.


@pytest.mark.parametrize(
    ("asks", "takes", "phrase"),
    [
        ("Is a training programme for teachers described?", "Does the programme last a term?", "the programme"),
        ("Is the model pre-trained?", "Is the pre-trained model adapted to a task?", "the pre-trained model"),
        ("Are the plots randomised?", "Is the randomisation done by block?", "the randomisation"),
        ("Is a vaccine given to calves?", "Is this vaccine a live one?", "this vaccine"),
        ("Does the text report an interview?", "Do such interviews last an hour?", "such interviews"),
        ("Are wild birds counted in the pictures?", "Are the counts checked on foot?", "the counts"),
        ("Is an irrigation scheme evaluated?", "Was the irrigation scheme built after 1990?", "the irrigation scheme"),
    ],
)
def test_a_question_that_takes_anothers_answer_for_granted_is_told_to_apply_if(
    asks: str, takes: str, phrase: str
) -> None:
    (finding,) = [
        each for each in found(criterion(asks, "first"), criterion(takes, "second")) if each.kind == "presupposes"
    ]
    assert finding.criterion == "second"
    assert finding.quote == phrase
    assert finding.where == ("criteria", 1, "question")
    assert "`applies_if: first`" in finding.advice


def test_of_criteria_in_the_wrong_order_the_order_is_told_too() -> None:
    takes, asks = criterion("Is the nudge tested?", "tested"), criterion("Is a nudge shown to clerks?", "nudge")
    (finding,) = found(takes, asks)
    assert finding.criterion == "tested"
    assert "put `nudge` above `tested` and write `applies_if: nudge`" in finding.advice


def test_a_phrase_with_a_modifier_is_about_that_and_not_about_its_noun() -> None:
    first = criterion("Do the authors describe a model?", "development", label="a model of their own")
    second = criterion("Is there a stage of pre-training?", "pretraining", label="pre-trained")
    third = criterion("Is the pre-trained model put to use?", "use")
    assert [(each.criterion, "`pretraining`" in each.advice) for each in found(first, second, third)] == [("use", True)]


def test_of_what_is_asked_later_only_the_subject_of_a_question_is_compared() -> None:
    first = criterion("Are the dogs trained before the race?", "training")
    assert found(first, criterion("Is a race of over a mile run?", "race")) == []


def test_what_applies_if_says_already_is_not_told_even_over_another() -> None:
    first = criterion("Is a nudge shown to clerks?", "nudge")
    second = criterion("Is the nudge given at work?", "work", applies_if="nudge")
    third = criterion("Did the nudge change habits?", "habits", applies_if="work")
    assert found(first, second, third) == []


@pytest.mark.parametrize(
    ("asks", "other"),
    [
        ("Are the participants adults?", "Are the participants pregnant?"),
        ("Is the study a trial?", "Does the study take place in schools?"),
        ("Is the model pre-trained on rainfall data?", "Is the model compared with a physical one?"),
        ("Is the river in Asia?", "Are fish of the river counted?"),
        ("Is a fertiliser applied?", "Is the yield per hectare reported?"),
        ("Does the record describe a sensor?", "Is the paper written by engineers?"),
        ("Is a catalyst prepared?", "Are there such reactions as hydrogenation?"),
        ("Are soils sampled at depth?", "Is the depth below one metre?"),
        ("Is bullying in schools measured?", "Are the schools state schools?"),
    ],
)
def test_what_no_other_criterion_establishes_is_no_presupposition(asks: str, other: str) -> None:
    assert "presupposes" not in kinds(criterion(asks, "first"), criterion(other, "second"))


def test_what_all_questions_take_for_known_is_nobodys_to_ask() -> None:
    first = criterion("Is the model trained on images?", "images")
    second = criterion("Is the model used in clinics?", "clinics")
    third = criterion("Do the authors develop a model?", "development")
    assert found(first, second, third) == []


# Overlaps.


def test_two_questions_of_the_same_words_overlap() -> None:
    first = criterion("Are nurses trained in washing hands at hospitals?", "training")
    second = criterion("At hospitals, are nurses trained in hand washing?", "hands")
    (finding,) = found(first, second)
    assert (finding.kind, finding.criterion) == ("overlaps", "hands")
    assert "`training`" in finding.advice


def test_a_sentence_of_two_criteria_is_told_and_so_is_one_that_counts_as_met_and_not_met() -> None:
    first = criterion("Are bees kept?", "bees", met_when="Honey bees live in hives on the farm.")
    same = criterion("Is a farm seen?", "farm", met_when="The honey bees live in hives of a farm.")
    other = criterion("Is a town seen?", "town", not_met_when="Honey bees live in a farm's hives.")
    (finding,) = found(first, same)
    assert "is also what `bees` counts as met" in finding.advice
    (against,) = found(first, other)
    assert "no record meets both" in against.advice


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Are the participants adults with asthma?", "Are the participants given an inhaler?"),
        ("Is it a trial of a drug?", "Is it a trial in children?"),
        ("Was the survey done in Europe?", "Was the survey done by post?"),
    ],
)
def test_questions_that_share_their_subject_do_not_overlap(first: str, second: str) -> None:
    assert "overlaps" not in kinds(criterion(first, "first"), criterion(second, "second"))


def test_a_sentence_and_its_denial_are_not_the_same() -> None:
    first = criterion("Are bees kept?", "bees", met_when="Honey bees live in hives on the farm.")
    other = criterion("Is a town seen?", "town", met_when="No honey bees live in hives on the farm.")
    assert found(first, other) == []


# What nothing fails.


@pytest.mark.parametrize("said", ["", "Otherwise.", "If not.", "Anything else.", "None"])
def test_a_criterion_that_nothing_fails_is_told(said: str) -> None:
    assert kinds(criterion("Is an outcome reported?", not_met_when=said)) == ["never_fails"]


def test_that_any_admits_all_is_said_beside_it() -> None:
    (finding,) = found(criterion("Is any outcome reported?", not_met_when=""))
    assert "`any` admits nearly all" in finding.advice


@pytest.mark.parametrize("part", ["with or without a dressing", "regardless of age", "either healed or not"])
def test_what_rules_nothing_out_in_a_question_is_told(part: str) -> None:
    (finding,) = found(criterion(f"Are wounds examined, {part}?"))
    assert (finding.kind, finding.quote in part) == ("never_fails", True)


@pytest.mark.parametrize(
    "sound",
    [
        criterion("Is any outcome reported?"),
        criterion("Is an outcome reported?", not_met_when="", silence="no"),
        criterion("Is either hand or foot examined?"),
        criterion("Is it either a trial or a cohort?", not_met_when="Nothing was measured."),
        criterion("Is an outcome reported?", not_met_when="None of the outcomes is a score of pain."),
    ],
)
def test_a_criterion_that_something_fails_is_left_alone(sound: dict[str, object]) -> None:
    assert found(sound) == []


# Double negatives.


@pytest.mark.parametrize(
    "text",
    [
        "The comparison is not uncontrolled.",
        "There is no trial without a comparator.",
        "It does not lack a follow-up.",
        "The sample was never unblinded.",
        "The authors did not exclude women.",
        "It is not an ineligible design.",
        "It is reported without the text saying no.",
        "Weeds cannot be absent.",
    ],
)
def test_a_sentence_that_denies_twice_is_told(text: str) -> None:
    (finding,) = found(criterion("Are plants grown?", met_when=text))
    assert finding.kind == "double_negative"
    assert finding.quote in text


@pytest.mark.parametrize(
    "text",
    [
        "There was no stage before the training.",
        "Training is semi-supervised, without a separate stage.",
        "It is not under study.",
        "Not until 1990 was it built.",
        "No universal rule is given.",
        "It is not united with another.",
        "No interviews were held, and no letters were written.",
        "It is not only described, it is used without change.",
        "The plan is not included.",
        "It is no university hospital.",
        "They did not intend to treat.",
        "No text is shown, or the text is missing.",
        "It is unlabelled.",
    ],
)
def test_one_denial_is_enough_to_be_understood(text: str) -> None:
    assert found(criterion("Are plants grown?", met_when=text)) == []


# Compound questions.


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Is the soil sampled, and is its depth reported?", "and is its depth reported"),
        ("Are pigs and/or cattle kept?", "and/or"),
        ("Was the trial registered and completed?", "registered and completed"),
        ("Does it measure yield and report costs?", "and report costs"),
        ("Is the wood both dried and weighed?", "both dried and weighed"),
        ("Is it a trial? Is it in adults?", "Is it a trial? Is it in adults"),
    ],
)
def test_a_question_that_asks_two_things_is_told(question: str, quote: str) -> None:
    assert [finding.quote for finding in found(criterion(question)) if finding.kind == "compound"] == [quote]


@pytest.mark.parametrize(
    "question",
    [
        "Are women and men interviewed?",
        "Is it a published and peer-reviewed article?",
        "Are randomised and quasi-randomised trials described?",
        "Does it concern speed and need?",
        "Is the drug given to children or adults?",
        "Is it adapted to or tested on a task?",
        "Does the study compare wheat and barley?",
        "Is health and safety at work its subject?",
        "Are trained and untrained dogs described?",
        "Is the bread made of rye and spelt?",
        "Does it describe a cost and benefit analysis?",
        "Is crop yield measured and reported for each plot?",
    ],
)
def test_a_question_that_lists_is_not_compound(question: str) -> None:
    assert "compound" not in kinds(criterion(question))


# Questions of which `yes` is not eligible.


@pytest.mark.parametrize(
    "question",
    [
        "Is it excluded because it is a letter?",
        "Should the record be excluded as a duplicate?",
        "Is it not a review?",
        "Is there no comparison?",
        "Isn't the study in animals?",
        "Is the study ineligible by design?",
        "Does the paper lack an abstract?",
        "Are the animals not wild?",
        "Are emissions of gas not the only outcome?",
    ],
)
def test_a_question_whose_yes_is_not_eligible_is_told(question: str) -> None:
    assert "yes_not_eligible" in kinds(criterion(question))


def test_a_question_that_asks_for_what_is_not_met_is_told() -> None:
    wrong = criterion(
        "Is it an editorial or a letter?", met_when="It has results.", not_met_when="It is a letter or editorial."
    )
    assert kinds(wrong) == ["yes_not_eligible"]


@pytest.mark.parametrize(
    "sound",
    [
        criterion("Were pregnant women excluded from the trial?"),
        criterion("Is it about the removal of waste?"),
        criterion("Is it a report of patients who do not smoke?"),
        criterion("Is it about a drug that is not sold?"),
        criterion("Are notes kept?"),
        criterion("Are children who are not at school taught?"),
        criterion("Is it said whether or not and how pain was measured?"),
        criterion("Is it a letter with data?", met_when="The letter has data.", not_met_when="A letter without data."),
        criterion(
            "Are bees kept in hives?", met_when="Hives have bees.", not_met_when="Only wild bees are kept in hives."
        ),
    ],
)
def test_a_question_whose_yes_is_eligible_is_left_alone(sound: dict[str, object]) -> None:
    assert "yes_not_eligible" not in kinds(sound)


# Vague words.


@pytest.mark.parametrize(
    "text",
    [
        "The sample is adequate.",
        "Good studies count.",
        "It is a recent survey.",
        "A relevant outcome is given.",
        "The change is significant.",
        "It is of high quality.",
        "Mice, rats, etc. are used.",
    ],
)
def test_a_vague_word_is_told(text: str) -> None:
    (finding,) = found(criterion("Are plants grown?", met_when=text))
    assert finding.kind == "vague"
    assert finding.quote in text


@pytest.mark.parametrize(
    "text",
    [
        "The sample is adequate: 50 people.",
        "A relevant outcome, such as pain, is given.",
        "The difference is statistically significant.",
        "Good clinical practice is taught.",
        "Goods are traded.",
        "Irrelevant-looking parts are kept.",
        "A good-bye letter is read.",
        "A recent survey counts, that is, one after the census.",
    ],
)
def test_a_word_that_is_made_plain_or_part_of_a_term_is_not_vague(text: str) -> None:
    assert found(criterion("Are plants grown?", met_when=text)) == []


def test_what_is_vague_in_a_question_may_be_made_plain_by_what_counts() -> None:
    assert kinds(criterion("Is the sample adequate?")) == ["vague"]
    assert kinds(criterion("Is the sample adequate?", met_when="At least 50 people were asked.")) == []


# What abstracts seldom say.


@pytest.mark.parametrize(
    "question",
    [
        "Is it a randomised trial?",
        "Is it a controlled study?",
        "Are raters blinded?",
        "Is its funding public?",
        "Is there a control group?",
    ],
)
def test_silence_means_no_is_told_of_what_abstracts_often_leave_out(question: str) -> None:
    (finding,) = found(criterion(question, silence="no"))
    assert finding.kind == "seldom_said"
    assert "`silence: unclear`" in finding.advice
    assert found(criterion(question)) == []
    assert found(criterion(question, silence="no"), stage=Stage.FULLTEXT) == []


@pytest.mark.parametrize(
    "question",
    [
        "Are random numbers used?",
        "Is a masked autoencoder trained?",
        "Is pest control tried?",
        "Are the blind taught?",
        "Is a fund set up?",
    ],
)
def test_words_that_only_look_like_it_are_left_alone(question: str) -> None:
    assert "seldom_said" not in kinds(criterion(question, silence="no"))


# Main focus.


@pytest.mark.parametrize(
    "question",
    [
        "Is a fertiliser studied?",
        "Is sleep the main focus?",
        "Does it focus on cattle?",
        "Is it primarily about rivers?",
    ],
)
def test_a_focus_without_a_rule_for_what_stands_beside_it_is_told(question: str) -> None:
    assert kinds(criterion(question)) == ["main_focus"]


@pytest.mark.parametrize(
    "sound",
    [
        criterion(
            "Is a fertiliser studied?", met_when="It also counts where every plot gets it and another thing varies."
        ),
        criterion("Is a fertiliser studied?", not_met_when="It is given to all alongside what is compared."),
        criterion("Is a fertiliser spread?"),
        criterion("Is nitrogen part of the fertiliser that is studied?"),
        criterion("Are cases of a studio described?"),
        criterion("Is it a primary school?"),
    ],
)
def test_a_focus_with_such_a_rule_is_left_alone(sound: dict[str, object]) -> None:
    assert found(sound) == []


# Cues.


def test_cues_that_contradict_the_wording_are_told_by_their_own_place() -> None:
    cues = {"supports": ["survey*", "sheep"], "contradicts": ["goat*"], "suggests": ["Sheep"]}
    wrong = criterion("Are animals kept?", met_when="Goats are kept.", not_met_when="It is a survey.", cues=cues)
    places = [(finding.where[2:], finding.quote) for finding in found(wrong)]
    assert places == [
        (("cues", "contradicts", 0), "goat*"),
        (("cues", "supports", 0), "survey*"),
        (("cues", "suggests", 0), "Sheep"),
    ]


@pytest.mark.parametrize(
    "sound",
    [
        # A cue of what the criterion is about stands on both sides.
        criterion("Is a model trained on maps?", not_met_when="It is trained on text.", cues={"supports": ["trained"]}),
        criterion("Are sheep kept?", not_met_when="Farms without sheep.", cues={"supports": ["sheep"]}),
        criterion("Are sheep kept?", met_when="Sheep, not goats, are kept.", cues={"contradicts": ["goats"]}),
        criterion("Are sheep kept?", cues={"supports": ["sheep*"], "suggests": ["sheepdog"], "contradicts": ["goat"]}),
    ],
)
def test_cues_that_go_with_the_wording_are_left_alone(sound: dict[str, object]) -> None:
    assert found(sound) == []


def test_a_criterion_by_rule_is_not_criticised() -> None:
    assert (
        found({"id": "years", "kind": "rule", "question": "Is it not recent and/or good?", "years": [2000, 2020]}) == []
    )


@pytest.mark.parametrize("question", ["Is the drug studied?", "Is the pulse recorded?", "Is yield worked out?"])
@pytest.mark.parametrize(
    "other", ["Is the study a trial?", "Is the record in English?", "Was the work done in Europe?"]
)
def test_the_study_itself_is_nothing_that_another_criterion_establishes(question: str, other: str) -> None:
    assert "presupposes" not in kinds(criterion(question, "first"), criterion(other, "second"))


@pytest.mark.parametrize(
    "fails",
    ["No control group.", "No game is used.", "None is randomised.", "Otherwise healthy adults.", "No hay programa."],
)
def test_short_words_that_say_what_fails_are_enough(fails: str) -> None:
    assert kinds({"id": "a", "question": "Is a game used?", "not_met_when": fails}) == []


@pytest.mark.parametrize(
    "fails",
    ["", "No.", "Not met.", "Otherwise.", "Otherwise no.", "Otherwise, it is not met.", "None of these.", "Else: no", "N/A",
     "Anything else.", "Any other design.", "No, it is not."],
)  # fmt: skip
def test_words_without_content_say_nothing_that_fails(fails: str) -> None:
    assert kinds({"id": "a", "question": "Is a game used?", "not_met_when": fails}) == ["never_fails"]


def test_what_is_asked_of_some_records_only_is_told_unless_the_others_are_provided_for() -> None:
    asked = "If it is a study of mixed methods, are the interviews reported apart?"
    (finding,) = found(criterion(asked))
    assert (finding.kind, finding.quote) == ("presupposes", "If it is a study of mixed methods")
    assert found(criterion(asked, met_when="The interviews stand by themselves, or there is nothing else.")) == []
    first = criterion("Are several methods mixed?", "mixed")
    assert found(first, criterion(asked, applies_if="mixed")) == []
