"""The extraction form of the ECG review: what is asked of every included study, and of each model that it develops.

Names and descriptions are the prompt; the words of the vocabularies and the marks on the fields (`Quantity`, `Link`,
`Near`) also lead the embedded reviewer to the passages. Rules that hold everywhere stand in the docstring of `Form`.
"""

from typing import Annotated

from pydantic import Field

from screener.forms import Applies, Coded, Group, Item, Key, Link, Near, Quantity, Vocabulary

COUNT = {"": 1.0, "thousand": 1e3, "k": 1e3, "million": 1e6, "M": 1e6, "billion": 1e9}
"""How texts write large numbers of things."""
RELEASED = Applies("availability", ("openly_available", "after_registration", "partly"))
"""What is asked only of what others can obtain."""
MILLIONS = {"million": 1.0, "M": 1.0, "billion": 1000.0, "B": 1000.0, "thousand": 0.001, "k": 0.001, "": 1e-6}
"""How texts write the size of a model."""


class Design(Vocabulary):
    """Where the recordings of the study come from."""

    PUBLIC_DATASETS = "public_datasets", "public data set*", "public dataset*", "publicly available", "open data*"
    RETROSPECTIVE = "retrospective", "retrospectively", "routine care", "archive*", "past recordings"
    PROSPECTIVE = "prospective", "prospectively", "prospective cohort", "were enrolled", "were recruited"
    OTHER = "other"


class Setting(Vocabulary):
    """Where people were when the ECG was recorded."""

    HOSPITAL = "hospital", "hospitals", "tertiary cent*", "inpatient*", "in-patient*", "cardiology ward*"
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
        "align the",
        "aligning",
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
    PAIR_MATCHING = (
        "pair_matching",
        "image-text matching",
        "ECG-text matching",
        "signal-text matching",
        "matching loss",
        "ITM",
    )
    TEXT_GENERATION = (
        "text_generation",
        "captioning",
        "report generation",
        "generates the report*",
        "language modelling",
    )
    PRETEXT_TASK = "pretext_task", "pretext task*", "transformation recognition", "shuffled order"
    DIAGNOSIS_CLASSIFICATION = "diagnosis_classification", "cross-entropy over diagnos*", "classification of diagnos*"
    OTHER = "other"


class Extent(Vocabulary):
    """What a number of recordings counts."""

    USED = "used"
    WHOLE = "whole_data_set"


class Way(Vocabulary):
    """How the pre-trained model is put to a task."""

    FULL_FINE_TUNING = "full_fine_tuning", "fully fine-tuned", "fine-tuned end to end", "all weights"
    LINEAR_PROBE = "linear_probe", "linear prob*", "linear evaluation", "linear classifier on frozen"
    FROZEN_FEATURES = "frozen_features", "frozen embeddings", "frozen representations"
    PARAMETER_EFFICIENT = "parameter_efficient", "low-rank adapt*", "LoRA", "adapter layer*"
    USED_AS_IS = (
        "used_as_is",
        "zero-shot",
        "without any task label*",
        "without further training",
        "prompted",
        "text prompt*",
        "instruction prompt*",
    )
    FEW_SHOT = "few_shot", "examples per class", "shots per class"
    OTHER = "other"


