"""Derived items: which answers a rule names, whether the rules of a form can work, and what they give for a study.

An answer to a derived item keeps beside its value what the rules give (`ItemAnswer.derived`). Where the two differ, a
person has overridden the rules; that stays when other answers are corrected, and the rules' own word follows them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, ItemStatus
from .rules import STATUSES, Rule, Words, derivation
from .spec import FormSpec, ItemField, bare

Items = Mapping[str, ItemAnswer]


def named_path(form: FormSpec, path: str, name: str) -> str:
    """Return the path of the item that a rule of the derived item at `path` names: one near it before one further off.

    Paths are without indices. Raises `ValueError` for a name that is none, or that stands for many items.
    """
    known, steps = form.by_path, path.split(".")[:-1]
    places = (".".join([*steps[:count], name]) for count in range(len(steps), -1, -1))
    target = next((place for place in places if place in known), None)
    if target is None:
        raise ValueError(f"the rule names `{name}`, which is no item of this group and no path of another item")
    inside = next(
        (each for each in form.lists if target.startswith(f"{each}.") and not path.startswith(f"{each}.")), ""
    )
    if inside:
        raise ValueError(
            f"the rule names `{name}`, of which there is one for each entry of `{inside}`; "
            "a rule reads items of its own entry, and what is asked once"
        )
    return target


def check_rules(form: FormSpec, wrong: Callable[[str, str], BadInput]) -> None:
    """Raise for rules that cannot work: unknown items and codes, and items that are derived from each other.

    `wrong` makes the error of a path and what is wrong there.
    """
    known, derived = form.by_path, form.derived
    needed: dict[str, list[str]] = {}
    for path, item in derived.items():
        try:
            needed[path] = [named_path(form, path, name) for rule in item.rules for name in rule.items]
            for rule in item.rules:
                _check_words(rule, item, {name: known[named_path(form, path, name)] for name in rule.items})
        except ValueError as error:
            raise wrong(path, str(error)) from None
        if any(rule.worst for rule in item.rules) and len(item.rules) > 1:
            raise wrong(path, "`worst of …` is the only rule of an item")
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        around = [name for name in error.args[1] if name in derived]
        raise wrong(around[0], f"is derived from itself, by way of {', '.join(around[1:])}") from None


def _check_words(rule: Rule, derived: ItemField, named: Mapping[str, ItemField]) -> None:
    """Raise `ValueError` for a word that is neither a code of the item it is about, nor a status."""
    own = _codes(derived)
    if rule.worst:
        for name, item in named.items():
            if not item.codes or not {*_codes(item)} <= {*own}:
                raise ValueError(f"`{name}` has other codes than {', '.join(own)}, so that no worst can be told")
        return
    results = [*own, *sorted(STATUSES - {"reported"})]
    if rule.value not in results:
        raise ValueError(f"the rule gives `{rule.value}`, which is none of {', '.join(results)}")
    for condition in rule.conditions:
        for name in condition.items:
            words = [*_codes(named[name]), *sorted(STATUSES - {"unclear"})]
            for word in sorted(condition.words):
                if word == "unclear" and word not in words:
                    raise ValueError(
                        f"`{name}` is unclear: then what is derived from it is unclear anyway; leave that out"
                    )
                if word not in words:
                    raise ValueError(f"`{word}` is none of the answers of `{name}`: {', '.join(words)}")


def _codes(item: ItemField) -> tuple[str, ...]:
    return ("yes", "no") if item.kind == "boolean" else tuple(code for code, *_ in item.codes)


def derive(form: FormSpec, items: Items) -> dict[str, ItemAnswer]:
    """Return a study's items with those that are derived computed anew; what a person has overridden stays."""
    derived = form.derived
    if not derived:
        return dict(items)
    result = {path: answer for path, answer in items.items() if bare(path) not in derived}
    asked = list(result)
    needed = {
        path: {named_path(form, path, name) for rule in item.rules for name in rule.items}
        for path, item in derived.items()
    }
    for name in TopologicalSorter(needed).static_order():
        for path in _places(form, name, asked) if name in derived else ():
            result[path] = _answer(form, path, result, items.get(path))
    return result


def overridden(answer: ItemAnswer | None) -> bool:
    """Return whether a person said otherwise than the rules that the item is derived by."""
    return answer is not None and answer.derived is not None and answer.derived != _word(answer)


def override(answer: ItemAnswer) -> ItemAnswer:
    """Return a person's answer to a derived item, which stands against the rules; `derive` puts beside it what they give.

    Raises `BadInput` for one without a reason.
    """
    if not answer.reason.strip():
        raise BadInput("Say why the rule does not hold here.")
    return answer.model_copy(update={"derived": ""})


def _answer(form: FormSpec, path: str, items: Items, earlier: ItemAnswer | None) -> ItemAnswer:
    computed = _computed(form, path, items)
    if earlier is not None and overridden(earlier):
        return earlier.model_copy(update={"derived": computed.derived})
    return computed


def _computed(form: FormSpec, path: str, items: Items) -> ItemAnswer:
    """Return what the rules give."""
    item = form.derived[bare(path)]
    order = _codes(item)

    def look_up(name: str) -> Words | None:
        return _words(items.get(_indexed(named_path(form, bare(path), name), path)))

    found = derivation(item.rules, order, look_up)
    reason = f"rule: {found.rule}" if found.rule else "no rule holds"
    if found.waits_for:
        reason = f"rule: not known yet: {', '.join(found.waits_for)}"
    if found.word in order:
        return ItemAnswer(status=ItemStatus.REPORTED, value=found.word, reason=reason, derived=found.word)
    return ItemAnswer(status=ItemStatus(found.word), reason=reason, derived=found.word)


def _words(answer: ItemAnswer | None) -> Words | None:
    """Return what is known of an answer, in the words of rules."""
    if answer is None or answer.status is ItemStatus.UNCLEAR:
        return None
    if answer.status is not ItemStatus.REPORTED:
        return frozenset({answer.status.value})
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    codes = ({True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value) for value in values)
    return frozenset({"reported", *codes})


def _word(answer: ItemAnswer) -> str:
    return str(answer.value) if answer.status is ItemStatus.REPORTED else answer.status.value


def _places(form: FormSpec, name: str, asked: Iterable[str]) -> list[str]:
    """Return where an item of the form stands in a study: once, or once in each entry of the list that it is in."""
    within = max((each for each in form.lists if name.startswith(f"{each}.")), key=len, default="")
    if not within:
        return [name]
    rest = name.removeprefix(within)
    pattern = re.compile(re.escape(within).replace(r"\.", r"(?:\[\d+\])?\.") + r"\[\d+\]")
    entries = dict.fromkeys(match[0] for path in asked if (match := pattern.match(path)))
    return [f"{entry}{rest}" for entry in entries]


def _indexed(name: str, path: str) -> str:
    """Return the path of an item with the indices that the derived item at `path` has on the way that they share."""
    steps, own = name.split("."), path.split(".")
    shared = 0
    while shared < min(len(steps), len(own)) and bare(own[shared]) == steps[shared]:
        shared += 1
    return ".".join([*own[:shared], *steps[shared:]])
