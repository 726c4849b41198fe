"""Write the methods paragraphs in plain English from the figures that exist. What does not exist is not mentioned."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import wording as w
from .flow import BY_RULE, MERGED, NO_CRITERION, NOTICES, UNREADABLE, VENUES


def methods(document: Mapping[str, Any]) -> list[str]:
    """Return the paragraphs, from the figures document alone."""
    return [
        paragraph
        for paragraph in (_records(document), *_stages(document), _extraction(document), _program(document))
        if paragraph
    ]


def _records(document: Mapping[str, Any]) -> str:
    boxes = {box["id"]: box for box in document["flow"]["boxes"]}
    columns = [boxes[name] for name in ("identified", "other_identified", "models") if name in boxes]
    count, total = boxes["identified"]["count"], sum(box["count"] for box in columns)
    if not total:
        return "No records have been imported yet."
    sources = document["searches"]["sources"]
    removed = {part["label"]: part["count"] for part in boxes["removed"]["parts"]}
    merged, unreadable = removed.pop(MERGED, 0), removed.pop(UNREADABLE, 0)
    text = (
        f"{w.plural(count, 'record')} came from {_from(boxes['identified'], sources)}"
        if count
        else "No record came from databases"
    )
    text += f", {w.plural(unreadable, 'row')} that could not be read among them." if unreadable else "."
    if merged:
        text += (
            f" {w.plural(merged, 'duplicate was', 'duplicates were')} merged {_by_whom(document['searches']['links'])}."
        )
    if by_rule := sum(count for label, count in removed.items() if label.startswith(BY_RULE)):
        text += (
            f" {w.plural(by_rule, 'record was', 'records were')} excluded before screening by rules on their fields."
        )
    if notices := removed.get(NOTICES, 0):
        text += f" {w.plural(notices, 'notice')} of papers among them {'was' if notices == 1 else 'were'} not screened."
    if rules := [rule for rule in document.get("venues", {}).get("rules", ()) if rule["applied"]]:
        said = "; ".join(f"{rule['source']}: {rule['restriction']}" for rule in rules)
        sides = [boxes[name]["parts"] for name in ("removed", "other_removed", "via_removed") if name in boxes]
        gone = sum(part["count"] for parts in sides for part in parts if part["label"] == VENUES)
        effect = (
            f"{w.plural(gone, 'record was', 'records were')} removed before screening, since no source had it with an eligible venue"
            if gone
            else "no record was removed before screening"
        )
        text += f" The review was restricted by venue ({said}): {effect}."
    text += _otherwise(boxes, sources) + _models(boxes, sources) + _update(document["previous"])
    return text + ("" if document["flow"]["adds_up"] else " The flow of records does not add up; see the flow diagram.")


def _from(box: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> str:
    """Return the sources of a box with the days of their searches and their rows, which add up to its count."""
    rows = {str(part["label"]): part["count"] for part in box["parts"]}
    described = []
    for source in sources:
        count = next((n for label, n in rows.items() if label.endswith(f": {source['name']}")), 0)
        if count:
            when = f"searched {source['searched']}; " if source["searched"] else ""
            described.append(f"{source['name']} ({when}{w.plural(count, 'row')})")
    return w.listed(described)


def _otherwise(boxes: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> str:
    """Return what other methods found, and how much of it other sources had too."""
    box = boxes.get("other_identified")
    if not box or not box["count"]:
        return ""
    known = boxes["other_removed"]["parts"][0]["count"]
    return (
        f" {w.plural(box['count'], 'record was', 'records were')} identified by other methods: {_from(box, sources)}; "
        f"{known:,} of them {'is a record' if known == 1 else 'are records'} of other sources too." + of_others(boxes)
    )


def of_others(boxes: Mapping[str, Any]) -> str:
    """Return what became of what other methods alone found, up to the included reports."""
    told = list[str]()
    if box := boxes.get("other_screened"):
        told.append(f"{w.plural(box['count'], 'record was', 'records were')} screened")
    if box := boxes.get("other_assessed"):
        included = sum(end["count"] for end in box["leaves"] if end["to"] == "included")
        told.append(f"{w.plural(box['count'], 'report was', 'reports were')} assessed")
        told.append(f"{included:,} of the included reports {'is' if included == 1 else 'are'} from them")
    return f" Of what they alone found, {w.listed(told)}." if told else ""


def _models(boxes: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> str:
    """Return how many models and data sets there are, which are no records to screen, and how many are on topic."""
    box = boxes.get("models")
    if not box or not box["count"]:
        return ""
    return (
        f" {w.plural(box['count'], 'model or data set', 'models and data sets')} came from {_from(box, sources)}; "
        f"{boxes['models_on_topic']['count']:,} of them {'is' if boxes['models_on_topic']['count'] == 1 else 'are'} on topic so far."
    )


def _update(previous: Mapping[str, Any] | None) -> str:
    """Return what is new since the last frozen version, where there is one."""
    if not previous:
        return ""
    boxes = {box["id"]: box for box in previous["boxes"]}
    return (
        f" This is an update of version {previous['version']} of {previous['at'][:10]}, which had "
        f"{w.plural(boxes['previous']['count'], 'study', 'studies')}; {w.plural(boxes['identified']['count'], 'record')} came since then, and "
        f"{w.plural(boxes['total']['count'], 'report is', 'reports are')} included in all."
    )


def _by_whom(links: Sequence[Mapping[str, Any]]) -> str:
    """Return who found the duplicates: the program, people, or both."""
    merges = [link for link in links if link["kind"] == "duplicate"]
    by_hand = sum(link["count"] for link in merges if link["who"] != "screener")
    if not by_hand:
        return "by the program"
    authors = "by people" if by_hand == sum(link["count"] for link in merges) else "by the program and by people"
    return f"{authors} ({w.plural(by_hand, 'link')} by hand)"


_BOXES = {"abstract": "screened", "fulltext": "sought"}
"""The box of the flow that counts what came to a stage, in its unit."""


def _stages(document: Mapping[str, Any]) -> list[str]:
    paragraphs = []
    boxes = {box["id"]: box for box in document["flow"]["boxes"]}
    for stage in document["review"]["stages"]:
        name = stage["stage"]
        state = document["stages"][name]
        if name == "extraction" or not state["reviewers"]:
            continue
        box = boxes[_BOXES[name]]
        unit = box["unit"].removesuffix("s")
        text = f"{w.plural(w.in_all(boxes, _BOXES[name]), unit)} reached {w.stage(name)}, with {_criteria(stage)}. "
        text += _who(stage, state, document["review"]["reviewers"], unit)
        text += _tuned(document.get("tuning", {}).get(name)) + _accuracy(stage, state, unit) + _lost(state, unit)
        if name == "fulltext":
            text += _unnamed(document["reasons"].get("fulltext", ())) + _set_aside(boxes)
        paragraphs.append(text + _humans(state))
    return paragraphs


def _set_aside(boxes: Mapping[str, Any]) -> str:
    """Return how many reports people could not decide on yet."""
    awaiting, ongoing = (w.in_all(boxes, name) for name in ("unclassified", "ongoing"))
    awaits = (
        f"{w.plural(awaiting, 'report')} {'awaits' if awaiting == 1 else 'await'} classification. " if awaiting else ""
    )
    return awaits + (
        f"{w.plural(ongoing, 'report')} {'is' if ongoing == 1 else 'are'} of ongoing studies. " if ongoing else ""
    )


def _criteria(stage: Mapping[str, Any]) -> str:
    rules = sum(criterion["kind"] == "rule" for criterion in stage["criteria"])
    text = w.plural(len(stage["criteria"]), "eligibility criterion", "eligibility criteria")
    return text + (f", {rules} of them decided by a rule on the record’s fields" if rules else "")


def _who(stage: Mapping[str, Any], state: Mapping[str, Any], specs: Mapping[str, Any], unit: str) -> str:
    humans = [name for name, role in state["reviewers"].items() if role == "human"]
    machines = [name for name, role in state["reviewers"].items() if role == "machine"]
    rule = w.decided(stage["humans"], stage["machine"], stage.get("workflow"))
    text = f"By the protocol a {unit} is decided {rule}. "
    if flow := state.get("workflow"):
        text += f"{w.who_decided(flow, stage['machine'], unit)}. {_with_machine(stage, state, flow)}"
    text += f"Human reviewers: {w.listed(humans)}. " if humans else ""
    text += _adjudicated(state, unit)
    text += "" if humans or state["adjudicators"] else "No human has judged yet. "
    for name in machines:
        spec = specs.get(name, {})
        model = spec.get("model") or {"embedded": "the embedded sentence model"}.get(spec.get("kind", ""), "")
        text += (
            f"The machine reviewer {name}{f' ({model})' if model else ''} also judged; "
            if name == stage["machine"]
            else ""
        )
    if stage["machine"] in machines:
        text += (
            _excludes(state["gate"])
            if stage.get("workflow") != "person_and_machine"
            else "it was the second reviewer. "
        )
        text += "".join(f"{sentence} " for sentence in (state["gate"] or {}).get("updates", ()))
    return text


def _with_machine(stage: Mapping[str, Any], state: Mapping[str, Any], flow: Mapping[str, Any]) -> str:
    """Return how far people agree with the machine that is their second reviewer, and who else read the exclusions."""
    if "second" not in flow:
        return ""
    machine, roles = stage["machine"], state["reviewers"]
    text = ""
    for pair in state["agreement"]["pairs"]:
        people = [name for name in (pair["first"], pair["second"]) if roles.get(name) == "human"]
        if len(people) == 1 and machine in (pair["first"], pair["second"]):
            alike = pair["n"] - pair["conflicts"]
            text += f"{people[0]} and {machine} decided alike on {alike:,} of {pair['n']:,}; "
    if text:
        text += "this is agreement with a machine, neither inter-rater reliability nor accuracy. "
    return f"{text}{flow['second']['sentence']}. "


def _adjudicated(state: Mapping[str, Any], unit: str) -> str:
    """Return who adjudicated what: conflicts, and what else; an adjudication against people who agree settles nothing."""
    counts = state["adjudications"]
    if not state["adjudicators"] or not counts or not counts["records"]:
        return ""
    who, conflicts, others = (
        w.listed(state["adjudicators"]),
        counts["conflicts"],
        counts["records"] - counts["conflicts"],
    )
    text = f"{who} adjudicated {w.plural(conflicts, 'conflict')}" if conflicts or not others else f"{who} adjudicated"
    if others:
        text += f"{' and' if conflicts else ''} {w.plural(others, unit)} without a conflict"
    if counts.get("consensus"):
        text += f", {w.number(counts['consensus'])} of them by consensus of those who had judged"
    if counts["against"]:
        text += f", {w.number(counts['against'])} of them against reviewers who agreed"
    return f"{text}. "


def _unnamed(reasons: Sequence[Mapping[str, Any]]) -> str:
    """Return how many reports are excluded for no criterion: the flow diagram has no reason for them."""
    count = sum(row["human"] + row["machine"] for row in reasons if row["criterion"] == NO_CRITERION)
    return f"For {w.plural(count, 'excluded report')} no criterion was named. " if count else ""


def _excludes(gate: Mapping[str, Any] | None) -> str:
    """Return what becomes of a machine's exclusions, by its gate."""
    if gate and gate["open"]:
        return (
            f"its gate is open ({gate['why']}; checked {w.plural(gate['looks'], 'time')}), so its exclusions "
            f"{'within that frame ' if gate['outside'] else ''}are final unless humans decide otherwise. "
        )
    return "its exclusions were suggestions, final only where humans decided so. "