class TaskKind(Vocabulary):
    """What sort of task a figure is of."""

    DIAGNOSIS = "diagnosis"
    PROGNOSIS = "prognosis"
    MEASUREMENT = "measurement"
    PERSON = "age_sex_identity"
    DELINEATION = "delineation"
    RETRIEVAL = "retrieval"
    TEXT = "report_or_answer"
    SIGNAL = "signal_made"
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

    AUROC = "auroc", "AUROC*", "AUC", "area under the receiver*", "area under the ROC*", "ROC-AUC"
    AUPRC = "auprc", "AUPRC*", "AUPR", "area under the precision*", "average precision"
    F1 = "f1", "F1 score", "macro-F1"
    ACCURACY = "accuracy", "correctly classified"
    BALANCED_ACCURACY = "balanced_accuracy"
    SENSITIVITY = "sensitivity", "recall", "true positive rate"
    SPECIFICITY = "specificity", "true negative rate"
    PRECISION = "precision", "positive predictive value", "PPV"
    RECALL_AT_1 = "recall_at_1", "R@1", "Recall@1"
    RECALL_AT_5 = "recall_at_5", "R@5", "Recall@5"
    RECALL_AT_10 = "recall_at_10", "R@10", "Recall@10"
    RECALL_SUM = "recall_sum", "RSUM", "sum of recall*"
    MEAN_ABSOLUTE_ERROR = "mean_absolute_error", "MAE"
    ROOT_MEAN_SQUARED_ERROR = "root_mean_squared_error", "RMSE"
    CORRELATION = "correlation", "Pearson*", "Spearman*"
    R_SQUARED = "r_squared", "R2", "coefficient of determination"
    C_INDEX = "c_index", "concordance index"
    TEXT_OVERLAP = "text_overlap", "BLEU*", "ROUGE*", "METEOR", "BERTScore", "CIDEr"
    OTHER = "other"


class Spread(Vocabulary):
    """What stands behind ±."""

    STANDARD_DEVIATION = "standard_deviation", "standard deviation*", "SD", "std"
    STANDARD_ERROR = "standard_error", "standard error*", "SEM"
    INTERVAL = "half_width_of_interval", "confidence interval*", "95% CI", "CI"
    OTHER = "other"


class External(Vocabulary):
    """Whether a model was tested on data of another origin."""

    TESTED = (
        "externally_tested",
        "external validation",
        "externally validated",
        "external test*",
        "external cohort",
        "not used in training",
        "not used for training",
        "no part in training",
        "not part of the training",
    )
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
    AFTER_REGISTRATION = (
        "after_registration",
        "credentialed",
        "data use agreement",
        "data usage agreement",
        "signed agreement",
        "after registering",
    )
    ON_REQUEST = (
        "on_request",
        "upon request",
        "on reasonable request",
        "from the corresponding author",
        "on application",
    )
    PARTLY = (
        "partly",
        "only a part",
        "a part of",
        "in part",
        "some of the",
        "of the two",
        "of these",
        "the rest",
        "the others",
        "the remaining",
        "whereas",
    )
    PROMISED = (
        "promised",
        "will be released",
        "will be published",
        "will be made public*",
        "will be made available",
        "upon acceptance",
        "plan to release",
    )
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
    CC0 = "cc0", "CC0 1.0", "public domain"
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
    DURATION = "epochs_or_steps", "epochs", "training steps", "gradient steps", "000 steps", "iterations"
    REGULARISATION = "regularisation", "weight decay", "dropout", "early stopping"
    AUGMENTATION = "augmentation", "augmentation*", "augmented by", "random cropping"
    OTHER = "other"


class RunsDiffer(Vocabulary):
    """In what repeated runs differ."""

    SEED = "seed", "random seed*", "different seeds", "seeds", "random initialisation*", "random initialization*"
    DATA = "drawn_data", "different splits", "random splits", "fractional splits", "random subsets", "different subsets"
    OTHER = "other"


class Study(Group):
    """The study as a whole."""

    design: Annotated[
        Coded[list[Design]],
        Near(
            (
                "retrospective*",
                "prospective*",
                "data",
                "data set*",
                "dataset*",
                "database*",
                "collected",
                "recordings from",
            )
        ),
    ] = Field(
        title="Source of the recordings",
        description=(
            "How did the study come by the recordings on which its models are trained? public_datasets: from data sets "
            "that others had published; a citation of the data set is enough. retrospective: from recordings made "
            "earlier for another purpose, which the authors had. prospective: recorded for this study. Give every one."
        ),
    )
    settings: Annotated[Coded[list[Setting]], Near(("hospital*", "clinic*", "recorded at", "cohort"))] = Field(
        title="Settings",
        description=(
            "In which settings were those recordings made? Give every setting that is named of them, not those in which "
            "the model could be used."
        ),
    )
    countries: Annotated[Item[list[str]], Near(("country", "countries", "centres in", "hospitals in", "sites in"))] = (
        Field(
            title="Countries",
            description=(
                "In which countries were those recordings made? Their English names, where the report says so of the "
                "recordings; the name of a data set or an affiliation says nothing."
            ),
        )
    )


