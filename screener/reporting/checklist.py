"""The PRISMA-trAIce checklist, filled from the ledger as far as it goes; what only a person can say is marked so.

Numbers, levels and topics are those of the list that its authors keep at github.com/cqh4046/PRISMA-trAIce (17 items, read
in November 2026); the words are ours. The list in the article (Holst et al. 2025, JMIR AI, doi:10.2196/80247) was not
compared with it, and the authors call it a living guideline: `CHECKED` says so on the page. What we add because a
reader of machine judgements needs it has no number.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..protocol import TRIED
from . import wording as w
from .flow import BY_RULE

NAME = "PRISMA-trAIce"
CHECKED = (
    "Item numbers, levels and topics were compared with the list that its authors keep at "
    "github.com/cqh4046/PRISMA-trAIce, as read in November 2026, not with the list printed in the article (Holst et al. "
    "2025, doi:10.2196/80247). The words are ours; authors must fill in the published form. Lines without a number are "
    "no part of it."
)
MANDATORY, HIGHLY, RECOMMENDED, OPTIONAL = "mandatory", "highly recommended", "recommended", "optional"


@dataclass(frozen=True)
class ChecklistItem:
    """One topic. `filled` is what the ledger says; `person` is what a person must still write, empty if nothing.

    `id` and `level` are those of PRISMA-trAIce, empty for what we add.
    """

    id: str
    level: str
    section: str
    topic: str
    filled: str
    person: str = ""


def checklist(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the items in the order of a paper, from the figures document alone."""
    return [
        asdict(item) for part in (_front, _tools, _checks, _results, _discussion, _added) for item in part(document)
    ]


def _front(document: Mapping[str, Any]) -> list[ChecklistItem]:
    used = _machines(document)
    machines = f"Machine reviewers that judged: {w.listed(used)}." if used else "No machine reviewer was used."
    return [
        ChecklistItem("T1", OPTIONAL, "Title", "AI use named in the title, where it was substantial", machines,
             "The title."),
        ChecklistItem("A1", OPTIONAL, "Abstract", "Which tools, at which stages, in which role", _roles(document) or machines,
             "One sentence of the abstract."),
        ChecklistItem("I1", RECOMMENDED, "Introduction", "Why AI was used for these tasks", "",
             "The reason, and what would have been done without it."),
    ]  # fmt: skip


_NO_MACHINE = "No machine was used."


def _tools(document: Mapping[str, Any]) -> list[ChecklistItem]:
    items = _of_tools(document)
    if _machines(document):
        return items
    # What a tool was given, gave back and cannot do is not said of none.
    return [item if item.id == "M1" else replace(item, filled=_NO_MACHINE, person="") for item in items]


def _of_tools(document: Mapping[str, Any]) -> list[ChecklistItem]:
    files = len(document["reproduction"]["files"])
    return [
        ChecklistItem("M1", MANDATORY, "Methods", "Whether the protocol planned AI use, where it is registered, what was changed",
             f"Protocol: prompts/review.yaml, “{document['review']['title']}”, with its hash under “How to reproduce”. "
             f"{_versions(document)}", "Registration, whether AI use was planned in it, and why it was changed."),
        ChecklistItem("M2", MANDATORY, "Methods", "Each tool: name, version, who makes it, how to get it", _identity(document),
             "Provider, access route and licence of commercial services, if the names do not tell."),
        ChecklistItem("M3", MANDATORY, "Methods", "Stage and task of each tool", _tasks(document)),
        ChecklistItem("M4", MANDATORY, "Methods", "Input of the tool, and training data",
             "Title, abstract, year, venue, type and keywords of each record; from full text on the passages of the attached "
             "documents. "
             f"{_fitted(document)}"),
        ChecklistItem("M5", MANDATORY, "Methods", "Output of the tool, and how it was processed",
             "For each criterion yes, no or unclear with a reason and a quote, or a probability; at extraction a value or "
             "its absence, with a quote, for each item of the form. The program looks every quote up in the text: an "
             "answer whose quote is not found counts as unclear. A no without a quote is silence, and excludes only where "
             "the protocol takes silence for a no. A criterion that presupposes one answered no is not asked. The decision "
             "follows from the answers: any no excludes, all yes includes, anything else stays in as unclear."),
        ChecklistItem("M6", MANDATORY, "Methods", "For language models: full prompts, parameters, how they were developed",
             f"{files} files in prompts/ and gold/ are listed with their hashes; each rendered prompt can be made again from "
             f"the ledger. {_calls(document)}", "How the prompts were developed and refined, and on which records."),
        ChecklistItem("M7", HIGHLY, "Methods", "For other tools: algorithm and settings", _settings(document)),
    ]  # fmt: skip


