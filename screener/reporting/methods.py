"""A methods paragraph in plain English, with the figures that exist in their places. What does not exist is not said."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import wording as w
from .flow import MERGED, UNREADABLE


def methods(document: Mapping[str, Any]) -> list[str]:
    """The paragraphs, from the figures document alone."""
    return [one for one in (_records(document), *_stages(document), _extraction(document), _program(document)) if one]


def _records(document: Mapping[str, Any]) -> str:
    boxes = {box["id"]: box for box in document["flow"]["boxes"]}
    found = boxes["identified"]["count"]
    if not found:
        return "No records have been imported yet."
    sources = [one for one in document["searches"]["sources"] if one["received"]]
    told = [
        f"{one['name']} (searched {one['searched']}; {w.plural(one['received'], 'row')})"
        if one["searched"]
        else f"{one['name']} ({w.plural(one['received'], 'row')})"
        for one in sources
    ]
    removed = {part["label"]: part["count"] for part in boxes["removed"]["parts"]}
    merged, unreadable = removed.pop(MERGED, 0), removed.pop(UNREADABLE, 0)
    text = f"{w.plural(found, 'record')} came from {w.listed(told)}"
    text += f", {w.plural(unreadable, 'row')} that could not be read among them." if unreadable else "."
    if merged:
        text += (
            f" {w.plural(merged, 'duplicate was', 'duplicates were')} merged {_by_whom(document['searches']['links'])}."
        )
    if by_rule := sum(removed.values()):
        text += (
            f" {w.plural(by_rule, 'record was', 'records were')} excluded before screening by rules on their fields."
        )
    return text + ("" if document["flow"]["adds_up"] else " The flow of records does not add up; see the flow diagram.")


def _by_whom(links: Sequence[Mapping[str, Any]]) -> str:
    """Who found the duplicates: the program, people, or both."""
    merges = [one for one in links if one["kind"] == "duplicate"]
    by_hand = sum(one["count"] for one in merges if one["who"] != "screener")
    if not by_hand:
        return "by the program"
    found = "by people" if by_hand == sum(one["count"] for one in merges) else "by the program and by people"
    return f"{found} ({w.plural(by_hand, 'link')} by hand)"


_BOXES = {"abstract": "screened", "fulltext": "sought"}
"""The box of the flow that counts what came to a stage, in its unit."""


def _stages(document: Mapping[str, Any]) -> list[str]:
    told = []
    boxes = {box["id"]: box for box in document["flow"]["boxes"]}
    for stage in document["review"]["stages"]:
        name = stage["stage"]
        state = document["stages"][name]
        if name == "extraction" or not state["reviewers"]:
            continue
        box = boxes[_BOXES[name]]
        unit = box["unit"].removesuffix("s")
        text = f"{w.plural(box['count'], unit)} reached {w.stage(name)}, with {_criteria(stage)}. "
        text += _who(stage, state, document["review"]["reviewers"], unit)
        text += _accuracy(stage, state, unit) + _lost(state, unit)
        told.append(text + _humans(state))
    return told


def _criteria(stage: Mapping[str, Any]) -> str:
    rules = sum(one["kind"] == "rule" for one in stage["criteria"])
    text = w.plural(len(stage["criteria"]), "eligibility criterion", "eligibility criteria")
    return text + (f", {rules} of them decided by a rule on the record’s fields" if rules else "")


def _who(stage: Mapping[str, Any], state: Mapping[str, Any], specs: Mapping[str, Any], unit: str) -> str:
    humans = [name for name, role in state["reviewers"].items() if role == "human"]
    machines = [name for name, role in state["reviewers"].items() if role == "machine"]
    text = f"By the protocol a {unit} is decided {w.decided(stage['humans'], stage['machine'])}. "
    text += f"Human reviewers: {w.listed(humans)}. " if humans else ""
    text += f"{w.listed(state['adjudicators'])} adjudicated conflicts. " if state["adjudicators"] else ""
    text += "" if humans or state["adjudicators"] else "No human has judged yet. "
    for name in machines:
        spec = specs.get(name, {})
        what = spec.get("model") or {"embedded": "the embedded sentence model"}.get(spec.get("kind", ""), "")
        text += (
            f"The machine reviewer {name}{f' ({what})' if what else ''} also judged; "
            if name == stage["machine"]
            else ""
        )
    if stage["machine"] in machines:
        text += _excludes(state["gate"])
    return text


def _excludes(gate: Mapping[str, Any] | None) -> str:
    """What becomes of a machine's exclusions, by its gate."""
    if gate and gate["open"]:
        return (
            f"its gate is open ({gate['why']}; checked {w.plural(gate['looks'], 'time')}), so its exclusions "
            f"{'within that frame ' if gate['outside'] else ''}are final unless humans decide otherwise. "
        )
    return "its exclusions were suggestions, final only where humans decided so. "


