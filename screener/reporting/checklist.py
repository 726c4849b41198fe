"""What a paper must report of the machines it used, after PRISMA-trAIce, filled from the ledger as far as it goes.

The topics are those that PRISMA-trAIce and RAISE ask for, in our own words and order; they are not the published
checklists, which authors must still fill in. What only a person can say is marked so.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from . import wording as w

NAME = "after PRISMA-trAIce"


@dataclass(frozen=True)
class Item:
    """One topic. `filled` is what the ledger says; `person` is what a person must still write, empty if nothing."""

    section: str
    topic: str
    filled: str
    person: str = ""


def checklist(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """The items in the order of a paper, from the figures document alone."""
    return [asdict(item) for item in (*_front(document), *_methods(document), *_results(document), *_back(document))]


def _front(document: Mapping[str, Any]) -> list[Item]:
    used = _machines(document)
    said = f"Machine reviewers that judged: {w.listed(used)}." if used else "No machine has judged in this review."
    return [
        Item("Title and abstract", "Say that machines helped, and with what", said,
             "The words of title and abstract, where the help was substantial."),
        Item("Introduction", "Why machine help was chosen, and what was expected of it", "",
             "The reason, and what would have been done without it."),
        Item("Methods", "Protocol and registration", f"Protocol: prompts/review.yaml, “{document['review']['title']}”; "
             "its hash is under “How to reproduce”.", "Registration number, and whether machine help was planned in it."),
    ]  # fmt: skip


def _methods(document: Mapping[str, Any]) -> list[Item]:
    return [
        Item("Methods", "Each machine: name, version, provider, snapshot that answered", _identity(document),
             "Access route and licence of commercial services, if the names above do not tell."),
        Item("Methods", "At which step each machine worked, and its role there", _roles(document)),
        Item("Methods", "What the machine was given: prompts, criteria, examples, texts",
             f"{len(document['reproduction']['files'])} files in prompts/ and gold/, listed with their hashes; the texts were "
             "title and abstract, from full text on the attached documents. The rendered prompt of each call can be "
             "made again from the ledger."),
        Item("Methods", "Parameters as sent, repeats, and what was done with unusable answers", _calls(document)),
        Item("Methods", "How humans and machines decide together", _together(document),
             "Who the humans were, and how they were trained."),
        Item("Methods", "How the machine’s work was checked: reference labels and measures", _gold(document),
             "How the labelled records were drawn, and by whom they were labelled, if gold/README.md does not say."),
        Item("Methods", "Data protection, copyright and terms of use", "",
             "Whether texts under licence were sent to a service, and under which terms."),
    ]  # fmt: skip


def _results(document: Mapping[str, Any]) -> list[Item]:
    flow = {box["id"]: box for box in document["flow"]["boxes"]}
    excluded = flow.get("excluded")
    parts = {part["label"]: part["count"] for part in excluded["parts"]} if excluded else {}
    waiting = sum(flow[name]["count"] for name in ("undecided", "awaiting") if name in flow)
    told = "; ".join(f"{label.lower()} {count:,}" for label, count in parts.items())
    told = f"Excluded at title and abstract: {told}. Awaiting a decision: {waiting:,}."
    if not document["flow"]["adds_up"]:
        told += " The flow does not add up: see the red boxes."
    errors = sum(one["count"] for one in document["effort"]["errors"])
    return [
        Item("Results", "Flow of records, what humans and what machines excluded", told),
        Item("Results", "Performance of each machine, with intervals and denominators", _performance(document)),
        Item("Results", "Errors, failures, flips between repeats", f"{w.plural(errors, 'error')} recorded. {_flips(document)}"),
        Item("Results", "Cost and time", _cost(document), "Hours of human work, which the ledger does not measure."),
    ]  # fmt: skip


def _back(document: Mapping[str, Any]) -> list[Item]:
    return [
        Item("Discussion", "Limits of the machine help and what they mean for the findings", _limits(document),
             "What misses, false keeps and wrong values would change in the conclusions."),
        Item("Other", "Availability of prompts, code, judgements and gold",
             "The review folder holds prompts and gold; the ledger holds every judgement, call and quote.",
             "Where these are deposited."),
        Item("Other", "Interests and funding that concern the machines used", "",
             "Ties to providers, free credit, and machine help in writing the paper."),
    ]  # fmt: skip


def _machines(document: Mapping[str, Any]) -> list[str]:
    names = [
        name for state in document["stages"].values() for name, role in state["reviewers"].items() if role == "machine"
    ]
    return list(dict.fromkeys(names))


def _identity(document: Mapping[str, Any]) -> str:
    told = []
    for name in _machines(document):
        spec = document["review"]["reviewers"].get(name, {})
        runs = [run for run in document["reproduction"]["runs"] if run["reviewer"] == name]
        snapshots = {
            model for one in document["effort"]["machines"] if one["reviewer"] == name for model in one["models"]
        }
        told.append(
            f"{name}: kind {spec.get('kind', 'no longer in the protocol')}"
            + (f", model {spec['model']}" if spec.get("model") else "")
            + (f", answered by {w.listed(sorted(snapshots))}" if snapshots else "")
            + (f", fingerprint {runs[-1]['fingerprint']}" if runs and runs[-1].get("fingerprint") else "")
        )
    return f"screener {document['screener']}. {'; '.join(told)}." if told else ""


def _roles(document: Mapping[str, Any]) -> str:
    told = [
        f"{w.stage(name)}: {w.listed(names)}"
        for name, state in document["stages"].items()
        if (names := [n for n, role in state["reviewers"].items() if role == "machine"])
    ]
    return f"{'; '.join(told)}. A machine’s exclusion is a suggestion unless its gate is open." if told else ""


def _calls(document: Mapping[str, Any]) -> str:
    calls = sum(one["calls"] for one in document["effort"]["machines"])
    if not calls:
        return "No calls were sent to a service; the embedded engine gives the same answer each time."
    return (f"{w.plural(calls, 'call')}; parameters, raw answers, attempts and tokens of each are in the ledger. An unusable "
            "answer is repaired once, and then listed as an error; the record stays in.")  # fmt: skip


_SHOWN = {"never": "never", "after": "after their own judgement", "before": "as a proposal"}


def _together(document: Mapping[str, Any]) -> str:
    told = []
    for stage in document["review"]["stages"]:
        machine = f"; {stage['machine']} suggests" if stage["machine"] else ""
        told.append(f"{w.stage(stage['stage'])}: {w.plural(stage['humans'], 'human')} must agree{machine}")
        if stage["machine"]:
            minds = document["stages"][stage["stage"]]["minds"]
            changed = (
                f", and changed theirs {minds['changed']:,} of {minds['answered']:,} times" if minds["answered"] else ""
            )
            told[-1] += f", which people were shown {_SHOWN[minds['shown']]}{changed}"
    return "; ".join(told) + ". Conflicts wait for an adjudicator."


def _gold(document: Mapping[str, Any]) -> str:
    gold = document["gold"]
    if gold is None:
        return "There is no gold set: nothing was checked."
    sizes = [f"{name}: {one['labels']} labels, version {one['version']}" for name, one in gold["versions"].items()]
    called = (
        "PROVISIONAL: no human has confirmed its labels" if gold["status"] == "provisional" else "labelled by humans"
    )
    return f"Gold set {gold['name']} ({called}). {'; '.join(sizes)}. Figures are of the split test."


def _performance(document: Mapping[str, Any]) -> str:
    told = []
    for name, state in document["stages"].items():
        for one in state["accuracy"]:
            said, provisional = one["evaluation"], one["provisional"]
            if name == "extraction":
                figures = [(key, one["estimates"].get(key)) for key in ("micro_precision", "micro_recall")]
            else:
                figures = [(key, one["estimates"].get(key)) for key in ("recall", "specificity", "precision")]
            shown = ", ".join(f"{w.metric(key).lower()} {w.estimate(x, provisional)}" for key, x in figures if x)
            told.append(f"{w.stage(name)}, {said['reviewer']}, n = {said['n']:,}: {shown}")
    return "; ".join(told) + "." if told else "No figures: there is nothing to compare with."


def _flips(document: Mapping[str, Any]) -> str:
    told = [
        f"{name} at {w.stage(stage)}: {one['flipped']:,} of {one['n']:,} decisions flipped over {one['repeats']} repeats"
        for stage, state in document["stages"].items()
        for name, one in state["stability"].items()
    ]
    return "; ".join(told) + "." if told else "Nothing was asked twice, so flips are not known."


def _cost(document: Mapping[str, Any]) -> str:
    rows = document["effort"]["machines"]
    told = [
        f"{one['reviewer']} at {w.stage(one['stage'])}: {w.money(one)}, {w.duration(one['seconds'])}" for one in rows
    ]
    return "; ".join(told) + "." if told else ""


def _limits(document: Mapping[str, Any]) -> str:
    told = []
    if document["gold"] is None:
        told.append("No labels exist by which the machine’s errors could be known.")
    elif document["gold"]["provisional"]:
        told.append("The labels are provisional; agreement with them is no evidence of accuracy.")
    found = document["extraction"]
    if found and found.get("suggested"):
        told.append(f"{w.plural(found['suggested'], 'extraction')} no human has confirmed.")
    return " ".join(told)
