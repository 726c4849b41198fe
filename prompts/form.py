"""The extraction form of the ECG review: what is asked of every included study, and of each model that it develops.

Names and descriptions are the prompt; the words of the vocabularies and the marks on the fields (`Quantity`, `Link`,
`Near`) also lead the embedded reviewer to the passages. Rules that hold everywhere stand in the docstring of `Form`.
"""

from typing import Annotated

from pydantic import Field

from screener.forms import Applies, Coded, Group, Item, Link, Near, Quantity, Vocabulary

COUNT = {"": 1.0, "thousand": 1e3, "k": 1e3, "million": 1e6, "M": 1e6, "billion": 1e9}
"""How texts write large numbers of things."""
RELEASED = Applies("availability", ("openly_available", "other"))
"""What is asked only of what others can obtain, or may be able to."""


class Design(Vocabulary):
    """Where the recordings of the study come from."""

    PUBLIC_DATASETS = "public_datasets", "public data set*", "public dataset*", "publicly available data*", "open data*"
    RETROSPECTIVE = "retrospective", "retrospectively", "routine care", "archive*", "past recordings"
    PROSPECTIVE = "prospective", "prospectively", "prospective cohort", "were enrolled", "were recruited"
    OTHER = "other"


class Setting(Vocabulary):
    """Where people were when the ECG was recorded."""

    HOSPITAL = "hospital", "hospital*", "tertiary cent*", "inpatient*", "in-patient*", "cardiology ward*"
    EMERGENCY_CARE = "emergency_care", "emergency department*", "emergency room*", "ambulance*"
    INTENSIVE_CARE = "intensive_care", "ICU", "critical care"
    PRIMARY_CARE = "primary_care", "general practice*", "family practice*"
    AMBULATORY_MONITORING = "ambulatory_monitoring", "Holter", "long-term monitoring"
    EVERYDAY_LIFE = "everyday_life", "wearable*", "smartwatch*", "wristband*", "at home", "daily life"
    POPULATION_COHORT = "population_cohort", "population cohorts", "population-based", "screening programme*"
    OTHER = "other"


class Architecture(Vocabulary):
    """The family of networks that the ECG encoder belongs to."""

    CONVOLUTIONAL = (
        "convolutional",
        "convolutional network*",
        "convolutional neural network*",
        "CNN",
        "ResNet*",
        "ConvNe*",
    )
    RECURRENT = "recurrent", "recurrent network*", "LSTM", "GRU"
    TRANSFORMER = "transformer", "vision transformer*", "transformer encoder*", "ViT", "self-attention layers"
    CONVOLUTION_TRANSFORMER = (
        "convolution_transformer",
        "convolutional transformer*",
        "hybrid of convolution*",
        "convolutional stem",
        "conformer",
    )
    STATE_SPACE = "state_space", "state-space model*", "structured state space", "S4", "Mamba"
    GRAPH_NETWORK = "graph_network", "graph neural network*"
    LANGUAGE_MODEL = "language_model", "large language model*", "LLM", "language model that reads"
    OTHER = "other"


class Leads(Vocabulary):
    """Which leads the model reads at once."""

    ONE = "one_lead", "single-lead", "1-lead", "a single lead", "lead I only", "lead II only"
    TWO = "two_leads", "two-lead", "2-lead", "2 leads"
    THREE = "three_leads", "three-lead", "3-lead", "3 leads"
    SIX = "six_leads", "six-lead", "6-lead", "6 leads", "limb leads"
    EIGHT = "eight_leads", "eight-lead", "8-lead", "8 leads"
    TWELVE = "twelve_leads", "twelve-lead", "12-lead", "12 leads", "all twelve leads", "standard leads"
    ANY_LEADS = "any_leads", "any number of leads", "any subset of leads", "any combination of leads", "lead-agnostic"
    OTHER = "other"


