"""The forms of Setup: which values of review.yaml, of the sources and of form.yaml they know, and how they are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage
from ..core.yamlfile import Path_
from ..protocol import Review, models_of_server
from .yaml_fields import Part, YamlField, YamlRows

Choices = Sequence[tuple[str, str]]
WORKFLOWS: Choices = (
    ("", "as written below"),
    ("two_people", "two people, each without seeing the other"),
    ("person_and_machine", "one person, and a machine as second reviewer"),
    ("two_models", "two models suggest, people decide"),
    ("machine_with_gate", "a machine judges first, with a gate"),
)
SHOWN: Choices = (("", "as usual at this stage"), ("never", "never"), ("after", "after their own judgement"))
QUEUES: Choices = (
    ("random", "in random order"),
    ("given", "in the order of the import"),
    ("ranked", "likeliest first, by a machine"),
    ("learned", "likeliest first, learning from every label"),
)
KINDS: Choices = tuple(
    (kind, kind.replace("_", " "))
    for kind in ("database", "register", "citation_searching", "website", "organisation", "repository")
)
TYPES: Choices = (
    ("text", "text"),
    ("text_list", "several texts"),
    ("number", "number"),
    ("count", "whole number"),
    ("boolean", "yes or no"),
    ("code", "one of a list"),
    ("code_list", "some of a list"),
    ("url", "address (URL)"),
)


@dataclass(frozen=True)
class SetupSection:
    """A part of a page under one heading."""

    title: str
    parts: Sequence[Part]
    help: str = ""


@dataclass(frozen=True, eq=False)
class SetupPage:
    """A page of Setup: a part of one file."""

    id: str
    href: str
    name: str
    file: str
    base: Path_
    sections: Sequence[SetupSection]

    @property
    def parts(self) -> Sequence[Part]:
        """Return all fields of the page."""
        return [part for section in self.sections for part in section.parts]


def setup_pages(review: Review) -> list[SetupPage]:
    """Return the pages of a review, by the stages that it has."""
    stages = [
        SetupPage(
            stage.value,
            f"/setup/{stage.value}",
            stage.label,
            "review.yaml",
            ("stages", stage.value),
            _stage(review, stage),
        )
        for stage in review.protocol.stages
    ]
    sources = review.protocol.sources or "sources.yaml"
    return [
        SetupPage("review", "/setup", "The review", "review.yaml", (), _review(review)),
        *stages,
        SetupPage("sources", "/setup/sources", "Sources", sources, (), SOURCES),
    ]


def form_page(file: str) -> SetupPage:
    """Return the page of an extraction form."""
    return SetupPage("form", "/form", "Form", file, (), _FORM)


def _review(review: Review) -> Sequence[SetupSection]:
    models = models_of_server()
    model = YamlField("model", "Model", help="provider:name, such as openai:gpt-5-mini")
    address = YamlField("base_url", "Address", help="only for a server of your own, such as http://127.0.0.1:11434/v1")
    if models is not None:
        model = YamlField("model", "Model", "choice", choices=[("", "choose"), *((name, name) for name in models)])
    kinds = [("Add a chat model", {"kind": "chat", "model": ""}), ("Add the small engine", {"kind": "embedded"})]
    return [
        SetupSection(
            "The review",
            [
                YamlField("title", "Title"),
                YamlField("questions", "Questions, one a line", "lines"),
                YamlField("open_questions", "Left open, one a line", "lines", "What the protocol leaves undecided, for all to see."),
                YamlField("funding", "Funding", "text", "Who paid, and what part they had; for the report."),
                YamlField("competing_interests", "Competing interests", "text", "For the report."),
            ],
        ),
        *_registration(review),
        SetupSection(
            "Machine reviewers",
            [
                YamlRows(
                    "reviewers", "Machine reviewers", "reviewer",
                    [model] if models is not None else [model, address],
                    keyed=True, name_first=True, new=kinds if models is None or models else kinds[1:], key_from="model",
                    shows=lambda start: ("model", "base_url") if start.get("kind") == "chat" else (),
                )
            ],
            "Who of them decides is said at each stage. Keys are never written here."
            + ("" if models is None else " Models are those that the administrator of this server has set up."),
        ),
    ]  # fmt: skip


def _registration(review: Review) -> Sequence[SetupSection]:
    """Return the fields of the registration; one in words is left to the file."""
    registration = review.written.registration
    if registration is not None and registration.statement:
        return ()
    fields = [
        YamlField("registration.registry", "Register", help="such as PROSPERO or OSF"),
        YamlField("registration.number", "Number there"),
        YamlField("registration.date", "Day", help="such as 2024-03-01"),
        YamlField("registration.protocol", "Protocol", help="an address (https://…) or a DOI"),
    ]
    return (SetupSection("Registration", fields, "Where the review is registered; for the report."),)


def _stage(review: Review, stage: Stage) -> Sequence[SetupSection]:
    question = YamlField("question", "What is asked of every record", "text")
    sections = [SetupSection(stage.label, [question])]
    if stage is not Stage.EXTRACTION:
        sections[0] = SetupSection(stage.label, [question, _criteria(review, stage)])
    return [*sections, SetupSection("Who decides", _deciding(review, stage))]


def _criteria(review: Review, stage: Stage) -> YamlRows:
    names = [criterion.id for criterion in review.stage(stage).questions]
    presupposes = [("", "always"), *((name, f"unless “{name}” is no") for name in names)]
    fields: list[Part] = [
        YamlField("id", "Name in files", fixed=True, more=True, help="lower-case letters, digits and _; made for you if left empty"),
        YamlField("label", "Short label", help="of the reason for an exclusion: people read “not …”"),
        YamlField("question", "Question", "text", "Phrased so that yes means eligible."),
        YamlField("met_when", "Yes, when", "text", "What counts as yes, in plain sentences."),
        YamlField("not_met_when", "No, when", "text", "What counts as no, above all what is easily confused with yes."),
        YamlField(
            "silence", "If the text says nothing", "choice", default="unclear",
            choices=[("unclear", "unclear"), ("no", "no: an eligible study would say it")],
        ),
        YamlField(
            "quote", "Quote for a machine’s yes", "choice", default="optional",
            choices=[("optional", "optional"), ("required", "required")],
        ),
        YamlField("applies_if", "Asked", "choice", choices=presupposes),
        YamlField("cues.supports", "Words for yes", "words", "* stands for any ending"),
        YamlField("cues.suggests", "Words that make yes possible", "words"),
        YamlField("cues.contradicts", "Words for no", "words"),
        YamlField("years", "First and last year", "numbers"),
        YamlField("languages", "Languages", "words"),
        YamlField("venues", "Venues", "words"),
    ]  # fmt: skip
    return YamlRows(
        "criteria", "Criteria", "criterion", fields,
        "In the order in which the reason for an exclusion is reported: the first that is not met.",
        new=[
            ("Add a question", {"id": "", "question": ""}),
            ("Add a rule on years", {"id": "", "kind": "rule", "question": "", "years": ["", ""]}),
            ("Add a rule on languages", {"id": "", "kind": "rule", "question": "", "languages": []}),
        ],
        title=("label", "question"), subtitle="question", shows=_of_criterion, key_from="label",
    )  # fmt: skip


def _of_criterion(start: Mapping[str, Any]) -> Sequence[str]:
    if start.get("kind") == "rule":
        return ["id", "label", "question", *(key for key in ("years", "languages", "venues") if key in start)]
    cues = ("cues.supports", "cues.suggests", "cues.contradicts")
    return ("id", "label", "question", "met_when", "not_met_when", "silence", "quote", "applies_if", *cues)


def _deciding(review: Review, stage: Stage) -> list[Part]:
    machines = [("", "none"), *((name, name) for name in review.protocol.reviewers)]
    parts: list[Part] = [
        YamlField("decided_by.humans", "People a record", "number", default="2"),
        YamlField("decided_by.machine", "Machine", "choice", choices=machines),
        YamlField("decided_by.resolvers", "Who may resolve conflicts", "words", "names; nobody named: anybody"),
    ]
    if stage is Stage.EXTRACTION:
        second = YamlField(
            "decided_by.second", "Second machine", "choice", "The form shows where the two differ.", machines
        )
        shown = YamlField(
            "show_machine", "People see the machine’s answers", "choice", choices=(*SHOWN, ("before", "from the start"))
        )
        return [
            *parts[:2],
            second,
            parts[2],
            shown,
            YamlField("queue", "People are given records", "choice", choices=QUEUES[:3], default="random"),
        ]
    parts.insert(0, YamlField("workflow", "Way to work", "choice", choices=WORKFLOWS))
    parts += [
        YamlField("show_machine", "People see the machine’s answers", "choice", choices=SHOWN),
        YamlField("queue", "People are given records", "choice", choices=QUEUES, default="random"),
        YamlField("gate.recall_low", "Gate: least recall", "number", "The lower bound that the machine must reach on gold, such as 0.95; empty: no gate, its exclusions are only suggested.", more=True),
        YamlField("gate.confidence", "Gate: confidence", "number", more=True),
    ]  # fmt: skip
    if stage is Stage.ABSTRACT:
        rules = [("", "none"), ("buscar", "buscar"), ("safe", "safe")]
        parts += [
            YamlField(
                "stopping.rule",
                "When to stop: rule",
                "choice",
                "For an order with the likeliest first.",
                rules,
                more=True,
            ),
            YamlField("stopping.target", "When to stop: recall", "number", more=True),
            YamlField("stopping.sample", "When to stop: size of the sample", "number", more=True),
        ]
    return parts


_QUERY = [
    YamlField("name", "Name"),
    YamlField("query", "Search, as it was run", "text"),
    YamlField("reported", "Records it reported", "number"),
]
SOURCES: Sequence[SetupSection] = [
    SetupSection(
        "Sources",
        [
            YamlRows(
                "sources", "Sources", "source",
                [
                    YamlField("name", "Name", help="as the imported files carry it"),
                    YamlField("kind", "Kind", "choice", choices=KINDS, default="database"),
                    YamlField("database", "Asked by the program as", help="such as pubmed, where the name does not say it", more=True),
                    YamlField("searched", "Day of the search", help="2025-10-01"),
                    YamlField("limits", "Limits beside the query", more=True),
                    YamlField("peer_review", "Who reviewed the search", more=True),
                    YamlField("reported", "Records reported in all", "number", more=True),
                    YamlRows("queries", "Queries", "query", _QUERY, new=[("Add a query", {"name": "", "query": ""})], title=("name",)),
                ],
                "Every source that was searched, with its searches word for word; the report prints them.",
                new=[("Add a source", {"name": ""})], title=("name",),
            )
        ],
    )
]  # fmt: skip


def _entry_fields() -> Sequence[Part]:
    inner: Sequence[tuple[str, Mapping[str, Any]]] = (
        ("Add a group", {"help": "", "items": {}}),
        ("Add a list", {"help": "", "each": {}}),
    )
    asked: Sequence[tuple[str, Mapping[str, Any]]] = (("Add a question", {"help": "", "type": "text"}),)
    new = [*asked, *inner]
    return [
        YamlField("label", "Label", help="what people read; made from the name if left empty"),
        YamlField("help", "Question, or what it is", "text", "The whole of what a reviewer is told."),
        YamlField("about", "More on what one of them is", "text", more=True),
        YamlField("type", "Answer", "choice", choices=TYPES),
        YamlField("codes", "List of answers", "codes", "The name of a list, or one answer a line: answer = words that papers use, …"),
        YamlField("near", "Words near the answer", "words", more=True),
        YamlField("units", "Units", "pairs", "unit = factor, one a line; “= 1” for a bare number", more=True),
        YamlField("beside", "Words in the same sentence", "words", more=True),
        YamlField("hosts", "Hosts of the address", "words", more=True),
        YamlField("applies_if", "Asked only if", "codes", "other item = answers, …", more=True),
        YamlField("derived", "Follows from other answers", "lines", "rules, one a line: high if any of a, b is no", more=True),
        YamlField("key", "Tells the entries of a list apart", "tick", more=True),
        YamlRows("items", "Questions", "question", _entry_fields, keyed=True, new=new, title=("label",), subtitle="help", shows=_of_entry, key_from="help"),
        YamlRows("each", "Of each one", "question", _entry_fields, keyed=True, new=new, title=("label",), subtitle="help", shows=_of_entry, key_from="help"),
    ]  # fmt: skip


def _of_entry(start: Mapping[str, Any]) -> Sequence[str]:
    for inner in ("items", "each"):
        if inner in start:
            return ("label", "help", "about", inner)
    rest = ("near", "units", "beside", "hosts", "applies_if", "derived", "key")
    return ("label", "help", "type", "codes", *rest)


_FORM = [
    SetupSection(
        "The form",
        [
            YamlField("guide", "What holds for the whole form", "text"),
            YamlField("note", "Note beside each heading", help="such as “own, unvalidated”"),
            YamlRows(
                "form", "Parts", "part", _entry_fields, "A group is asked once a study, a list for each of its entries: each arm, each result.",
                keyed=True, new=[("Add a group", {"help": "", "items": {}}), ("Add a list", {"help": "", "each": {}})],
                title=("label",), subtitle="help", shows=_of_entry, key_from="help",
            ),
        ],
    ),
    SetupSection(
        "Lists of answers",
        [
            YamlRows(
                "vocabularies", "Lists of answers", "list",
                [
                    YamlField("about", "What it is a list of"),
                    YamlField("codes", "Answers", "codes", "One a line: answer = words that papers use, …"),
                ],
                keyed=True, name_first=True, new=[("Add a list of answers", {"codes": {}})], key_from="about",
            )
        ],
    ),
]  # fmt: skip
