"""The appraisal form of the ECG review: can the results of a study be believed, and can they be repeated?

For each of five domains there are signalling questions, phrased so that `yes` speaks for the study. The judgements of the
domains and of the study are derived from the answers, by the rules that stand here; nobody is asked for them. Questions
and rules are this review's own and were never validated; only the division into signalling questions and judgements
follows instruments for prediction and diagnostic studies.

The answers are judgements of a reader and not words of the text: plain items of a closed list, with no `other` and no
synonyms by which a machine could find them. A machine without a model can only show the passages. What the extraction form
asks already (external validation, release of the weights) is not asked again.

Silence is the status `not_reported`, since there are no words to stand for a `no`. Where a question is about what the
report says, the rules count silence as `no`; elsewhere it leaves the judgement open.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from screener.forms import Derived, Group, Item, Near, Vocabulary


class Signal(Vocabulary):
    """The answer to a signalling question; `yes` speaks for the study. No information is the status `not_reported`."""

    YES = "yes"
    PROBABLY_YES = "probably_yes"
    PROBABLY_NO = "probably_no"
    NO = "no"


class Risk(Vocabulary):
    """The judgement of a domain, by rule. One that the answers do not allow is the status `unclear`."""

    LOW = "low"
    HIGH = "high"


class Participants(Group):
    """The people and recordings that the model was trained and tested on."""

    source_described: Annotated[
        Item[Signal], Near(("collected", "recorded at", "data set*", "cohort", "hospital*"))
    ] = Field(
        title="Source described",
        description=(
            "Does the report itself say where the recordings of its tasks were made? The name of a data set, or a citation "
            "of it, alone is probably_no."
        ),
    )
    selection_stated: Annotated[
        Item[Signal], Near(("excluded", "inclusion", "exclusion", "selected", "consecutive"))
    ] = Field(
        title="Selection stated",
        description="Does the report say which recordings were left out and why, or that none were?",
    )
    represents_use: Annotated[
        Item[Signal], Near(("population", "prevalence", "age", "women", "ethnic*", "routine"))
    ] = Field(
        title="Represents the use",
        description=(
            "Do the people of the test data resemble those for whom the model is meant, as far as the report describes "
            "both?"
        ),
    )
    risk_of_bias: Annotated[
        Item[Risk],
        Derived(
            (
                "high if any of source_described, selection_stated is no or not_reported",
                "high if represents_use is no",
                "low if all of source_described, selection_stated, represents_use are yes or probably_yes or not_applicable",
            )
        ),
    ] = Field(title="Risk of bias", description="May the choice of people and recordings distort the results?")


class Inputs(Group):
    """What the model is given."""

    processing_described: Annotated[
        Item[Signal], Near(("resampl*", "filter*", "normalis*", "normaliz*", "window*", "pre-process*", "preprocess*"))
    ] = Field(
        title="Processing described",
        description="Can the way from a raw recording to the input of the model be repeated from what the report says?",
    )
    same_processing: Annotated[Item[Signal], Near(("same", "identical*", "pre-process*", "preprocess*"))] = Field(
        title="Same processing",
        description="Were the model and all that it is compared with given recordings treated in the same way?",
    )
    known_in_time: Annotated[Item[Signal], Near(("before", "at the time", "after the", "index"))] = Field(
        title="Known in time",
        description="Is everything that the model is given known at the moment at which it would be used?",
    )
    no_outcome_inside: Annotated[Item[Signal], Near(("report text*", "statement*", "label*", "annotation*"))] = Field(
        title="No outcome inside",
        description=(
            "Are inputs free of the outcome, for example of report texts or machine statements from which the labels of a "
            "task were derived?"
        ),
    )
    risk_of_bias: Annotated[
        Item[Risk],
        Derived(
            (
                "high if processing_described is no or not_reported",
                "high if any of same_processing, known_in_time, no_outcome_inside is no",
                "low if all of processing_described, same_processing, known_in_time, no_outcome_inside are yes or probably_yes or not_applicable",
            )
        ),
    ] = Field(title="Risk of bias", description="May the inputs distort the results?")


class Outcomes(Group):
    """What the model is to predict, and the labels it is compared with."""

    definition_stated: Annotated[Item[Signal], Near(("defined as", "criteria", "threshold", "codes", "label*"))] = (
        Field(
            title="Outcome defined",
            description="Does the report define every outcome so that another team would label the recordings alike?",
        )
    )
    reference_suitable: Annotated[
        Item[Signal], Near(("cardiologist*", "annotat*", "expert*", "echocardiogra*", "confirmed", "gold standard"))
    ] = Field(
        title="Reference suitable",
        description=(
            "Do the labels come from a source that is known to be right, such as several readers who agree or another "
            "examination, rather than from the statement of a recorder?"
        ),
    )
    labelled_blind: Annotated[Item[Signal], Near(("blind*", "independent*", "unaware", "masked to"))] = Field(
        title="Labelled blind",
        description="Were the labels given without knowledge of what any model had predicted?",
    )
    same_labels_for_all: Annotated[Item[Signal], Near(("label*", "same", "classes"))] = Field(
        title="Same labels for all",
        description="Were the same labels and classes used for the model and for everything it is compared with?",
    )
    risk_of_bias: Annotated[
        Item[Risk],
        Derived(
            (
                "high if definition_stated is no or not_reported",
                "high if any of reference_suitable, labelled_blind, same_labels_for_all is no",
                "low if all of definition_stated, reference_suitable, labelled_blind, same_labels_for_all are yes or probably_yes or not_applicable",
            )
        ),
    ] = Field(title="Risk of bias", description="May the labels distort the results?")


class Analysis(Group):
    """How the model was tested."""

    split_by_person: Annotated[Item[Signal], Near(("patient-wise", "by patient", "split*", "disjoint", "fold*"))] = (
        Field(title="Split by person", description="Is no person in both the training and the test data of a task?")
    )
    no_leak_from_pretraining: Annotated[
        Item[Signal], Near(("pre-train*", "pretrain*", "overlap*", "removed", "leak*"))
    ] = Field(
        title="No leak from pre-training",
        description=(
            "Are the persons of the test data absent from the pre-training data, or does the report show that their "
            "presence changes nothing?"
        ),
    )
    tuned_without_test_data: Annotated[
        Item[Signal], Near(("hyperparameter*", "validation set", "tuned", "selected on", "threshold"))
    ] = Field(
        title="Tuned without test data",
        description="Were settings, thresholds and the best of several runs chosen without looking at the test data?",
    )
    fair_comparison: Annotated[Item[Signal], Near(("baseline*", "comparator*", "same", "from scratch", "budget"))] = (
        Field(
            title="Fair comparison",
            description="Was what the model is compared with tuned with a comparable effort?",
        )
    )
    uncertainty_given: Annotated[
        Item[Signal], Near(("confidence interval", "CI", "bootstrap*", "seeds", "standard deviation"))
    ] = Field(
        title="Uncertainty given",
        description="Do the main figures have a confidence interval, or a spread over repeated runs?",
    )
    suitable_measures: Annotated[Item[Signal], Near(("AUROC", "AUPRC", "calibrat*", "sensitivity", "prevalence"))] = (
        Field(
            title="Suitable measures",
            description="Is no rare outcome judged by accuracy alone?",
        )
    )
    risk_of_bias: Annotated[
        Item[Risk],
        Derived(
            (
                "high if split_by_person is no or probably_no",
                "high if uncertainty_given is no or not_reported",
                "high if any of split_by_person, no_leak_from_pretraining, tuned_without_test_data, fair_comparison, suitable_measures is no",
                "low if all of split_by_person, no_leak_from_pretraining, tuned_without_test_data, fair_comparison, uncertainty_given, suitable_measures are yes or probably_yes or not_applicable",
            )
        ),
    ] = Field(title="Risk of bias", description="May the analysis distort the results?")


class Reporting(Group):
    """Whether the work can be repeated, and whether all of it is told."""

    code_runs_the_work: Annotated[Item[Signal], Near(("code", "repository", "scripts"))] = Field(
        title="Code runs the work",
        description="Is code released that covers pre-training and evaluation, and not only the network?",
    )
    data_obtainable: Annotated[Item[Signal], Near(("data availability", "download*", "request", "agreement"))] = Field(
        title="Data obtainable", description="Can others obtain the data of at least one downstream task?"
    )
    training_described: Annotated[Item[Signal], Near(("optimi*", "learning rate", "batch*", "epochs", "GPU*"))] = Field(
        title="Training described",
        description="Could another team train the model again from the architecture and settings that the report gives?",
    )
    all_results_told: Annotated[Item[Signal], Near(("protocol", "registered", "supplement*", "all tasks"))] = Field(
        title="All results told",
        description="Are results given for every task, data set and measure that the methods announce?",
    )
    risk_of_irreproducibility: Annotated[
        Item[Risk],
        Derived(
            (
                "high if data_obtainable is no",
                "high if code_runs_the_work is no or not_reported and training_described is no or probably_no or not_reported",
                "low if all of code_runs_the_work, data_obtainable, training_described are yes or probably_yes",
            )
        ),
    ] = Field(
        title="Risk of irreproducibility", description="Could it be that another team cannot repeat the main result?"
    )


class Overall(Group):
    """The study as a whole."""

    risk_of_bias: Annotated[
        Item[Risk],
        Derived(
            (
                "high if any of participants.risk_of_bias, inputs.risk_of_bias, outcomes.risk_of_bias, analysis.risk_of_bias is high",
                "low if all of participants.risk_of_bias, inputs.risk_of_bias, outcomes.risk_of_bias, analysis.risk_of_bias are low",
            )
        ),
    ] = Field(title="Risk of bias", description="May the main result of the study be distorted?")


class Form(Group):
    """The appraisal of one study.

    Everything is answered from the report, its supplement and its repositories, as far as they are given. A value, `no`
    too, rests on words of these. Where they are silent, the status of a signalling question is not_reported and there is
    no value; not_applicable if the question cannot arise. probably_yes and probably_no: the words speak for it, and do
    not say it.
    """

    note: ClassVar[str] = "own, unvalidated"

    participants: Participants = Field(title="Participants", description="Domain 1: the people and recordings.")
    inputs: Inputs = Field(title="Inputs", description="Domain 2: what the model is given.")
    outcomes: Outcomes = Field(title="Outcomes", description="Domain 3: what it is to predict, and the labels.")
    analysis: Analysis = Field(title="Analysis", description="Domain 4: how it was tested.")
    reporting: Reporting = Field(
        title="Reporting", description="Domain 5: whether the work can be repeated and all of it is told."
    )
    overall: Overall = Field(title="Overall", description="The study as a whole.")
