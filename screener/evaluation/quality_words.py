"""The quality of reviewers in words: what was found, what may be said of the goal, what is missing, and what to do."""

import shlex
from collections.abc import Callable, Mapping
from typing import Any

FEW = 10
"""With fewer positives than this a recall is said to be of few."""
NAMED = 4
"""How many groups of a field are named before the rest is only counted."""

REASONS = {
    "provisional": "no person has confirmed the labels",
    "chosen": "the labels were chosen, not drawn at random",
    "stratified": "the labels were drawn within strata, and the bound takes a plain random draw",
    "not_locked": "the labels are not locked",
    "wording": "criteria or guide have changed since the labels were locked",
    "incomplete": "what a gate asks of test labels and judgements is lacking",
    "no_positives": "gold keeps none of these records",
    "dev": "these are figures of dev, on which one may choose",
    "rounds": "these are figures of dev, on which variants of the wording were tried",
    "not_checked": "the gate has not been checked on the present data",
}
"""Why nothing may be said of the goal, by the word for it."""
_FIELDS = {"has_abstract": "abstract or title only", "year": "years"}


def goal_words(goal: Mapping[str, Any]) -> str:
    """Return the goal and who set it."""
    source = {
        "gate": "the gate of the protocol asks for it",
        "option": "asked for with --target",
        "default": "the default; the protocol has no gate",
    }[goal["source"]]
    return (
        f"Target: {goal['recall']:g} for the lower bound of recall, {100 * goal['confidence']:g} % interval ({source})."
    )


def bound_words(bound: Mapping[str, Any]) -> str:
    """Return the lower bound and how it was made: `0.84 (Wilson, 97.5 % one-sided)`. It is rounded down."""
    if bound["low"] is None:
        return "none"
    low = int(bound["low"] * 1000 + 1e-9) / 1000
    made = f"{bound['method'].capitalize()}, {100 * bound['one_sided']:.4g} % one-sided"
    return f"{low:.3f} ({made}{', check {}'.format(bound['look']) if bound['look'] else ''})"


def verdict_words(bound: Mapping[str, Any], goal: Mapping[str, Any]) -> str:
    """Return what may be said of the goal."""
    if bound["verdict"] == "cannot_be_said":
        return f"cannot be said: {REASONS[bound['reason']]}"
    said = "reached" if bound["verdict"] == "reached" else "not reached"
    return said if goal["source"] == "gate" else f"{said}, if this is the only look at these labels"


def share_words(kept: int, of: int, recall: Mapping[str, Any], weighted: bool = False) -> str:
    """Return a share with its counts and interval: `18 of 19, 0.95 (0.75–0.99)`. Counts are of records, never weighted."""
    if recall["value"] is None:
        return f"{kept:,} of {of:,}"
    between = "" if recall["low"] is None else f" ({recall['low']:.2f}–{recall['high']:.2f})"
    return f"{kept:,} of {of:,}, {'weighted ' * weighted}{recall['value']:.2f}{between}"


def worst_words(reviewer: Mapping[str, Any]) -> str:
    """Return the worst group of a reviewer, of how many, and that few records are few."""
    worst = reviewer["worst"]
    if worst is None:
        return "cannot be said: no group beside the whole has positives"
    few = "; few" if worst["relevant"] < FEW else ""
    of = share_words(worst["relevant"] - worst["lost"], worst["relevant"], worst["recall"], reviewer["weighted"])
    picked = f"worst of {k}" if (k := reviewer["groups_compared"]) > 1 else "the only one with positives"
    return f"{group_name(worst['field'], worst['name'])}: {of}; {picked}{few}"


def group_name(field: str, name: str) -> str:
    """Return a group with its field, where its name alone does not tell."""
    return name if field in ("has_abstract", "criterion") else f"{field} {name}"