def _checks(document: Mapping[str, Any]) -> list[ChecklistItem]:
    return [
        ChecklistItem("M8", MANDATORY, "Methods", "Human involvement: how many, how they checked, how conflicts were resolved",
             f"{_together(document)} {_people(document)}",
             "Who they were, and how they were trained."),
        ChecklistItem("M9", MANDATORY, "Methods", "How performance was assessed: reference standard, measures, bias",
             f"{_gold(document)} Measures and intervals: see “Accuracy against gold”; "
             "screener evaluate --by source, year, language or has_abstract shows groups with worse results.",
             "Who labelled and how the records were drawn, if gold/README.md does not say; bias that was looked for."),
        ChecklistItem("M10", RECOMMENDED, "Methods", "Data: storage, privacy, copyright, terms of use", _stored(document),
             "Whether texts under licence were sent to a service, and under which terms."),
    ]  # fmt: skip


def _results(document: Mapping[str, Any]) -> list[ChecklistItem]:
    flow = {box["id"]: box for box in document["flow"]["boxes"]}
    excluded = flow.get("excluded")
    parts = {part["label"]: part["count"] for part in excluded["parts"]} if excluded else {}
    waiting = sum(w.in_all(flow, name) for name in ("undecided", "awaiting", "unclassified"))
    text = "; ".join(f"{label.lower()} {count:,}" for label, count in parts.items())
    removed = [
        part for name in ("removed", "other_removed", "via_removed") if name in flow for part in flow[name]["parts"]
    ]
    by_rule = sum(part["count"] for part in removed if part["label"].startswith(BY_RULE))
    text = f"Excluded before screening by rules on the records’ fields: {by_rule:,}. Excluded at titles and abstracts: {text}. Awaiting a decision: {waiting:,}. The flow diagram separates them."
    if not document["flow"]["adds_up"]:
        text += " The flow does not add up: see the red boxes."
    return [
        ChecklistItem("R1", MANDATORY, "Results", "Flow diagram that separates human and machine decisions", text),
        ChecklistItem("R2", MANDATORY, "Results", "Results of the assessment", _performance(document)),
    ]  # fmt: skip


def _discussion(document: Mapping[str, Any]) -> list[ChecklistItem]:
    effect = "How missed records, wrong inclusions and wrong values would affect the conclusions."
    limits, person = (_limits(document), effect) if _machines(document) else (_NO_MACHINE, "")
    return [
        ChecklistItem("D1", RECOMMENDED, "Discussion", "Limitations of the tools and their effect on the findings",
             limits, person),
        ChecklistItem("D2", OPTIONAL, "Discussion", "Experience: benefits, problems, work saved", _cost(document),
             "The experience, and the hours of human work, which the ledger does not record."),
    ]  # fmt: skip


def _added(document: Mapping[str, Any]) -> list[ChecklistItem]:
    errors = sum(row["count"] for row in document["effort"]["errors"])
    return [
        ChecklistItem("", "", "Added", "Errors, failures, stability between repeats",
             f"{w.plural(errors, 'error')} recorded. {_flips(document)}"),
        ChecklistItem("", "", "Added", "Availability of prompts, judgements and gold",
             "The review folder holds prompts and gold; the ledger holds every judgement, call and quote.",
             "Where these are deposited."),
        ChecklistItem("", "", "Added", "Competing interests and funding that concern the tools used", "",
             "Ties to providers, free credit, and AI use in writing the paper."),
    ]  # fmt: skip


def _machines(document: Mapping[str, Any]) -> list[str]:
    names = [
        name for state in document["stages"].values() for name, role in state["reviewers"].items() if role == "machine"
    ]
    return list(dict.fromkeys(names))