class Identity(Group):
    """What the model is."""

    name: Annotated[
        Item[str], Key(), Near(("we present", "we introduce", "we propose", "we call", "named", "called"))
    ] = Field(
        title="Name",
        description=(
            "By which name does the text introduce the model? With its size or version if there are several. If the "
            "text gives it none: its name in the table of the main results."
        ),
    )
    also_called: Annotated[Item[list[str]], Near(("referred to as", "denoted", "abbreviated", "also called"))] = Field(
        title="Also called",
        description="Under which other names do the text or the tables have this model? not_applicable if there are none.",
    )
    architecture_family: Annotated[
        Coded[Architecture], Near(("architecture*", "encoder*", "backbone*", "network*", "layers"))
    ] = Field(
        title="Architecture",
        description=(
            "To which family does the encoder of the ECG belong? convolution_transformer: convolutions feed a "
            "transformer, both trained. language_model: a language model reads the ECG without an encoder of its own."
        ),
    )
    backbone: Annotated[
        Item[str], Near(("backbone*", "based on", "follows", "variant of", "encoder is", "encoder of"))
    ] = Field(
        title="Built on",
        description=(
            "Which published network is the encoder built on, by the report's name and size for it? not_reported if the "
            "report gives only the family or layers of its own."
        ),
    )
    encoder_parameters_millions: Annotated[
        Item[float], Quantity(MILLIONS, near=("parameter*", "param*", "weights"))
    ] = Field(
        title="Parameters of the encoder (millions)",
        description=(
            "How many parameters does the encoder of the ECG have, in millions? A number that is given of the model "
            "without saying of which part is entered here. Not those of an adapter or a classification head. not_applicable "
            "if a language model reads the ECG."
        ),
    )
    model_parameters_millions: Annotated[
        Item[float], Quantity(MILLIONS, near=("in total", "whole model*", "entire model*", "full model*"))
    ] = Field(
        title="Parameters of the whole model (millions)",
        description=(
            "How many parameters does the whole pre-trained model have, with text encoder, decoder or language model, in "
            "millions? As stated, nothing added up. not_applicable if it is an encoder alone."
        ),
    )
    encoder_leads: Annotated[Coded[Leads], Near(("lead", "leads", "lead*"))] = Field(
        title="Leads",
        description=(
            "How many leads does the encoder read at once in pre-training? An encoder that is given one lead at a time: "
            "one_lead, even if its outputs are joined. any_leads: it is built for any subset, also if missing leads are "
            "filled with zeros."
        ),
    )
    sampling_rate_hz: Annotated[
        Item[float],
        Quantity(
            {"Hz": 1.0, "kHz": 1000.0, "samples per second": 1.0, "samples/s": 1.0},
            near=("sampl*", "resampl*", "re-sampl*", "downsampl*", "digitis*", "Hz"),
        ),
    ] = Field(
        title="Sampling rate (Hz)",
        description=(
            "At which sampling rate, in hertz, does the ECG enter the encoder? After resampling; if none is told of, the "
            "rate of the recordings that were used. not_applicable if it reads images."
        ),
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
        title="Window (s)",
        description=(
            "How many seconds of ECG does the encoder read at once? The crop or segment where recordings are cut, else "
            "the length of a recording; not that of a patch."
        ),
    )
    modalities: Annotated[Coded[list[Modality]], Near(("modalit*", "together with", "paired", "input*"))] = Field(
        title="Modalities",
        description=(
            "Which kinds of data does the model take in, in pre-training or in use? All of them. ecg_image: plots, scans, "
            "or pictures computed from the signal. What is computed from the ECG and turned back into one is no modality."
        ),
    )