class Modality(Vocabulary):
    """What a model takes in, in pre-training or in use."""

    ECG_SIGNAL = "ecg_signal", "ECG signal*", "ECG recording*", "ECG waveform*", "electrocardiogram*", "ECGs"
    ECG_IMAGE = "ecg_image", "ECG image*", "images of ECG*", "scanned ECG*", "paper ECG*"
    REPORT_TEXT = "report_text", "report text*", "free-text report*", "clinical report*", "text report*", "text encoder"
    PPG = "ppg", "photoplethysmogra*", "pulse wave*"
    OTHER_BIOSIGNAL = (
        "other_biosignal",
        "EEG",
        "respiration signal*",
        "accelerometer*",
        "heart sound*",
        "phonocardiogra*",
    )
    MEDICAL_IMAGE = "medical_image", "chest radiograph*", "chest X-ray*", "cardiac MRI", "echocardiogra*"
    HEALTH_RECORD = "health_record", "tabular", "laboratory value*", "demographic*", "electronic health record*"
    OTHER = "other"


class Strategy(Vocabulary):
    """How the pre-training is supervised."""

    SELF_SUPERVISED = "self_supervised", "self-supervision", "without labels", "unlabelled", "unlabeled"
    EXPERT_SUPERVISED = (
        "expert_supervised",
        "fully supervised",
        "expert label*",
        "labels of cardiologists",
        "diagnostic labels",
    )
    WEAKLY_SUPERVISED = "weakly_supervised", "weak labels", "weak supervision", "machine-generated label*"
    MULTIMODAL_ALIGNMENT = (
        "multimodal_alignment",
        "ECG-text alignment",
        "aligned with text",
        "aligned with the report*",
        "paired report*",
        "alignment of ECG*",
        "cross-modal",
    )
    INSTRUCTION_TUNING = "instruction_tuning", "instruction-tuned"
    CONTINUED_PRETRAINING = "continued_pretraining", "further pre-trained", "initialised from an existing ECG model"
    OTHER = "other"


class Objective(Vocabulary):
    """The losses that are minimised in pre-training."""

    CONTRASTIVE = "contrastive", "contrastive loss", "contrastive learning", "InfoNCE", "SimCLR", "CLIP-style"
    MASKED_RECONSTRUCTION = (
        "masked_reconstruction",
        "masked autoencod*",
        "masked modelling",
        "masked modeling",
        "reconstruct the masked",
        "masked patches",
    )
    MASKED_TOKEN_PREDICTION = "masked_token_prediction", "masked token*", "masked unit prediction"
    NEXT_STEP_PREDICTION = "next_step_prediction", "next-patch prediction", "next-token prediction", "autoregressive"
    AUTOENCODING = "autoencoding", "denoising autoencoder*", "variational autoencoder*", "diffusion"
    LATENT_PREDICTION = "latent_prediction", "joint-embedding predict*", "predicts the embedding*", "in latent space"
    SELF_DISTILLATION = "self_distillation", "teacher network", "exponential moving average teacher"
    PRETEXT_TASK = "pretext_task", "pretext task*", "transformation recognition", "shuffled order"
    DIAGNOSIS_CLASSIFICATION = "diagnosis_classification", "cross-entropy over diagnos*", "classification of diagnos*"
    OTHER = "other"


class Access(Vocabulary):
    """Who can obtain a data set."""

    OPEN_ACCESS = "open_access", "openly available", "publicly available", "freely available", "can be downloaded"
    RESTRICTED = (
        "restricted",
        "credentialed",
        "data use agreement",
        "on application",
        "after registration",
        "on request",
    )
    PRIVATE = "private", "proprietary", "in-house", "not public", "cannot be shared", "internal archive*"
    OTHER = "other"