def _tuned(tuning: Mapping[str, Any] | None) -> str:
    """Return how much the wording was tuned on gold dev: figures on those labels are of what was chosen by them."""
    if tuning is None:
        return ""
    return f"{tuning['sentence'][0].upper()}{tuning['sentence'][1:]}, on one part of its labels, and compared on the other. "


def _accuracy(stage: Mapping[str, Any], state: Mapping[str, Any], unit: str) -> str:
    """Return how accurate the stage's machine is; other reviewers decide nothing alone and are left out."""
    accuracy = next((entry for entry in state["accuracy"] if entry["evaluation"]["reviewer"] == stage["machine"]), None)
    if accuracy is None:
        return ""
    evaluation, estimates, provisional = accuracy["evaluation"], accuracy["estimates"], accuracy["provisional"]
    called = "provisional labels that no human has confirmed" if provisional else "labels that humans set"
    text = (
        f"Against {called} ({w.plural(evaluation['n'], unit)} of the split {evaluation['split']}, "
        f"{accuracy['relevant']:,} of them eligible), {evaluation['reviewer']} had a recall of "
        f"{w.estimate(estimates['recall'], provisional, evaluation['weighted'])} and a specificity of "
        f"{w.estimate(estimates['specificity'], provisional, evaluation['weighted'])}; it missed {w.plural(evaluation['fn'], unit)}. "
    )
    if evaluation["weighted"]:
        text += (
            f"The sample was stratified: each {unit} is weighted by the inverse of its chance of being drawn, and the "
            "intervals are bootstraps within strata, for a share of 0 or 1 Wilson’s on the effective number. "
        )
    if evaluation["reference_drawn"] == "chosen":
        text += f"These labels were chosen, not drawn at random, so the figures are descriptive of these {unit}s only. "
    if provisional:
        text += "Figures against provisional labels are no evidence of accuracy. "
    return text