class PretrainingDataset(Group):
    """One data set on which the model is pre-trained."""

    name: Annotated[
        Item[str], Key(), Near(("data set*", "dataset*", "database", "corpus", "collection", "archive"))
    ] = Field(
        title="Data set",
        description=(
            "What does the text call the data set where it introduces it? A private one by the words that name its origin."
        ),
    )
    recordings: Annotated[
        Item[int], Quantity(COUNT, near=("recording*", "ECGs", "electrocardiogram*", "tracing*", "segments"))
    ] = Field(
        title="Recordings",
        description=(
            "How many ECG recordings of it were used in pre-training (a count)? If the report does not say how many were "
            "used: the size of the whole data set. Recordings, not the segments or beats cut from them."
        ),
    )
    recordings_are: Annotated[Item[Extent], Near(("split", "used", "training set", "subset"))] = Field(
        title="What that number counts",
        description=(
            "What does that number count? used: the report says that so many were used in pre-training. whole_data_set: it is the size of the data "
            "set, and the report does not say that all of it was used."
        ),
    )
    patients: Annotated[
        Item[int], Quantity(COUNT, near=("patient*", "people", "individual*", "participant*", "subjects", "persons"))
    ] = Field(title="Persons", description="How many persons do these recordings come from (a count)?")


class Pretraining(Group):
    """How the model is pre-trained on ECGs, before it meets a downstream task."""

    strategies: Annotated[Coded[list[Strategy]], Near(("pre-train*", "pretrain*", "supervis*", "label*", "align*"))] = (
        Field(
            title="Strategies",
            description=(
                "How is the pre-training supervised? self_supervised: by the recordings alone, also by which person or "
                "recording a piece is from. expert_supervised: by diagnoses of experts. weakly_supervised: by statements of "
                "machines or labels known to be rough. multimodal_alignment: by pairing the ECG with text or another "
                "modality. continued_pretraining: it starts from a model pre-trained on ECGs. Give every one."
            ),
        )
    )
    objectives: Annotated[
        Coded[list[Objective]], Near(("objective*", "loss", "losses", "pretext", "mask*", "contrast*", "reconstruct*"))
    ] = Field(
        title="Objectives",
        description=(
            "Which objectives are minimised in pre-training? masked_token_prediction: hidden codes or words are "
            "predicted. pair_matching: whether ECG and text belong together. Every one of the final model; masking that "
            "only augments is none."
        ),
    )
    datasets: list[PretrainingDataset] = Field(
        title="Data sets",
        description="The data sets of ECGs used in pre-training, one entry each; empty if the report names none.",
    )
    recordings_total: Annotated[
        Item[int],
        Quantity(COUNT, near=("recording*", "ECGs", "electrocardiogram*", "tracing*", "in total", "segments")),
    ] = Field(
        title="Recordings in all",
        description=(
            "On how many ECG recordings is the model pre-trained in all (a count)? As stated, nothing added up; with one "
            "data set, its number of recordings."
        ),
    )
    hardware: Annotated[
        Item[str], Near(("GPU*", "TPU*", "NVIDIA", "CPU*", "accelerator*", "graphics card*", "hardware", "workstation"))
    ] = Field(
        title="Hardware",
        description=(
            "On which processors was the model pre-trained? Number and type, in the report's words; also if they are named "
            "for all experiments together."
        ),
    )
    training_time: Annotated[Item[str], Near(("hours", "days", "took", "GPU hours", "training time"))] = Field(
        title="Training time",
        description="How long did the pre-training take? As printed, such as hours or GPU hours; no epochs or steps.",
    )