def _accuracy(stage: Mapping[str, Any], state: Mapping[str, Any], unit: str) -> str:
    """How the machine that works at the stage does; nothing of anybody else, who decides nothing alone."""
    one = next((each for each in state["accuracy"] if each["evaluation"]["reviewer"] == stage["machine"]), None)
    if one is None:
        return ""
    said, estimates, provisional = one["evaluation"], one["estimates"], one["provisional"]
    called = "provisional labels that no human has confirmed" if provisional else "labels that humans set"
    text = (
        f"Against {called} ({w.plural(said['n'], unit)} of the split {said['split']}, "
        f"{one['relevant']:,} of them eligible), {said['reviewer']} had a recall of "
        f"{w.estimate(estimates['recall'], provisional, said['weighted'])} and a specificity of "
        f"{w.estimate(estimates['specificity'], provisional, said['weighted'])}; it missed {w.plural(said['fn'], unit)}. "
    )
    if said["weighted"]:
        text += (
            f"The sample was stratified: each {unit} is weighted by the inverse of its chance of being drawn, and the "
            "intervals are bootstraps within strata, for a share of 0 or 1 Wilson’s on the effective number. "
        )
    if said["reference_drawn"] == "chosen":
        text += f"These labels were chosen, not drawn at random, so the figures are descriptive of these {unit}s only. "
    if provisional:
        text += "Figures against provisional labels are no evidence of accuracy. "
    return text


def _lost(state: Mapping[str, Any], unit: str) -> str:
    """What an audit of the exclusions says of what was lost."""
    audit = state["elusion"]
    if audit is None:
        return ""
    drawn = f"Of {w.plural(audit['frame'], unit)} excluded without a human, {audit['n']:,} were drawn at random"
    if audit["why"]:
        return f"{drawn} for people to check; {_checked(audit)}{audit['why']}. "
    return f"{drawn} and checked by people, and {w.plural(audit['hits'], 'was', 'were')} found eligible. {audit['sentence']} "


def _checked(audit: Mapping[str, Any]) -> str:
    """How far people have got with a sample, where it can be told."""
    done = audit.get("labelled")
    return "" if done is None else f"{done:,} of them {'is' if done == 1 else 'are'} decided so far, and "


def _humans(state: Mapping[str, Any]) -> str:
    humans = [name for name, role in state["reviewers"].items() if role == "human"]
    together = state["agreement"]["humans"]
    if together and len(together["reviewers"]) > 2:
        # One pair of several would be picked by its names; all of them at once are told by α.
        alpha = w.estimate(together["decision"]["estimates"]["alpha"])
        return f"{w.listed(together['reviewers'])} agreed with Krippendorff’s α = {alpha}. "
    for pair in state["agreement"]["pairs"]:
        if pair["first"] in humans and pair["second"] in humans:
            kappa = w.estimate(pair["estimates"]["kappa"])
            return f"{pair['first']} and {pair['second']} agreed with κ = {kappa}. "
    return ""


def _extraction(document: Mapping[str, Any]) -> str:
    found = document["extraction"]
    if not found or found["problem"]:
        return ""
    items = found["items"]
    reported = sum(item["status"]["reported"] for item in items)
    total = sum(item["n"] for item in items)
    text = (
        f"Data were extracted from {w.plural(len(found['studies']), 'study', 'studies')} into a form of "
        f"{w.plural(sum(item['kind'] != 'list' for item in items), 'item')}: {reported:,} of {total:,} answers give a value, each with a quote. "
    )
    if found["suggested"]:
        text += f"The extractions of {w.plural(found['suggested'], 'study', 'studies')} are a machine’s suggestions that no human has confirmed. "
    return text


def _program(document: Mapping[str, Any]) -> str:
    spent = sum(one["cost_known"] for one in document["effort"]["machines"])
    text = f"The work was done with screener {document['screener']}, which records every judgement in an append-only ledger."
    calls = sum(one["calls"] for one in document["effort"]["machines"])
    if calls:
        text += f" {w.plural(calls, 'call was', 'calls were')} sent to language models, costing ${spent:,.2f} as far as prices are known."
    return text
