"""What was extracted: how far each item is reported, what compares, and how it does against gold's items."""

import hashlib
import json
import re
import tempfile
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.forms.load import load_forms
from screener.forms.spec import FormSpec

from . import estimates as e
from .accuracy import newest, roles
from .archive import Audit, Row
from .estimates import Found, limits
from .items import Beside, Form, beside, entry_of, outcome, plain, same_value, sets
from .standing import Way, documents

STATUSES = ("reported", "not_reported", "not_applicable", "unclear")
OUTCOMES = ("correct", "wrong", "missed", "fabricated", "not_reported", "unclear")
COLUMNS = (*OUTCOMES, "unclear_expected", "unscored", "shared", "extracted", "gold", "union", "size",
           "p", "ps", "r", "rs", "f", "fs", "j", "js")  # fmt: skip
"""A study's row for one item, as README.txt of the archive states it."""
FIGURES = {
    "accuracy": (["correct", "not_reported"], [*OUTCOMES]),
    "value_accuracy": (["correct"], ["correct", "wrong"]),
    "precision": (["correct"], ["correct", "wrong", "fabricated"]),
    "recall": (["correct"], ["correct", "wrong", "missed", "unclear_expected"]),
    "f1": (
        ["correct", "correct"],
        ["correct", "wrong", "fabricated", "correct", "wrong", "missed", "unclear_expected"],
    ),
}
SETS = {
    "precision": (["p"], ["ps"]), "recall": (["r"], ["rs"]), "f1": (["f"], ["fs"]), "jaccard": (["j"], ["js"]),
    "micro_precision": (["shared"], ["extracted"]), "micro_recall": (["shared"], ["gold"]),
    "micro_f1": (["shared", "shared"], ["extracted", "gold"]), "micro_jaccard": (["shared"], ["union"]),
}  # fmt: skip


def form_of(audit: Audit) -> FormSpec:
    """The form: which items there are, of which kind. It is a program, and this runs it."""
    names = audit.protocol["stages"]["extraction"]["form"]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ([names] if isinstance(names, str) else names)]
        for path in paths:
            path.write_bytes(audit.zip.read(f"prompts/{path.name}"))
        return load_forms(paths)


def _form(audit: Audit) -> Form:
    form = form_of(audit)
    return Form({path: field.kind for path, field in form.by_path.items()}, form.keys)