class Adaptation(Group):
    """How the pre-trained model is put to downstream tasks."""

    ways: Annotated[
        Coded[list[Way]],
        Near(
            ("fine-tun*", "adapt*", "linear", "frozen", "freez*", "zero-shot", "few-shot", "prompt*", "transfer*"),
        ),
    ] = Field(
        title="Ways of adaptation",
        description=(
            "In which ways is the model put to its tasks? full_fine_tuning: all weights change. linear_probe: a linear "
            "layer on the unchanged encoder. frozen_features: another learner on the unchanged encoder. "
            "parameter_efficient: a few added or chosen weights change. used_as_is: no training for the task, such as "
            "zero-shot, prompting, or retrieval by its embeddings. few_shot: with a stated number of examples, not a "
            "percentage. Every way with results; not those of comparators."
        ),
    )


class Result(Group):
    """One figure of downstream performance of this model."""

    task: Annotated[Item[str], Key(), Near(("task*", "detect*", "classif*", "predict*", "diagnos*", "estimat*"))] = (
        Field(
            title="Task",
            description="What is the task called in the table or its caption, or else in the text? In a few words.",
        )
    )
    task_kind: Annotated[Coded[TaskKind], Near(("task*", "classif*"))] = Field(
        title="Kind of task",
        description=(
            "What sort of task is it? diagnosis: a finding or illness that is present. prognosis: a later event. measurement: a quantity other than "
            "age. delineation: where waves or beats are. retrieval: the right record is found. report_or_answer: a text is "
            "written. signal_made: an ECG is made or restored."
        ),
    )
    dataset: Annotated[Item[str], Key(), Near(("data set*", "dataset*", "database", "cohort", "registry"))] = Field(
        title="Data set", description="On which data set was the figure measured?"
    )
    condition: Annotated[Item[list[str]], Key(), Near(("of the labels", "subgroup*"))] = Field(
        title="Condition",
        description=(
            "What distinguishes this figure from this model's others of the same task, data set, split and metric: "
            "leads, share of labels, way of adaptation, group of people, averaging? The words in the heads of its row "
            "and column, one each. not_applicable if there is no other such figure."
        ),
    )
    split: Annotated[Coded[Split], Key(), Near(("test", "held-out", "split", "fold*", "external*", "validation"))] = (
        Field(
            title="Part of the data",
            description=(
                "On which part of the data was the figure measured? external_data: of an origin that no training data came "
                "from; it takes precedence over the others."
            ),
        )
    )
    metric: Annotated[
        Coded[Metric], Key(), Near(("metric*", "AUROC", "AUC", "F1", "accuracy", "sensitivity", "error", "R@1"))
    ] = Field(
        title="Measure",
        description="Which measure is it? Recall of a retrieval is recall_at_1 and so on, not sensitivity.",
    )
    value: Annotated[
        Item[float],
        Quantity(
            {"": 1.0, "%": 1.0},
            near=(
                "AUROC",
                "AUC",
                "AUPRC",
                "F1",
                "accuracy",
                "sensitivity",
                "specificity",
                "recall",
                "R@1",
                "error",
                "MAE",
                "RMSE",
            ),
        ),
    ] = Field(
        title="Value",
        description="The figure as printed, in the unit of the measure; a percentage without its sign (93.1, not 0.931).",
    )
    plus_minus: Annotated[Item[float], Quantity({"": 1.0, "%": 1.0}, near=("deviation*", "mean"))] = Field(
        title="± behind it",
        description="The number behind ±, or in brackets as its deviation, as printed. not_applicable if there is none.",
    )
    plus_minus_is: Annotated[
        Coded[Spread], Near(("standard deviation*", "standard error*", "confidence interval", "mean"))
    ] = Field(
        title="What ± is",
        description=(
            "What is that number, as the report says? half_width_of_interval: of a confidence interval. "
            "not_applicable if there is no such number."
        ),
    )
    interval_low: Annotated[
        Item[float], Quantity({"": 1.0, "%": 1.0}, near=("CI", "confidence interval", "interval"))
    ] = Field(
        title="Interval, lower end",
        description="The lower end of its confidence interval, as printed; never computed from ±.",
    )
    interval_high: Annotated[
        Item[float], Quantity({"": 1.0, "%": 1.0}, near=("CI", "confidence interval", "interval"))
    ] = Field(title="Interval, upper end", description="The upper end of the same interval.")