class Way(Vocabulary):
    """How the pre-trained model is put to a task."""

    FULL_FINE_TUNING = "full_fine_tuning", "fully fine-tuned", "fine-tuned end to end", "all weights"
    LINEAR_PROBE = "linear_probe", "linear prob*", "linear evaluation", "linear classifier on frozen"
    FROZEN_FEATURES = "frozen_features", "frozen embeddings", "frozen representations"
    PARAMETER_EFFICIENT = "parameter_efficient", "low-rank adapt*", "LoRA", "adapter layer*"
    ZERO_SHOT = "zero_shot", "without any task label*"
    FEW_SHOT = "few_shot", "examples per class", "shots per class"
    PROMPTING = "prompting", "prompted", "text prompt*", "instruction prompt*"
    OTHER = "other"


class Split(Vocabulary):
    """On which part of the data a figure was measured."""

    HELD_OUT_TEST = (
        "held_out_test",
        "test set",
        "held-out",
        "hold-out",
        "test split",
        "test patients",
        "test recordings",
    )
    CROSS_VALIDATION = "cross_validation", "cross-validated", "folds"
    VALIDATION_SET = "validation_set", "validation split", "development set"
    EXTERNAL_DATA = "external_data", "external test*", "external validation", "external cohort", "external site"
    WHOLE_DATASET = "whole_dataset", "whole data set", "all recordings of", "entire data set"
    OTHER = "other"


class Metric(Vocabulary):
    """What a figure measures."""

    AUROC = "auroc", "AUC", "area under the receiver*", "area under the ROC*", "ROC-AUC"
    AUPRC = "auprc", "AUPR", "area under the precision*", "average precision"
    F1 = "f1", "F1 score", "macro-F1"
    ACCURACY = "accuracy", "correctly classified"
    BALANCED_ACCURACY = "balanced_accuracy"
    SENSITIVITY = "sensitivity", "recall", "true positive rate"
    SPECIFICITY = "specificity", "true negative rate"
    MEAN_ABSOLUTE_ERROR = "mean_absolute_error", "MAE"
    CORRELATION = "correlation", "Pearson*", "Spearman*"
    C_INDEX = "c_index", "concordance index"
    OTHER = "other"


class External(Vocabulary):
    """Whether a model was tested on data of another origin."""

    TESTED = "externally_tested", "external validation", "externally validated", "external test*", "external cohort"
    NOT_TESTED = (
        "not_externally_tested",
        "no external validation",
        "not externally validated",
        "not validated externally",
        "no external test*",
    )
    OTHER = "other"


class Availability(Vocabulary):
    """Whether others can obtain what a study made or used."""

    AVAILABLE = (
        "openly_available",
        "publicly available",
        "freely available",
        "is released",
        "are released",
        "can be downloaded",
        "open source",
    )
    ON_REQUEST = "on_request", "upon request", "on reasonable request", "from the corresponding author"
    NOT_AVAILABLE = (
        "not_available",
        "not released",
        "not be released",
        "cannot be shared",
        "cannot be released",
        "not shared",
        "not public*",
    )
    OTHER = "other"


class Licence(Vocabulary):
    """The terms under which something is released."""

    MIT = "mit", "MIT licen*"
    APACHE_2 = "apache_2", "Apache 2.0", "Apache License 2.0"
    BSD = "bsd", "BSD licen*", "BSD-3*", "3-clause BSD"
    GPL = "gpl", "GPL*", "GNU General Public*", "AGPL*"
    CC0 = "cc0", "public domain"
    CC_BY = "cc_by", "CC BY 4.0", "Creative Commons Attribution 4.0", "Creative Commons Attribution licen*"
    CC_BY_NC = "cc_by_nc", "CC BY-NC*", "non-commercial", "noncommercial"
    ODC = "odc", "ODC-BY", "ODbL", "Open Data Commons*"
    AGREEMENT = "agreement_needed", "data use agreement", "data usage agreement", "data transfer agreement"
    OTHER = "other"