def _identity(document: Mapping[str, Any]) -> str:
    tools = []
    for name in _machines(document):
        spec = document["review"]["reviewers"].get(name, {})
        runs = [run for run in document["reproduction"]["runs"] if run["reviewer"] == name]
        snapshots = {
            model for row in document["effort"]["machines"] if row["reviewer"] == name for model in row["models"]
        }
        tools.append(
            f"{name}: kind {spec.get('kind', 'no longer in the protocol')}"
            + (f", model {spec['model']}" if spec.get("model") else "")
            + (f", answered by {w.listed(sorted(snapshots))}" if snapshots else "")
            + (f", fingerprint {runs[-1]['fingerprint']}" if runs and runs[-1].get("fingerprint") else "")
        )
    return f"screener {document['screener']}. {'; '.join(tools)}." if tools else ""


def _roles(document: Mapping[str, Any]) -> str:
    roles = [
        f"{w.stage(name)}: {w.listed(names)}"
        for name, state in document["stages"].items()
        if (names := [n for n, role in state["reviewers"].items() if role == "machine"])
    ]
    return f"{'; '.join(roles)}. A machine’s exclusion is only a suggestion unless its gate is open." if roles else ""


def _versions(document: Mapping[str, Any]) -> str:
    """Return whether a machine's instructions changed between its runs."""
    versions_of: dict[tuple[str, str], set[str]] = {}
    for run in document["reproduction"]["runs"]:
        if run.get("protocol") and TRIED not in run["reviewer"]:
            versions_of.setdefault((run["stage"], run["reviewer"]), set()).add(run["protocol"])
    changed = [
        f"{reviewer} at {w.stage(stage)} was run under {len(versions)} versions of its instructions"
        for (stage, reviewer), versions in versions_of.items()
        if len(versions) > 1
    ]
    if changed:
        return f"{'; '.join(changed)}; only judgements under the current one count."
    return "The machines' instructions were the same in all runs." if versions_of else ""


def _tasks(document: Mapping[str, Any]) -> str:
    roles = _roles(document)
    if not roles:
        return ""
    return f"{roles} At the screening stages a machine answers each criterion of each record; at extraction it fills the form."


def _fitted(document: Mapping[str, Any]) -> str:
    fitted = {run["reviewer"] for run in document["reproduction"]["runs"] if run.get("fit")}
    tuned = [f" At {w.stage(stage)} {tuning['sentence']}." for stage, tuning in document.get("tuning", {}).items()]
    if fitted:
        return (
            f"Fitted to human decisions of this review, gold test left out: {w.listed(sorted(fitted))}.{''.join(tuned)}"
        )
    return f"Nothing was trained or fine-tuned on this review.{''.join(tuned)}"


def _settings(document: Mapping[str, Any]) -> str:
    specs = document["review"]["reviewers"]
    settings = []
    for name in _machines(document):
        spec = specs.get(name, {})
        if spec.get("kind") == "embedded":
            settings.append(f"{name}: a small sentence model and the cue words of the protocol")
        elif spec.get("kind") == "ensemble":
            settings.append(
                f"{name}: {spec['rule']} of {w.listed(spec['members'])}"
                + (f", {spec['until']}" if spec["until"] else "")
            )
        elif spec.get("kind") == "probability":
            settings.append(f"{name}: a probability for each criterion from {spec['model']}")
    return f"{'; '.join(settings)}." if settings else "None was used."


def _people(document: Mapping[str, Any]) -> str:
    people = [
        f"{row['reviewer']} ({row['role']}) judged {w.plural(row['records'], 'record')} at {w.stage(row['stage'])}"
        for row in document["effort"]["humans"]
    ]
    return f"{'; '.join(people)}." if people else "No human has judged yet."


def _stored(document: Mapping[str, Any]) -> str:
    specs = document["review"]["reviewers"]
    sent = [f"{name} ({spec['model']})" for name in _machines(document) if (spec := specs.get(name, {})).get("model")]
    storage = "All texts, calls and judgements are kept in the review’s own ledger."
    return (
        f"{storage} Texts were sent to the services of {w.listed(sent)}."
        if sent
        else f"{storage} No text was sent to a service."
    )