class Evaluation(Group):
    """How well the adapted model does, and against what."""

    results: list[Result] = Field(
        title="Results",
        description=(
            "The figures of this model's performance in downstream tasks, as text and tables print them: figures that differ "
            "in task, data set, split, metric or condition are entries of their own. A figure that is printed twice is "
            "one entry. Left out: figures of comparators and ablations, of single classes inside a task, differences "
            "between models, and what can only be read off a drawing."
        ),
    )
    external_validation: Annotated[
        Coded[External], Near(("external*", "another hospital", "unseen", "other centre*"))
    ] = Field(
        title="External validation",
        description=(
            "Was the model tested on data of an origin (institution or data set) that gave nothing to its pre-training "
            "and adaptation? Judged by the data that the report describes, whatever it calls the test. "
            "not_externally_tested: all test data are of origins that gave training data, too. not_reported only if the "
            "origin of the test data is not told."
        ),
    )
    comparators: Annotated[
        Item[list[str]], Near(("baseline*", "comparator*", "compared with", "compared to", "against", "outperform*"))
    ] = Field(
        title="Comparators",
        description=(
            "With which other models or methods is it compared, published ones or made for the comparison? Their names in "
            "the table of results, else in the text. Not its own variants and ablations, and not the same network without "
            "pre-training."
        ),
    )
    from_scratch: Annotated[
        Item[bool], Near(("from scratch", "random initiali*", "randomly initiali*", "without pre-training"))
    ] = Field(
        title="Compared with itself without pre-training",
        description="Is it compared with the same network trained for the task from random weights? true if so.",
    )
    label_efficiency_smallest_percent: Annotated[
        Item[float],
        Quantity({"%": 1.0, "percent": 1.0, "per cent": 1.0}, near=("label*", "training set", "annotat*")),
    ] = Field(
        title="Smallest share of labels (%)",
        description=(
            "What is the smallest share of the labelled training data of a task, in percent, with which the model was "
            "adapted? not_reported if it was always adapted with all of it."
        ),
    )


class Code(Group):
    """Whether the program is released."""

    availability: Annotated[
        Coded[Availability], Near(("code", "source code", "implementation", "repository", "software", "scripts"))
    ] = Field(title="Availability", description="Can others obtain the code that trains or runs the model?")
    url: Annotated[
        Item[str],
        Link(
            near=("code", "source code", "implementation", "repository"),
            hosts=("github.com", "gitlab.com", "bitbucket.org"),
        ),
        RELEASED,
    ] = Field(title="URL", description="At which URL is it? A link behind words counts like a printed one.")
    licence: Annotated[Coded[Licence], Near(("licen*", "terms", "code")), RELEASED] = Field(
        title="Licence", description="Under which licence is it released?"
    )


class Weights(Group):
    """Whether the pre-trained model itself is released."""

    availability: Annotated[
        Coded[Availability], Near(("weights", "checkpoint*", "pre-trained model", "trained model"))
    ] = Field(title="Availability", description="Can others obtain the weights of the pre-trained model?")
    url: Annotated[
        Item[str],
        Link(
            near=("weights", "checkpoint*", "pre-trained model", "trained model"),
            hosts=("huggingface.co", "zenodo.org"),
        ),
        RELEASED,
    ] = Field(title="URL", description="At which URL are the weights?")
    licence: Annotated[Coded[Licence], Near(("licen*", "terms", "weights", "checkpoint*")), RELEASED] = Field(
        title="Licence", description="Under which licence are the weights released?"
    )