class TrainingDetail(Vocabulary):
    """Settings that one needs in order to train the model again."""

    OPTIMISER = "optimiser", "optimizer", "AdamW", "Adam", "SGD", "LAMB"
    LEARNING_RATE = "learning_rate", "peak learning rate"
    BATCH_SIZE = "batch_size", "batches of", "mini-batch*"
    DURATION = "epochs_or_steps", "epochs", "training steps", "gradient steps", "iterations"
    REGULARISATION = "regularisation", "weight decay", "dropout", "early stopping"
    AUGMENTATION = "augmentation", "augmentation*", "augmented by", "random cropping"
    OTHER = "other"


class Study(Group):
    """The study as a whole."""

    design: Annotated[
        Coded[Design], Near(("retrospective*", "prospective*", "public", "collected", "recordings from"))
    ] = Field(
        description=(
            "How did the study come by the recordings on which its models are trained? public_datasets: from data "
            "sets that others had published. retrospective: from recordings made earlier for another purpose. "
            "prospective: recorded for this study. A mixture is `other`, with the parts named."
        )
    )
    settings: Annotated[Coded[list[Setting]], Near(("hospital*", "clinic*", "recorded at", "cohort"))] = Field(
        description="In which settings were those recordings made? Give every setting that is named."
    )
    countries: Annotated[Item[list[str]], Near(("country", "countries", "centres in", "hospitals in", "sites in"))] = (
        Field(
            description=(
                "In which countries were those recordings made? Their English names, only as far as the report names them; "
                "do not infer a country from a data set's name."
            )
        )
    )


class Identity(Group):
    """What the model is."""

    name: Annotated[Item[str], Near(("we present", "we introduce", "we propose", "we call", "named", "called"))] = (
        Field(
            description="By which name do the authors call the model? With its size or version, if they develop several."
        )
    )
    architecture_family: Annotated[
        Coded[Architecture], Near(("architecture*", "encoder*", "backbone*", "network*", "layers"))
    ] = Field(
        description=(
            "To which family does the encoder of the ECG belong? convolution_transformer: convolutions feed a "
            "transformer, both trained. language_model: a language model reads the ECG without an encoder of its own."
        )
    )
    backbone: Annotated[
        Item[str], Near(("backbone*", "based on", "follows", "variant of", "encoder is", "encoder of"))
    ] = Field(
        description=(
            "Which published network is the encoder built on, in the report's words (such as the name and size of a "
            "standard network)? not_reported if the report gives only the family or describes layers of its own."
        )
    )
    parameters_millions: Annotated[
        Item[float],
        Quantity(
            {"million": 1.0, "M": 1.0, "billion": 1000.0, "B": 1000.0, "thousand": 0.001, "k": 0.001, "": 1e-6},
            near=("parameter*", "param*", "weights"),
        ),
    ] = Field(
        description=(
            "How many trainable parameters does the pre-trained model have, in millions? Not those of a comparator, of "
            "an adapter or of a classification head alone."
        )
    )
    leads: Annotated[Coded[Leads], Near(("lead", "leads", "lead*"))] = Field(
        description="How many ECG leads does the model read at once? any_leads: it takes any subset that it is given."
    )
    sampling_rate_hz: Annotated[
        Item[float],
        Quantity(
            {"Hz": 1.0, "kHz": 1000.0, "samples per second": 1.0, "samples/s": 1.0},
            near=("sampl*", "resampl*", "re-sampl*", "downsampl*", "digitis*", "Hz"),
        ),
    ] = Field(
        description=(
            "At which sampling rate, in hertz, does the ECG enter the model? After resampling, if there is any; not the "
            "rate at which a device had recorded it."
        )
    )
    window_s: Annotated[
        Item[float],
        Quantity(
            {
                "s": 1.0,
                "sec": 1.0,
                "second": 1.0,
                "seconds": 1.0,
                "ms": 0.001,
                "min": 60.0,
                "minute": 60.0,
                "minutes": 60.0,
            },
            near=("window*", "segment*", "crop*", "excerpt*", "input*", "strip*", "long", "length", "recording*"),
        ),
    ] = Field(
        description=(
            "How long, in seconds, is the piece of ECG that the model reads at once? Not the length of a recording from "
            "which pieces are cut, and not the length of a patch inside the piece."
        )
    )
    modalities: Annotated[Coded[list[Modality]], Near(("modalit*", "together with", "paired", "input*"))] = Field(
        description="Which kinds of data does the model take in, in pre-training or in use? Always all of them."
    )