def _lost(state: Mapping[str, Any], unit: str) -> str:
    """Return what an elusion sample says of eligible records that were lost."""
    audit = state["elusion"]
    if audit is None:
        return ""
    drawn = f"Of {w.plural(audit['frame'], unit)} {w.excluded(audit)}, {audit['n']:,} were drawn at random"
    people = "a second person" if "excluded_by" in audit else "people"
    if audit["why"]:
        return f"{drawn} for {people} to check; {_checked(audit)}{w.no_bound(audit['why'])}. "
    return f"{drawn} and checked by {people}, and {w.plural(audit['hits'], 'was', 'were')} found eligible. {audit['sentence']} "


def _checked(audit: Mapping[str, Any]) -> str:
    """Return how far people have got with a sample, where it can be told."""
    decided = audit.get("labelled")
    return "" if decided is None else f"{decided:,} of them {'is' if decided == 1 else 'are'} decided so far, and "


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
    extraction = document["extraction"]
    if not extraction or extraction["problem"]:
        return ""
    items = extraction["items"]
    reported = sum(item["status"]["reported"] for item in items)
    total = sum(item["n"] for item in items)
    text = (
        f"Data were extracted from {w.plural(len(extraction['studies']), 'study', 'studies')} into a form of "
        f"{w.plural(sum(item['kind'] != 'list' for item in items), 'item')}: {reported:,} of {total:,} answers give a value, each with a quote. "
    )
    if extraction["suggested"]:
        text += f"The extractions of {w.plural(extraction['suggested'], 'study', 'studies')} are a machine’s suggestions that no human has confirmed. "
    return text


def _program(document: Mapping[str, Any]) -> str:
    spent = sum(row["cost_known"] for row in document["effort"]["machines"])
    text = f"The work was done with screener {document['screener']}, which records every judgement in an append-only ledger."
    calls = sum(row["calls"] for row in document["effort"]["machines"])
    if calls:
        text += f" {w.plural(calls, 'call was', 'calls were')} sent to language models, costing ${spent:,.2f} as far as prices are known."
    return text