def reviewer_rows(quality: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the cells of `COLUMNS`, a row a reviewer."""
    rows: list[tuple[str, ...]] = []
    for one in quality["reviewers"]:
        others = one["n"] - one["relevant"]
        mark = " (provisional gold)" if one["status"] == "provisional" else ""
        by = ", ".join(f"{_threshold(name)} {value:g}" for name, value in one["thresholds"].items())
        rows.append(
            (
                f"{one['reviewer']}{f' ({by})' if by else ''}",
                f"{one['split']}{mark}",
                share_words(one["relevant"] - one["lost"], one["relevant"], one["recall"], one["weighted"]),
                share_words(others - one["kept_wrongly"], others, one["specificity"], one["weighted"]),
                worst_words(one),
                bound_words(one["bound"]),
                verdict_words(one["bound"], quality["goal"]),
            )
        )
    return rows


def _threshold(name: str) -> str:
    """Return a threshold's name, such as `exclude below`, or of a criterion `drug: no below`."""
    criterion, _, which = name.rpartition(".")
    return f"{f'{criterion}: ' if criterion else ''}{which.replace('_', ' ')}"


COLUMNS = ("reviewer", "split", "recall", "specificity", "worst group", "lower bound of recall", "target")
NOTE = (
    "95 % intervals. The worst group is picked after the fact among those by source, five years, language, abstract and "
    "criterion: it describes these records, and with many small groups one of them looks bad by chance. Groups without "
    "positives are listed below."
)


def lack_words(lack: Mapping[str, Any], stage: str, goal: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is missing or known in one sentence, and what to do: a command, or empty."""
    at = f"--stage {stage}"
    whose = lack["reviewer"]
    by = f"{at} --reviewer {shlex.quote(whose)}" if whose is not None else at
    sentence, command = _WORDS[lack["code"]](lack, by if whose is not None else at, goal)
    return (f"{whose}: {sentence}" if whose is not None else sentence), command


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _positives(lack: Mapping[str, Any], at: str, goal: Mapping[str, Any]) -> tuple[str, str]:
    lost, have = lack["lost"], lack["have"]
    so_far = f"with {lost:,} lost so far and no other" if lost else "with none lost"
    more = [max(0, lack[test] - have) for test in ("exact", "wilson")]
    sentence = (
        f"human test positives: {have:,} that count; {so_far}, {goal['recall']:g} takes {lack['exact']:,} by the exact test "
        f"({100 * goal['confidence']:g} % one-sided, one look; {more[0]:,} more) and {lack['wilson']:,} by Wilson as a gate reads it at check "
        f"{lack['check']:,} ({more[1]:,} more)"
    )
    if lack["draw"]:
        sentence += f"; at the share of positives so far that is about {_plural(lack['draw'], 'more record')} to draw"
    return sentence, f"screener gold sample {at.split(' --reviewer')[0]} --n {lack['draw'] or 'N'}"


def _groups(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    parts = []
    for field, names in lack["fields"].items():
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        parts.append(f"{_FIELDS.get(field, field)}: {', '.join(names[:NAMED])}{more}")
    sentence = (
        f"{_plural(lack['groups'], 'group')} without positives, of which nothing can be said ({'; '.join(parts)})"
    )
    return sentence, f"screener evaluate {at} --by {next(iter(lack['fields']))}"


def _checks(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    made = _plural(lack["looks"], "check") if lack["looks"] else "no check"
    sentence = (
        f"the gate: {made} of this test sample so far; with none lost the first takes {lack['first']:,} positives, the next "
        f"{lack['next']:,}. Each check of other data costs confidence"
    )
    return sentence, f"screener gold gate {at}"


def _exhausted(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    sentence = (
        f"the test sample is used up after {_plural(lack['looks'], 'check')}: the next takes {lack['next']:,} positives "
        "with none lost, more than there are"
    )
    return sentence, f"screener gold sample {at} --n N"


def _agreement(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    name, figure = ("κ", lack["kappa"]) if lack["kappa"] else ("Krippendorff's α", lack["alpha"])
    value = "not defined" if figure["value"] is None else f"{figure['value']:.2f}"
    between = "" if figure["low"] is None else f" ({figure['low']:.2f}–{figure['high']:.2f})"
    few = "; few" if lack["records"] < FEW else ""
    sentence = (
        f"the {lack['people']:,} people agree on the decision with {name} {value}{between} over "
        f"{_plural(lack['records'], 'labelled record')} that two or more read{few}"
    )
    return sentence, f"screener evaluate {at}"


def _excluded(lack: Mapping[str, Any]) -> str:
    """Return of what an elusion sample is drawn."""
    if lack.get("not_screened"):
        return "that nobody has screened"
    second = lack.get("second_reviewer")
    return f"that one person and {second} exclude" if second else "that were removed without a person"


def _no_elusion(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    sentence = f"no elusion sample: how many eligible records are among those {_excluded(lack)} is not known"
    return sentence, f"screener gold elusion {at} --n N"


def _elusion(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    sentence = (
        f"elusion: {lack['hits']:,} of {_plural(lack['n'], 'record')} drawn from {lack['frame']:,} {_excluded(lack)} are eligible; at "
        f"most {lack['at_most']:,} are left there, with 95 % one-sided confidence"
    )
    if not lack["known"]:
        sentence += f"; of records judged since ({lack['outside']:,} of those removed now) it says nothing"
    return sentence, f"screener gold elusion {at}"


def _rounds(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    tried = f"{_plural(lack['variants'], 'variant')} of the wording tried on dev in {_plural(lack['rounds'], 'round')}"
    unseen = (
        f"only labels that no round has seen can show what it reaches: the {lack['test']:,} of test"
        if lack["test"]
        else "only labels that no round has seen can show what it reaches, and there are none of test"
    )
    if lack["on_dev"]:
        unseen += f"; figures of {', '.join(lack['on_dev'])} are of dev"
    command = f"screener run {at}" if lack["test"] and lack["on_dev"] else f"screener gold sample {at} --n N"
    return f"{tried}; {unseen}", command if lack["on_dev"] else f"screener tune list {at}"


def _fit(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    sentence = f"its fit excludes below a probability of {lack['exclude_below']:g}"
    if lack["estimate"] is not None:
        recall, low, high = lack["estimate"]
        sentence += (
            f": estimated recall {recall:.2f} ({low:.2f}–{high:.2f}), from {_plural(lack['kept'], 'kept label')} and how kept "
            "records lay in other reviews"
        )
    else:
        sentence += (
            f", chosen for recall {lack['recall']:g} on labels that the fit had not seen: {lack['lost']:,} of {lack['kept']:,} "
            f"kept and {lack['spared']:,} of {lack['excluded']:,} excluded ones lie below it"
        )
    return f"{sentence}; nothing is promised", f"screener run {at} --fit"


def _dev(lack: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> tuple[str, str]:
    needed = (
        f"those of the {lack['test']:,} labels of test are needed" if lack["test"] else "there are no labels of test"
    )
    command = f"screener run {at}" if lack["test"] else f"screener gold sample {at.split(' --reviewer')[0]} --n N"
    return f"figures of dev, on which one may choose; {needed}", command


def _fixed(sentence: str, command: str) -> Callable[..., tuple[str, str]]:
    """Return a wording that only fills in numbers and the stage."""

    def words(lack: Mapping[str, Any], at: str, goal: Mapping[str, Any]) -> tuple[str, str]:
        numbers = {**lack, "at": at, "recall": f"{goal['recall']:g}"}
        return sentence.format(**numbers), command.format(**numbers)

    return words


_WORDS: dict[str, Callable[..., tuple[str, str]]] = {
    "positives": _positives,
    "groups": _groups,
    "checks": _checks,
    "exhausted": _exhausted,
    "agreement": _agreement,
    "no_agreement": _fixed(
        "agreement cannot be said: no labelled record was read by two people independently", "screener adjudicate"
    ),
    "elusion": _elusion,
    "provisional": _fixed(
        "all {labels:,} labels are provisional: people have to label a random draw of their own",
        "screener gold sample {at} --n N",
    ),
    "chosen": _fixed(
        "the {labels:,} labels were chosen: they describe themselves; people have to label a random draw",
        "screener gold sample {at} --n N",
    ),
    "stratified": _fixed(
        "the {labels:,} labels were drawn within strata: figures are weighted, and the bound takes a plain random draw",
        "screener gold sample {at} --n N",
    ),
    "not_locked": _fixed(
        "the {labels:,} labels are not locked, so that they could be changed after the results",
        "screener gold lock {at}",
    ),
    "wording": _fixed(
        "criteria or guide have changed since the labels were locked: see whether the {labels:,} labels still hold",
        "screener gold lock {at}",
    ),
    "no_gate": _fixed(
        "no gate: nobody counts how often test is looked at, so that whether wording or thresholds were tuned on it cannot be "
        "said",
        "gate: {{recall_low: {recall}}} in review.yaml under the stage, then screener gold gate {at}",
    ),
    "dev": _dev,
    "fit": _fit,
    "rounds": _rounds,
    "not_checked": _fixed(
        "figures of dev only: the gate has not been checked on the {test:,} labels of test", "screener gold gate {at}"
    ),
    "unjudged": _fixed(
        "{missing:,} labelled records of test are not judged, {unplaced:,} labels match no record", "screener run {at}"
    ),
    "incomplete": _fixed("{why}", "screener gold gate {at}"),
    "learned": _fixed(
        "{labels:,} labels of test are left out, since their records were merged with records of dev",
        "screener dedup list",
    ),
    "no_elusion": _no_elusion,
    "elusion_unfinished": _fixed(
        "elusion sample {sample}: {labelled:,} of {n:,} records are labelled; nothing is said before all are",
        "screener adjudicate",
    ),
    "elusion_void": _fixed(
        "elusion sample {sample} is void: the protocol or the records changed before it was finished",
        "screener gold elusion {at} --n N",
    ),
}