class PretrainingDataset(Group):
    """One data set on which the model is pre-trained."""

    name: Annotated[Item[str], Near(("data set*", "dataset*", "database", "corpus", "collection", "archive"))] = Field(
        description="What is the data set called in the report? A private one by the words that name its origin."
    )
    recordings: Annotated[
        Item[int], Quantity(COUNT, near=("recording*", "ECGs", "electrocardiogram*", "tracing*", "segments"))
    ] = Field(
        description=(
            "How many ECG recordings of this data set are used in pre-training (a count)? If only the size of the data "
            "set is given and nothing says that a part was used, that size."
        )
    )
    patients: Annotated[
        Item[int], Quantity(COUNT, near=("patient*", "people", "individual*", "participant*", "subjects", "persons"))
    ] = Field(description="How many persons do these recordings come from (a count)?")
    access: Annotated[
        Coded[Access], Near(("available", "access", "public*", "private", "agreement", "request", "download*"))
    ] = Field(
        description=(
            "Who can obtain this data set? open_access: anyone. restricted: after registration, application, training or a "
            "signed agreement. private: nobody outside."
        )
    )


class Pretraining(Group):
    """How the model is pre-trained on ECGs, before it meets a downstream task."""

    strategies: Annotated[Coded[list[Strategy]], Near(("pre-train*", "pretrain*", "supervis*", "label*"))] = Field(
        description=(
            "How is the pre-training supervised? self_supervised: by the recordings alone. expert_supervised: by diagnoses of "
            "experts. weakly_supervised: by statements of machines or labels known to be rough. multimodal_alignment: "
            "by pairing the ECG with text or another modality. Give every strategy that is used."
        )
    )
    objectives: Annotated[
        Coded[list[Objective]], Near(("objective*", "loss", "losses", "pretext", "mask*", "contrast*", "reconstruct*"))
    ] = Field(
        description=(
            "Which objectives are minimised in pre-training? Give every one that the final model uses; not those of "
            "comparators or of variants that were tried and dropped."
        )
    )
    datasets: list[PretrainingDataset] = Field(
        description="The data sets used in pre-training, one entry each; empty if the report names none."
    )
    recordings_total: Annotated[
        Item[int],
        Quantity(COUNT, near=("recording*", "ECGs", "electrocardiogram*", "tracing*", "in total", "segments")),
    ] = Field(
        description=(
            "On how many ECG recordings is the model pre-trained in all (a count)? As the report states it; add up "
            "nothing. If there is one data set, the same number as for it."
        )
    )
    compute: Annotated[
        Item[str], Near(("GPU*", "TPU*", "accelerator*", "graphics card*", "hours", "days", "hardware", "compute"))
    ] = Field(
        description="With which hardware, and for how long, was the model pre-trained? In the words of the report, as far as it says."
    )


class Adaptation(Group):
    """How the pre-trained model is put to downstream tasks."""

    ways: Annotated[
        Coded[list[Way]],
        Near(("fine-tun*", "adapt*", "linear prob*", "frozen", "zero-shot", "few-shot", "prompt*", "transfer*")),
    ] = Field(
        description=(
            "In which ways is the model adapted to its tasks? full_fine_tuning: all weights change. linear_probe: a "
            "linear layer on the unchanged encoder. frozen_features: another learner on the unchanged encoder. "
            "parameter_efficient: a few added or chosen weights change. few_shot: with a handful of labelled examples. "
            "Give every way whose results are reported; not the ways of comparators."
        )
    )