def bare(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


# -- what was extracted -----------------------------------------------------------------------------------------------


def extraction(audit: Audit, on: Way) -> Row | None:
    stands = {name: one for name, one in on.stands.get("extraction", {}).items() if one.judgement}
    stands = {name: one for name, one in stands.items() if one.judgement and one.judgement["said"].get("items")}
    if not stands:
        return None
    form = form_of(audit)
    said = {name: one.judgement["said"]["items"] for name, one in stands.items() if one.judgement}
    years = {name: audit.records[name]["year"] for name in said}
    values = [
        {"value": item.get("value"), "page": next((one.get("page") for one in item.get("evidence", ())), None)}
        for items in said.values()
        for item in items.values()
        if item["status"] == "reported"
    ]
    return {
        "studies": [{"year": years[name]} for name in said],
        "suggested": sum(one.status == "suggested" for one in stands.values()),
        "waiting": len(on.records["extraction"]) - len(stands),
        "units": [{"count": sum(_entries(items, unit.path) for items in said.values())} for unit in form.units],
        "items": [_item(path, field, said, years) for path, field in _asked(form, said)],
        "values": values,
        "values_left_out": 0,
        "comparisons": _comparisons(form, said),
    }


def _asked(form: FormSpec, said: Row) -> list[tuple[str, Any]]:
    """The items of the form, and each list that was answered as a whole before what it holds."""
    asked: list[tuple[str, Any]] = list(form.by_path.items())
    for key in (key for items in said.values() for key in items):
        path = bare(key)
        if path not in [name for name, _ in asked]:
            inside = [at for at, (name, _) in enumerate(asked) if name.startswith(path + ".")]
            asked.insert(inside[0] if inside else len(asked), (path, None))
    return asked


def _entries(items: Row, path: str) -> int:
    return len({found[1] for one in items if (found := re.match(rf"{re.escape(path)}\[(\d+)\]", one))})


def _item(path: str, field: Any, said: Row, years: Row) -> Row:
    mine = [(study, item) for study, items in said.items() for key, item in items.items() if bare(key) == path]
    status = Counter(item["status"] for _, item in mine)
    told: Row = {"n": len(mine), "status": {one: status[one] for one in STATUSES}}
    reported = [(study, item["value"]) for study, item in mine if item["status"] == "reported"]
    if field is None:
        return told
    if field.kind in ("code", "codes", "boolean"):
        words = [(years[study], word) for study, value in reported for word in _each(value)]
        known = [member.value for member in field.vocabulary] if field.vocabulary else ["yes", "no"]
        counts = Counter(word for _, word in words)
        told["counts"] = {word: counts[word] for word in [*known, *counts]}
        told["by_year"] = {
            word: dict(Counter(str(year) for year, one in words if one == word and year)) for word in told["counts"]
        }
    elif field.kind == "number":
        told["points"] = [{"year": years[study], "value": value} for study, value in reported]
    return told


def _each(value: Any) -> list[str]:
    values = list(dict.fromkeys(value)) if isinstance(value, list) else [value]
    return [{True: "yes", False: "no"}[one] if isinstance(one, bool) else str(one) for one in values]


def _comparisons(form: FormSpec, said: Row) -> list[Row]:
    lists = [(f"{group.path}.{row.path}", row) for group in form.groups for row in group.rows]
    lists += [
        (f"{unit.path}.{group.path}.{row.path}", row)
        for unit in form.units
        for group in unit.groups
        for row in group.rows
    ]
    found = []
    for path, row in lists:
        keys = [one.path for one in row.items if one.kind in ("code", "codes", "text", "texts", "boolean")]
        numbers = [one.path for one in row.items if one.kind == "number"]
        if len(keys) < 2 or not numbers:
            continue
        groups: dict[tuple[str, ...], list[tuple[str, str, Row]]] = {}
        incomplete = 0
        for study, items in said.items():
            entries: dict[str, Row] = {}
            for key, item in items.items():
                at = key.rfind("]") + 1
                if at and bare(key[:at]) == path:
                    entries.setdefault(key[:at], {})[key[at + 1 :]] = item
            for place, entry in entries.items():
                if any(entry.get(one, {}).get("status") != "reported" for one in (numbers[0], *keys)):
                    incomplete += 1
                    continue
                same = tuple(_same(entry[one]) for one in keys)
                groups.setdefault(same, []).append((study, place, entry))
        # What compares comes from more than one entry of a study's list of models, or from more than one study.
        together = [one for one in groups.values() if len({(s, p.rpartition("].")[0]) for s, p, _ in one}) > 1]
        told = [
            {"values": [{"value": entry[numbers[0]]["value"], **{n: entry[n].get("value") for n in numbers[1:] if n in entry}}
                        for _, _, entry in one]}
            for one in together
        ]  # fmt: skip
        alone = sum(map(len, groups.values())) - sum(map(len, together))
        found.append({"groups": told, "alone": alone, "incomplete": incomplete})
    return found


def _same(item: Row) -> str:
    return " ".join(f"{', '.join(sorted(_each(item['value'])))} {item.get('other') or ''}".casefold().split())


# -- against gold -----------------------------------------------------------------------------------------------------


def extraction_accuracy(audit: Audit) -> list[Row]:
    if not audit.has("gold/extraction.jsonl") or not roles(audit, "extraction"):
        return []
    gold: dict[str, Row] = {}
    for line in audit.zip.read("gold/extraction.jsonl").decode().splitlines():
        if line.strip():
            item = json.loads(line)
            gold.setdefault(item["id"], {})[item["path"]] = item
    form, told = _form(audit), []
    for name in roles(audit, "extraction"):
        judged = newest(audit, "extraction", name)
        halves = _halves(audit, list(gold))
        there = [one for one in gold if audit.alias.get(one) in judged]
        wanted = [one for one in there if halves[one] == "test"] or there
        if wanted:
            told.append(
                _against(audit, {one: (gold[one], judged[audit.alias[one]]["said"]["items"]) for one in wanted}, form)
            )
    return told


def _halves(audit: Audit, ids: list[str]) -> dict[str, str]:
    salt = audit.gold_spec["split"]["salt"]
    ordered = sorted(ids, key=lambda name: hashlib.sha256(f"{salt}:{name}".encode()).hexdigest())
    halves = {name: "dev" if at < len(ids) // 2 else "test" for at, name in enumerate(ordered)}
    labels = audit.gold("fulltext")
    return halves if labels is None else halves | dict(zip(labels["id"], labels["half"], strict=True))


def _against(audit: Audit, studies: dict[str, tuple[Row, Row]], form: Form) -> Row:
    laid, kinds = {}, form.kinds
    for study, (wanted, items) in studies.items():
        found = _items({"said": {"items": items}})
        labelled = {bare(path) for path in wanted}
        laid[study] = [(one, outcome(one, labelled, kinds)) for one in beside(wanted, found, form)]
    names = sorted({one.name for items in laid.values() for one, _ in items})
    rows = np.array([_row(items, names, kinds) for items in laid.values()])
    drawn = e.redrawn_sums(rows.reshape(len(rows), -1)).reshape(-1, len(names), len(COLUMNS))
    by_item = {name: _scores(rows[:, at], drawn[:, at]) for at, name in enumerate(names)}
    micro, whole = _scores(rows.sum(axis=1), drawn.sum(axis=1)), rows.sum(axis=(0, 1))
    macro = {name: _macro(rows, drawn, *figure) for name, figure in FIGURES.items()}
    quotes = [one.get("status", "exact")
              for _, items in studies.values() for item in items.values() for one in item.get("evidence", ()) if one["quote"]]  # fmt: skip
    validity = e.wilson(sum(one != "missing" for one in quotes), len(quotes))
    evidence = _evidence(audit, studies, laid)
    verdicts = _verdicts(audit)
    said = {study: [_said(study, studies, pair, verdicts) for pair in items] for study, items in laid.items()}
    sure = {
        s: [(one, "correct" if v == "confirmed" else w) for (one, w), v in zip(items, said[s], strict=True)]
        for s, items in laid.items()
    }
    rows_sure = np.array([_row(items, names, kinds) for items in sure.values()])
    drawn_sure = e.redrawn_sums(rows_sure.reshape(len(rows_sure), -1)).reshape(-1, len(names), len(COLUMNS))
    confirmed = _scores(rows_sure.sum(axis=1), drawn_sure.sum(axis=1))
    flat = [word for words in said.values() for word in words]
    absent = {
        study: [_absent(audit, study, studies, pair, form_of(audit)) for pair in items] for study, items in laid.items()
    }
    evaluation = {
        "n": len(studies),
        "items": {name: _tally(rows[:, at].sum(axis=0)) for at, name in enumerate(names)},
        "totals": _tally(whole),
        "micro": {name: limits(micro[name]) for name in FIGURES},
        "micro_confirmed": {name: limits(confirmed[name]) for name in FIGURES},
        "macro": {name: limits(one) for name, one in macro.items()},
        "parts": _parts(form_of(audit), laid, said, absent),
        "entries": _list_entries(laid),
        "same_meaning": {state: flat.count(state) for state in ("confirmed", "refused")},
        "not_in_text": sum(map(sum, absent.values())),
        "by_item": {name: {key: limits(one) for key, one in scores.items()} for name, scores in by_item.items()},
        "quote_validity": limits(validity),
        "evidence_at_3": limits(evidence),
        "wrong": [_wrong(study, studies, one) for study, items in laid.items() for one, what in _in_order(items)
                  if what in ("wrong", "missed", "fabricated")],
    }  # fmt: skip
    estimates = {f"micro_{name}": micro[name] for name in FIGURES} | {
        f"macro_{name}": one for name, one in macro.items()
    }
    estimates |= {f"confirmed_{name}": confirmed[name] for name in ("accuracy", "precision", "recall")}
    return {"evaluation": evaluation, "wrong_left_out": 0,
            "estimates": estimates | {"quote_validity": validity, "evidence_at_3": evidence}}  # fmt: skip


def _verdicts(audit: Audit) -> dict[tuple[str, ...], str]:
    """What people said last of two values of an item, and did not take back."""
    rows = audit.table("marks")
    back = {int(row["body"]) for row in rows if row["kind"] == "undone"}
    said = [row for row in rows if row["kind"] == "same_meaning" and row["id"] not in back]
    pairs = [(json.loads(row["body"]), row["active"]) for row in sorted(said, key=lambda row: int(row["id"]))]
    return {(body["item"], *body["values"]): "confirmed" if same else "refused" for body, same in pairs}


def _said(study: str, studies: Row, pair: tuple[Beside, str], verdicts: dict[tuple[str, ...], str]) -> str:
    one, what = pair
    if what != "wrong" or not one.gold or not one.found:
        return ""
    sides = (one.found.item, one.gold.item)
    words = [
        side.get("other") if _each(side["value"])[:1] == ["other"] else "; ".join(sorted(_each(side["value"])))
        for side in sides
    ]
    return verdicts.get((one.name, *sorted(plain(word or "") for word in words)), "")


def _parts(form: FormSpec, laid: Row, said: Row, absent: Row) -> Row:
    """What became of the items of each group, and of each list in one. Which are offered the sentence model says."""
    groups = [("", one) for one in form.groups] + [(f"{u.path}.", one) for u in form.units for one in u.groups]
    paths = [unit.path for unit in form.units] + [f"{lead}{one.path}" for lead, one in groups]
    paths += [f"{lead}{one.path}.{row.path}" for lead, one in groups for row in one.rows]
    found: Row = {}
    for study, items in laid.items():
        for (one, what), word, gone in zip(items, said[study], absent[study], strict=True):
            if what == "unscored":
                continue
            part = max((path for path in paths if f"{one.name}.".startswith(f"{path}.")), key=len)
            count = found.setdefault(
                part,
                dict.fromkeys(
                    ("items", "right", "confirmed", "wrong", "missed", "fabricated", "unclear", "not_in_text"), 0
                ),
            )
            count["items"] += 1
            count["right" if what in ("correct", "not_reported") else what] += 1
            count["confirmed"] += word == "confirmed"
            count["not_in_text"] += gone
    return found


def _list_entries(laid: Row) -> Row:
    places = {
        (study, *entry)
        for study, items in laid.items()
        for one, what in items
        if what != "unscored" and (entry := entry_of(one))
    }
    found: Row = {}
    for _, path, what in places:
        count = found.setdefault(re.sub(r"\[\d+\]?", "", path), {"matched": 0, "missing": 0, "extra": 0, "open": 0})
        count[what] += 1
    return found


def _absent(audit: Audit, study: str, studies: Row, pair: tuple[Beside, str], form: FormSpec) -> bool:
    """Whether a value that was not found is nowhere in the documents: of numbers and of what gold's own quote holds."""
    one, what = pair
    gold = studies[study][0].get(one.gold.path) if one.gold else None
    if what in ("correct", "unscored") or gold is None or gold["status"] != "reported" or one.name not in form.by_path:
        return False
    texts = {row["hash"]: row["text"] for row in audit.table("texts")}
    attached = [json.loads(texts[row["content"]])["text"] for row in documents(audit)[audit.alias[study]]]
    field, quote = form.by_path[one.name], gold.get("quote")
    if field.kind == "number":
        factors = {1.0, 100.0, 0.01, *(1 / f for f in (field.quantity.units.values() if field.quantity else ()))}
        wanted = {float(f"{gold['value'] * factor:.9g}") for factor in factors}
        return (
            bool(attached)
            and (quote is None or bool(wanted & _printed(quote)))
            and not any(wanted & _printed(text) for text in attached)
        )
    if field.kind not in ("text", "texts", "url"):
        return False
    bare_words = [_letters(re.sub(r"^\w+://(www\.)?", "", word)) for word in _each(gold["value"])]
    written = [word for word in bare_words if word and (field.kind == "url" or word in _letters(quote or ""))]
    return bool(attached) and any(all(word not in _letters(text) for text in attached) for word in written)


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


_SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def _printed(text: str) -> set[float]:
    """The numbers of an English text as they are printed; of those in millions and the like also the whole."""
    numbers: set[float] = set()
    for digits, scale in re.findall(r"(\d[\d,]*(?:\.\d+)?)(?:\s*(thousand|million|billion))?", text):
        value = float(digits.replace(",", ""))
        numbers |= {value, float(f"{value * {'thousand': 1e3, 'million': 1e6, 'billion': 1e9}.get(scale, 1):.9g}")}
    return numbers | {float(n) for n, word in enumerate(_SPELLED) if re.search(rf"\b{word}\b", text, re.IGNORECASE)}


def _in_order(items: list[tuple[Beside, str]]) -> list[tuple[Beside, str]]:
    """By path in gold's numbering; what gold has not comes behind."""

    def key(one: tuple[Beside, str]) -> Any:
        side = one[0].gold or one[0].found
        steps = re.split(r"[.\[\]]+", side.path if side else "")
        return [(int(step), "") if step.isdigit() else (-1, step) for step in steps if step]

    return sorted(items, key=key)


def _wrong(study: str, studies: dict[str, tuple[Row, Row]], one: Beside) -> Row:
    wanted, items = studies[study]
    return {"value": items.get(one.found.path, {}).get("value") if one.found else None,
            "gold": wanted.get(one.gold.path, {}).get("value") if one.gold else None}  # fmt: skip


def _tally(row: NDArray[Any]) -> dict[str, int]:
    return {name: int(row[at]) for at, name in enumerate(OUTCOMES)}


def _row(items: list[tuple[Beside, str]], names: list[str], kinds: dict[str, str]) -> NDArray[Any]:
    found = {name: dict.fromkeys(COLUMNS, 0.0) for name in names}
    for one, what in items:
        row, expected = found[one.name], one.gold is not None and one.gold.item["status"] == "reported"
        row[what] += 1
        row["unclear_expected"] += what == "unclear" and expected
        if what == "unscored" or not (expected or what == "fabricated") or kinds[one.name] not in ("codes", "texts"):
            continue
        shared, extracted, gold = sets(kinds[one.name], one.found and one.found.item, one.gold and one.gold.item)
        union = extracted + gold - shared
        for key, number in (
            ("shared", shared),
            ("extracted", extracted),
            ("gold", gold),
            ("union", union),
            ("size", 1),
        ):
            row[key] += number
        shares = (
            ("p", shared, extracted),
            ("r", shared, gold),
            ("f", 2 * shared, extracted + gold),
            ("j", shared, union),
        )
        for key, top, bottom in shares:
            if bottom:
                row[key] += top / bottom
                row[f"{key}s"] += 1
    return np.array([[found[name][column] for column in COLUMNS] for name in names])


def _sum(array: NDArray[Any], columns: list[str]) -> NDArray[Any]:
    return np.asarray(sum(array[..., COLUMNS.index(column)] for column in columns))


def _divided(top: NDArray[Any], bottom: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def _scores(rows: NDArray[Any], drawn: NDArray[Any]) -> dict[str, Found]:
    figures = {name: _share(rows, drawn, top, bottom, name != "f1") for name, (top, bottom) in FIGURES.items()}
    if _sum(rows, ["size"]).sum():
        figures |= {f"set_{name}": _share(rows, drawn, top, bottom, False) for name, (top, bottom) in SETS.items()}
    return figures


def _share(rows: NDArray[Any], drawn: NDArray[Any], top: list[str], bottom: list[str], proportion: bool) -> Found:
    """A share of 0 or 1 has Wilson's interval on Kish's effective number of studies, anything else a bootstrap."""
    above, below = _sum(rows, top), _sum(rows, bottom)
    whole = float(below.sum())
    value = float(above.sum()) / whole if whole else None
    if proportion and value in (0.0, 1.0):
        effective = whole**2 / float((below**2).sum())
        return e.wilson(effective * value, effective)
    return e.percentile(value, _divided(_sum(drawn, top), _sum(drawn, bottom)) if len(rows) > 1 else [], whole)


def _macro(rows: NDArray[Any], drawn: NDArray[Any], top: list[str], bottom: list[str]) -> Found:
    total = rows.sum(axis=0)
    figures = _divided(_sum(total, top), _sum(total, bottom))
    defined = figures[~np.isnan(figures)]
    again = _divided(_sum(drawn, top), _sum(drawn, bottom))
    count = (~np.isnan(again)).sum(axis=1)
    means = _divided(np.nansum(again, axis=1), count)
    return e.percentile(float(defined.mean()) if len(defined) else None, means if len(rows) > 1 else [], len(defined))


def _evidence(audit: Audit, studies: dict[str, tuple[Row, Row]], laid: dict[str, list[tuple[Beside, str]]]) -> Found:
    """Of the items whose place gold names: whether one of the first three places that were given is gold's."""
    texts = {row["hash"]: row["text"] for row in audit.table("texts")}
    rows = []
    for study, (wanted, items) in studies.items():
        attached = {row["name"]: json.loads(texts[row["content"]]) for row in documents(audit)[audit.alias[study]]}
        hits = []
        for one, _ in laid[study]:
            gold = wanted.get(one.gold.path) if one.gold and one.gold.item["status"] == "reported" else None
            place = _place(attached.get(gold["document"] or ""), gold) if gold else None
            if gold and place:
                given = items.get(one.found.path, {}).get("evidence", ())[:3] if one.found else ()
                hits.append(any(_there(each, gold["document"], place) for each in given))
        rows.append([sum(hits), len(hits)])
    return _by_study(rows)


def _by_study(rows: list[list[int]]) -> Found:
    """The share of two counts a study."""
    matrix = np.array(rows, dtype=float)
    whole, sums = float(matrix[:, 1].sum()), e.redrawn_sums(matrix)
    value = float(matrix[:, 0].sum()) / whole if whole else None
    if value in (0.0, 1.0):
        effective = whole**2 / float((matrix[:, 1] ** 2).sum())
        return e.wilson(effective * value, effective)
    return e.percentile(value, _divided(sums[:, 0], sums[:, 1]) if len(rows) > 1 else [], whole)


def extraction_agreement(audit: Audit) -> Row:
    """Every two extractors over the studies that both have: items with the same status and value, all and one by one."""
    form = _form(audit) if roles(audit, "extraction") else Form({}, {})
    kinds = form.kinds
    pairs: list[Row] = []
    for names in combinations(roles(audit, "extraction"), 2):
        one, two = (newest(audit, "extraction", name) for name in names)
        studies = []
        for study in (study for study in one if study in two):
            laid = [(item.name, _alike(item, kinds)) for item in beside(_items(one[study]), _items(two[study]), form)]
            studies.append([(name, same) for name, same in laid if same is not None])
        if studies:
            rows = [[sum(same for _, same in items), len(items)] for items in studies]
            by_item = {}
            for item in sorted({name for items in studies for name, _ in items}):
                told = [[same for name, same in items if name == item] for items in studies]
                by_item[item] = _by_study([[sum(same), len(same)] for same in told])
            pairs.append({"n": len(rows), "conflicts": sum(n - same for same, n in rows),
                          "estimates": {"items": _by_study(rows)}, "by_item": by_item})  # fmt: skip
    return {"pairs": pairs, "humans": None}


def _alike(one: Beside, kinds: dict[str, str]) -> bool | None:
    """Whether both say the same; None where one has no such item and the other no value of it."""
    sides = [side.item for side in (one.gold, one.found) if side]
    if len(sides) < 2:
        return False if any(item["status"] == "reported" for item in sides) else None
    first, second = sides
    if first["status"] != second["status"]:
        return False
    both_ways = first["status"] != "reported" or same_value(kinds[one.name], first, second)
    return one.agree and both_ways


def _items(row: Row) -> Row:
    return {path: {"value": None, **item} for path, item in row["said"].get("items", {}).items()}


def _place(document: Row | None, gold: Row) -> tuple[int, int] | None:
    """Where gold's quote stands on its page: as it is, or with other white space, or divided at the end of a line."""
    if document is None or not gold["quote"] or not gold["page"] or gold["page"] > len(document["pages"]):
        return None
    start = document["pages"][gold["page"] - 1]
    page = document["text"][start:].split("\f")[0]
    if (at := page.find(gold["quote"])) >= 0:
        return start + at, start + at + len(gold["quote"])
    words = [r"(?:-\n)?".join(map(re.escape, word)) for word in gold["quote"].split()]
    found = re.search(r"\s+".join(words), page)
    return (start + found.start(), start + found.end()) if found else None


def _there(evidence: Row, document: str, place: tuple[int, int]) -> bool:
    start, end = evidence.get("start"), evidence.get("end")
    if evidence["document"] != document or start is None:
        return False
    shorter = min(end - start, place[1] - place[0])
    return shorter > 0 and min(end, place[1]) - max(start, place[0]) >= shorter / 2