class Data(Group):
    """Whether the data is released."""

    availability: Annotated[
        Coded[Availability], Near(("data", "data availability", "recordings", "data set*", "dataset*"))
    ] = Field(
        title="Availability",
        description=(
            "Can others obtain the ECGs on which the model was pre-trained? partly: some of them are openly_available, the "
            "rest is not. Else the data set that is hardest to get decides."
        ),
    )
    url: Annotated[
        Item[str],
        Link(near=("data", "data set*", "dataset*", "recordings"), hosts=("physionet.org", "zenodo.org")),
        RELEASED,
    ] = Field(title="URL", description="At which URL is that data, and not an article about it?")
    licence: Annotated[Coded[Licence], Near(("licen*", "terms", "data", "agreement")), RELEASED] = Field(
        title="Licence", description="Under which licence or agreement is that data released?"
    )


class Reproducibility(Group):
    """What others need in order to repeat the work."""

    code: Code = Field(title="Code", description="The program that trains or runs the model.")
    weights: Weights = Field(title="Weights", description="The pre-trained model itself.")
    data: Data = Field(title="Data", description="The data of the pre-training.")
    training_details: Annotated[
        Coded[list[TrainingDetail]], Near(("optimi*", "learning rate", "batch*", "epochs", "steps", "weight decay"))
    ] = Field(
        title="Settings of the training",
        description=(
            "Which of these settings of the pre-training does the report state with a name or number, in text, tables or "
            "captions, for it or for all training? regularisation: weight decay, dropout or early stopping. Other settings, such as a temperature, "
            "are not asked for, and never `other`."
        ),
    )
    repeated_runs: Annotated[
        Item[int], Quantity({"": 1.0}, near=("seed", "seeds", "random seed*", "repeated", "runs", "repetitions"))
    ] = Field(
        title="Repeated runs",
        description=(
            "How often was an experiment with this model run, if more than once (a count; the largest)? Not folds, not "
            "bootstrap samples, and not the number that a generator was set to."
        ),
    )
    runs_differ_by: Annotated[Coded[list[RunsDiffer]], Near(("seed*", "splits", "runs", "repeated"))] = Field(
        title="Runs differ by",
        description=(
            "In what do these runs differ? seed: the random start. drawn_data: which data were drawn. "
            "not_applicable if nothing was repeated."
        ),
    )


class Model(Group):
    """One model that the study develops."""

    identity: Identity = Field(title="Identity", description="What the model is.")
    pretraining: Pretraining = Field(
        title="Pre-training",
        description=(
            "How it is pre-trained on ECGs: trained on them before, and apart from, the training for a task. A model that "
            "was trained on images or text, is then trained on ECGs once and used as it is, has that one training as its "
            "pre-training, whatever the report calls it; what came before it is none."
        ),
    )
    adaptation: Adaptation = Field(title="Adaptation", description="How it is put to downstream tasks.")
    evaluation: Evaluation = Field(title="Evaluation", description="How well it does, and against what.")
    reproducibility: Reproducibility = Field(
        title="Reproducibility",
        description=(
            "What others need in order to repeat the work. Availability is openly_available: to anyone. "
            "after_registration: to anyone who registers, takes a course or signs an agreement. on_request: somebody "
            "decides on each request or application. promised: it is to come. not_available: the report says that it "
            "cannot be had."
        ),
    )


class Form(Group):
    """What is extracted from a study, and of each model that it develops.

    Everything is answered from the report and its supplement. Where the abstract contradicts the body, the body counts;
    the title of a reference is no answer. Texts are the report's words, as few as say it. An item that another decides is
    not_reported where that one is.
    """

    study: Study = Field(title="Study", description="The study as a whole.")
    models: list[Model] = Field(
        title="Models",
        description=(
            "One entry for each model that the authors pre-train on ECGs and present as their own method, and for each "
            "further named size or version of it with results; in the order in which the text introduces them. No "
            "entries: ablations (the method with a part such as a loss, an augmentation or an input left out or "
            "exchanged, and sizes whose figures stand only in what the report calls an ablation), and methods of others, "
            "also if trained again; but those are the entries of a study that has no method of its own."
        ),
    )