class Result(Group):
    """One figure of downstream performance of this model."""

    task: Annotated[Item[str], Near(("task*", "detect*", "classif*", "predict*", "diagnos*", "estimat*"))] = Field(
        description="What is predicted, in a few words of the report (such as the condition or the quantity)?"
    )
    dataset: Annotated[Item[str], Near(("data set*", "dataset*", "database", "cohort", "registry"))] = Field(
        description="On which data set was the figure measured?"
    )
    split: Annotated[Coded[Split], Near(("test", "held-out", "split", "fold*", "external*", "validation"))] = Field(
        description=(
            "On which part of the data was the figure measured? external_data: of an origin that no training data came "
            "from; it takes precedence over the others."
        )
    )
    metric: Annotated[Coded[Metric], Near(("AUROC", "AUC", "F1", "accuracy", "sensitivity", "error"))] = Field(
        description="Which measure of performance is it?"
    )
    value: Annotated[
        Item[float],
        Quantity({"": 1.0, "%": 1.0}, near=("AUROC", "AUC", "F1", "accuracy", "sensitivity", "specificity", "error")),
    ] = Field(
        description="The figure as it is printed, in the unit of the measure; a percentage without its sign (93.1, not 0.931)."
    )
    interval_low: Annotated[
        Item[float], Quantity({"": 1.0, "%": 1.0}, near=("CI", "confidence interval", "interval"))
    ] = Field(description="The lower end of its confidence interval, as printed and in the same unit as the figure.")
    interval_high: Annotated[
        Item[float], Quantity({"": 1.0, "%": 1.0}, near=("CI", "confidence interval", "interval"))
    ] = Field(description="The upper end of its confidence interval, as printed and in the same unit as the figure.")


class Evaluation(Group):
    """How well the adapted model does, and against what."""

    results: list[Result] = Field(
        description=(
            "The figures for this model, one entry for each combination of task, data set, split and measure. Where "
            "several ways of adaptation are reported for one combination, the best of them. Not those of comparators, "
            "of ablations, of single classes inside a task, or of adaptation with a part of the labels."
        )
    )
    external_validation: Annotated[
        Coded[External], Near(("external*", "another hospital", "unseen", "other centre*"))
    ] = Field(
        description=(
            "Was the adapted model tested on data of an origin (institution or data set) that none of the data for "
            "its pre-training and adaptation came from? not_externally_tested only where the report says so."
        )
    )
    baselines: Annotated[
        Item[list[str]], Near(("baseline*", "comparator*", "compared with", "compared to", "against", "outperform*"))
    ] = Field(description="With which other models is it compared? Their names as the report gives them.")
    label_efficiency_smallest_percent: Annotated[
        Item[float],
        Quantity({"%": 1.0, "percent": 1.0, "per cent": 1.0}, near=("label*", "training set", "annotat*")),
    ] = Field(
        description=(
            "What is the smallest share of the labelled training data of a task, in percent, with which the model was "
            "adapted to study how few labels it needs? not_reported if it was adapted with all labels only."
        )
    )


class Code(Group):
    """Whether the program is released."""

    availability: Annotated[
        Coded[Availability], Near(("code", "source code", "implementation", "repository", "software", "scripts"))
    ] = Field(
        description=(
            "Can others obtain the code that trains or runs the model? openly_available: anyone can. A mere promise is "
            "`other`, with `promised` as its text."
        )
    )
    url: Annotated[
        Item[str],
        Link(
            near=("code", "source code", "implementation", "repository"),
            hosts=("github.com", "gitlab.com", "bitbucket.org"),
        ),
        RELEASED,
    ] = Field(
        description=(
            "At which URL is the authors' own code? A link behind words counts like a printed one. not_applicable if "
            "the code is on request or not available."
        )
    )
    licence: Annotated[Coded[Licence], Near(("licen*", "terms", "code")), RELEASED] = Field(
        description="Under which licence is the code released? not_applicable if it is on request or not available."
    )