def _calls(document: Mapping[str, Any]) -> str:
    calls = sum(row["calls"] for row in document["effort"]["machines"])
    if not calls:
        return "No calls were sent to a service; the embedded engine gives the same answer each time."
    return (f"{w.plural(calls, 'call')}; parameters, raw answers, attempts and tokens of each are in the ledger. An unusable "
            "answer is repaired once, then listed as an error; the record is not excluded.")  # fmt: skip


_SHOWN = {
    "never": "were blinded to it",
    "after": "saw its answers after their own judgement",
    "before": "saw its answers as suggestions",
}


def _together(document: Mapping[str, Any]) -> str:
    stages = []
    for stage in document["review"]["stages"]:
        workflow = stage.get("workflow")
        machine = f"; {stage['machine']} suggests" if stage["machine"] and not workflow else ""
        rule = w.decided(stage["humans"], stage["machine"], workflow)
        stages.append(f"{w.stage(stage['stage'])}: decided {rule}{machine}")
        if stage["machine"]:
            changes = document["stages"][stage["stage"]]["minds"]
            changed = (
                f", and changed theirs {changes['changed']:,} of {changes['answered']:,} times"
                if changes["answered"]
                else ""
            )
            stages[-1] += f", and people {_SHOWN[changes['shown']]}{changed}"
    return "; ".join(stages) + ". Conflicts wait for an adjudicator."


_DRAWN = {
    "random": "drawn at random",
    "stratified": "drawn at random within strata",
    "chosen": "chosen, so figures from them are descriptive",
}


def _gold(document: Mapping[str, Any]) -> str:
    gold = document["gold"]
    if gold is None:
        return "There is no gold set: nothing was checked."
    sizes = [
        f"{w.stage(name)}: {version['labels']} labels, version {version['version']}, {_DRAWN[version['drawn']]}"
        for name, version in gold["versions"].items()
    ]
    splits = {
        entry["evaluation"]["split"] for state in document["stages"].values() for entry in state.get("accuracy", ())
    }
    exception = ", of dev where no check of the test results is recorded" if "dev" in splits else ""
    called = "PROVISIONAL: no human has confirmed its labels" if gold["provisional"] else "labelled by humans"
    return f"Gold set {gold['name']} ({called}). {'; '.join(sizes)}. Figures are of the split test{exception}."


def _performance(document: Mapping[str, Any]) -> str:
    results = []
    for name, state in document["stages"].items():
        for entry in (entry for entry in state["accuracy"] if entry["role"] == "machine"):
            evaluation, provisional = entry["evaluation"], entry["provisional"]
            if name == "extraction":
                figures = [(key, entry["estimates"].get(key)) for key in ("micro_precision", "micro_recall")]
            else:
                figures = [(key, entry["estimates"].get(key)) for key in ("recall", "specificity", "precision")]
            listed = ", ".join(
                f"{w.metric(key).lower()} {w.estimate(x, provisional, evaluation.get('weighted', False))}"
                for key, x in figures
                if x
            )
            results.append(f"{w.stage(name)}, {evaluation['reviewer']}, n = {evaluation['n']:,}: {listed}")
    return "; ".join(results) + "." if results else "No figures: there is no reference to compare with."


def _flips(document: Mapping[str, Any]) -> str:
    flips = [
        f"{name} at {w.stage(stage)}: {stability['flipped']:,} of {stability['n']:,} decisions changed over {stability['repeats']} repeats"
        for stage, state in document["stages"].items()
        for name, stability in state["stability"].items()
    ]
    return "; ".join(flips) + "." if flips else "No machine was run twice, so stability is unknown."


def _cost(document: Mapping[str, Any]) -> str:
    rows = document["effort"]["machines"]
    costs = [
        f"{row['reviewer']} at {w.stage(row['stage'])}: {w.money(row)}, {w.duration(row['seconds'])}" for row in rows
    ]
    return "; ".join(costs) + "." if costs else ""


def _limits(document: Mapping[str, Any]) -> str:
    limits = []
    if document["gold"] is None:
        limits.append("There are no reference labels, so the machine’s errors are unknown.")
    elif document["gold"]["provisional"]:
        limits.append("The labels are provisional; agreement with them is no evidence of accuracy.")
    extraction = document["extraction"]
    if extraction and extraction.get("suggested"):
        limits.append(f"{w.plural(extraction['suggested'], 'extraction')} no human has confirmed.")
    return " ".join(limits)
