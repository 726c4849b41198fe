"""What code says of a record at a stage: answers of criteria by rule, and the decision that all answers amount to.

It holds of everybody's answers alike, people's and machines'.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

from ..core.judgement import Answer, Basis, Decision, Value
from ..core.messages import Readable
from ..records import Record
from ..text import language_of, languages_in
from .model import RuleCriterion, StageProtocol


def decide(stage: StageProtocol, answers: Mapping[str, Answer]) -> Decision:
    """Any `no` excludes, `yes` to every criterion that is asked includes; else it is unclear."""
    values = [answers[criterion.id].value if criterion.id in answers else Value.UNCLEAR for criterion in stage.criteria]
    values = [value for value in values if value is not Value.NOT_ASKED]
    if Value.NO in values:
        return Decision.EXCLUDE
    return Decision.INCLUDE if values and all(value is Value.YES for value in values) else Decision.UNCLEAR


def apply_rule(rule: RuleCriterion, record: Readable, texts: Iterable[str] = ()) -> Answer:
    """Return the answer of a criterion that code decides from the record's fields. What is not known is `unclear`.

    A report whose language no source names is `English` if `texts`, those of its documents, read so.
    """
    if not isinstance(record, Record):
        return Answer(value=Value.UNCLEAR, reason="the record's fields are not known")
    if rule.years is not None:
        return _by_years(rule.years, record)
    return _by_language(record.language or language_of("\n".join(texts)), rule.languages or ())


def known_years(record: Record) -> tuple[int, ...]:
    """Return every year that any source gives for the record, in order, each once."""
    years = {int(date.value[:4]) for date in record.dates} | ({record.year} if record.year is not None else set())
    return tuple(sorted(years))


def _by_years(limits: tuple[int, int], record: Record) -> Answer:
    first, last = limits
    years = known_years(record)
    if not years:
        return Answer(value=Value.UNCLEAR, reason="no date is known")
    listed = ", ".join(map(str, years))
    if first <= years[0] <= last:
        return Answer(value=Value.YES, reason=f"earliest known year {years[0]}", probability=1.0)
    if any(first <= year <= last for year in years):
        return Answer(value=Value.UNCLEAR, reason=f"known years {listed}: some are outside {first}–{last}")
    return Answer(
        value=Value.NO,
        reason=f"known years {listed}: all outside {first}–{last}",
        probability=0.0,
        basis=Basis.CONTRADICTED,
    )


def _by_language(value: str, eligible: tuple[str, ...]) -> Answer:
    """Compare languages, however they are written; of a paper in several, one that is eligible is enough."""
    if not value.strip():
        return Answer(value=Value.UNCLEAR, reason="no language is known")
    known, unknown = languages_in(value)
    wanted, wanted_unknown = languages_in("; ".join(eligible))
    if known & wanted or _spelt_alike(value, eligible) or any(_spelt_alike(part, wanted_unknown) for part in unknown):
        return Answer(value=Value.YES, reason=f"language {value}", probability=1.0)
    if unknown or not known:
        return Answer(value=Value.UNCLEAR, reason=f"language {value}: which one that is, is not known")
    return Answer(value=Value.NO, reason=f"language {value} is not eligible", probability=0.0, basis=Basis.CONTRADICTED)


def _spelt_alike(value: str, names: Iterable[str]) -> bool:
    return value.strip().casefold() in {name.strip().casefold() for name in names}


def facts_hash(stage: StageProtocol, record: Record) -> str:
    """Return the hash of the fields that the stage's rules read: a judgement is stale when these change. 16 hex digits.

    The record's text hash does not cover them: a merge may add a date and leave title and abstract as they are.
    """
    facts: dict[str, object] = {}
    for rule in stage.rules:
        if rule.years is not None:
            facts["years"] = known_years(record)
        else:
            facts["language"] = record.language
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