class Weights(Group):
    """Whether the pre-trained model itself is released."""

    availability: Annotated[
        Coded[Availability], Near(("weights", "checkpoint*", "pre-trained model", "trained model"))
    ] = Field(
        description=(
            "Can others obtain the weights of the pre-trained model? openly_available: anyone can, also after registration. "
            "A mere promise is `other`, with `promised` as its text."
        )
    )
    url: Annotated[
        Item[str],
        Link(
            near=("weights", "checkpoint*", "pre-trained model", "trained model"),
            hosts=("huggingface.co", "zenodo.org"),
        ),
        RELEASED,
    ] = Field(
        description=(
            "At which URL are the weights? A link behind words counts like a printed one. not_applicable if the weights "
            "are on request or not available."
        )
    )
    licence: Annotated[Coded[Licence], Near(("licen*", "terms", "weights", "checkpoint*")), RELEASED] = Field(
        description="Under which licence are the weights released? not_applicable if they are on request or not available."
    )


class Data(Group):
    """Whether the data is released."""

    availability: Annotated[
        Coded[Availability], Near(("data", "data availability", "recordings", "data set*", "dataset*"))
    ] = Field(
        description=(
            "Can others obtain the data on which the model was pre-trained? openly_available: anyone can, also after "
            "registration or a signed agreement. If that differs between data sets: `other`, with `partly` as its text."
        )
    )
    url: Annotated[
        Item[str],
        Link(near=("data", "data set*", "dataset*", "recordings"), hosts=("physionet.org", "zenodo.org")),
        RELEASED,
    ] = Field(
        description=(
            "At which URL is that data? A link behind words counts like a printed one. not_applicable if the data is on "
            "request or not available."
        )
    )
    licence: Annotated[Coded[Licence], Near(("licen*", "terms", "data", "agreement")), RELEASED] = Field(
        description="Under which licence or agreement is that data released? not_applicable if it is on request or not available."
    )


class Reproducibility(Group):
    """What others need in order to repeat the work."""

    code: Code = Field(description="The program that trains or runs the model.")
    weights: Weights = Field(description="The pre-trained model itself.")
    data: Data = Field(description="The data of the pre-training.")
    training_details: Annotated[
        Coded[list[TrainingDetail]], Near(("optimi*", "learning rate", "batch*", "epochs", "steps", "weight decay"))
    ] = Field(
        description=(
            "Which settings of the pre-training does the report, with its supplement, state? Give all that are stated with "
            "a name or number. regularisation: weight decay, dropout or early stopping."
        )
    )
    seeds: Annotated[Item[int], Quantity({"": 1.0}, near=("seed", "seeds", "random seed*", "repeated", "runs"))] = (
        Field(
            description="With how many random seeds (a count) were the experiments repeated? Not the number that a generator was set to."
        )
    )


class Model(Group):
    """One model that the study develops."""

    identity: Identity = Field(description="What the model is.")
    pretraining: Pretraining = Field(description="How it is pre-trained on ECGs.")
    adaptation: Adaptation = Field(description="How it is put to downstream tasks.")
    evaluation: Evaluation = Field(description="How well it does, and against what.")
    reproducibility: Reproducibility = Field(description="What others need in order to repeat the work.")


class Form(Group):
    """What is extracted from a study, and of each model that it develops.

    Everything is answered from the report and its supplement, with nothing from memory. Where the abstract contradicts
    the body, the body counts. What the report says of the work of others, in its introduction, its comparisons or its
    references, is never an answer.
    """

    study: Study = Field(description="The study as a whole.")
    models: list[Model] = Field(
        description=(
            "One entry for each model that the study itself pre-trains and names, in the order in which the report "
            "introduces them. Sizes of one design count as models if results are reported for each. No comparators."
        )
    )
