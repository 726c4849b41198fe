"""What may be wrong with the wording of criteria: advice for people, by rules of general English grammar.

Nothing here is an error, and no rule knows what a review is about. A rule speaks only where it can quote the words that it
means; it rather misses something than blames sound wording.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.judgement import Stage
from ..core.yamlfile import Path_
from ..text import alike, content_of, cue_spans, denied, denies, double_denial, sentences
from .model import QuestionCriterion, StageProtocol
from .presupposition import presuppositions

Kind = Literal[
    "presupposes", "overlaps", "never_fails", "double_negative", "compound", "yes_not_eligible", "vague", "seldom_said",
    "main_focus", "cue", "suggested",
]  # fmt: skip
Field = Literal["question", "met_when", "not_met_when"]
_FIELDS: tuple[Field, ...] = ("question", "met_when", "not_met_when")


@dataclass(frozen=True)
class Finding:
    """One piece of advice on a criterion: where it stands in the stage, the words it is about, and what to do.

    `where` begins at the stage: `("criteria", 0, "question")`. `quote` stands in the value there, or is empty.
    """

    kind: Kind
    criterion: str
    where: Path_
    quote: str
    advice: str


def criticise(stage: Stage, spec: StageProtocol) -> list[Finding]:
    """Return what may be wrong with the wording of a stage's questions, in the order of the criteria."""
    found: list[Finding] = []
    for position, criterion in enumerate(spec.criteria):
        if not isinstance(criterion, QuestionCriterion):
            continue
        place: Path_ = ("criteria", position)
        found += _presupposes(spec, criterion, place)
        for rule in (_never_fails, _double_negatives, _compound, _yes_not_eligible, _vague, _main_focus, _cues):
            found += rule(criterion, place)
        if stage is Stage.ABSTRACT:
            found += _seldom_said(criterion, place)
        found += _overlaps(spec, position, criterion)
    return found


_CONDITION = re.compile(r"((?:if|where|when)\s[^,?]{2,80}),", re.IGNORECASE)


def _presupposes(spec: StageProtocol, criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    for phrase, other, later in presuppositions(spec, criterion):
        order = f"put `{other}` above `{criterion.id}` and write" if later else "write"
        advice = f"takes for granted what `{other}` asks; {order} `applies_if: {other}`, so that it is asked only where that is not no"
        yield Finding("presupposes", criterion.id, (*place, "question"), phrase, advice)
    condition = _CONDITION.match(criterion.question)
    if condition is not None and not criterion.applies_if and not criterion.met_when.strip():
        advice = "leaves open what holds where that is not so; ask for it in a criterion of its own that this one names by `applies_if`, or "
        advice += "say in `met_when` what becomes of the others"
        yield Finding("presupposes", criterion.id, (*place, "question"), condition[1], advice)


_SAME_QUESTION, _SAME_SENTENCE = 0.6, 0.7
"""From which share of common content words two questions, or two sentences, are taken to say the same."""


def _overlaps(spec: StageProtocol, position: int, criterion: QuestionCriterion) -> Iterator[Finding]:
    """Compare a criterion with those before it."""
    place: Path_ = ("criteria", position)
    for other in spec.criteria[:position]:
        if not isinstance(other, QuestionCriterion):
            continue
        mine, theirs = content_of(criterion.question), content_of(other.question)
        if len(mine & theirs) >= 3 and alike(mine, theirs) >= _SAME_QUESTION:
            advice = f"asks nearly what `{other.id}` asks; say how they differ, or make them one"
            yield Finding("overlaps", criterion.id, (*place, "question"), criterion.question, advice)
        for field, kept, advice in (
            ("met_when", other.met_when, f"is also what `{other.id}` counts as met; keep it in one of the two"),
            ("met_when", other.not_met_when, f"is what `{other.id}` counts as not met; no record meets both"),
            ("not_met_when", other.met_when, f"is what `{other.id}` counts as met; no record meets both"),
        ):
            if (sentence := _near(getattr(criterion, field), kept)) is not None:
                yield Finding("overlaps", criterion.id, (*place, field), sentence, advice)


def _near(text: str, other: str) -> str | None:
    """Return the first sentence of a text that nearly coincides with one of another text."""
    theirs = [(content_of(each.text, generic=True), denies(each.text)) for each in sentences(other)]
    for sentence in sentences(text):
        words, denial = content_of(sentence.text, generic=True), denies(sentence.text)
        if any(len(words & each) >= 4 and alike(words, each) >= _SAME_SENTENCE and denial is d for each, d in theirs):
            return sentence.text
    return None


_NEITHER_WAY = re.compile(
    r"\b(?:with\s+or\s+without|whether\s+or\s+not|regardless\s+of|irrespective\s+of|either\s[^.?;]{1,60}?\sor\s+(?:not|no|without)\b)",
    re.IGNORECASE,
)
_NOT = r"(?:it\s+(?:is|does)\s+)?(?:not(?:\s+(?:met|so|eligible|included))?|no|excluded?)"
_NO_CONTENT = re.compile(
    rf"(?:(?:otherwise|else|if\s+not|no)\b\W*(?:{_NOT})?|not\s+(?:met|so|eligible)|none(?:\s+of\s+(?:these|those|this|the\s+above))?"
    r"|(?:any|every)thing\s+else|all\s+else|any\s+other\b[^.]{0,20}|n/?a)\W*",
    re.IGNORECASE,
)
"""What stands for all that is not met, and says nothing of it; to be matched in full."""


def _never_fails(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    said = criterion.not_met_when.strip()
    if criterion.silence == "unclear" and (not said or _NO_CONTENT.fullmatch(said)):
        field = "not_met_when" if said else "question"
        wide = re.search(r"\b(?:any|either)\b", criterion.question, re.IGNORECASE)
        reason = f", and `{wide[0]}` admits nearly all" if wide else ""
        advice = f"nothing is written that fails it{reason}, and silence is unclear; say in `not_met_when` what a `no` looks like"
        yield Finding("never_fails", criterion.id, (*place, field), said, advice)
    if (match := _NEITHER_WAY.search(criterion.question)) is not None:
        advice = "rules nothing out; leave it out of the question and put what counts into `met_when`"
        yield Finding("never_fails", criterion.id, (*place, "question"), match[0], advice)


def _double_negatives(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    for field in _FIELDS:
        for sentence in sentences(getattr(criterion, field)):
            if (quote := double_denial(sentence.text)) is not None:
                advice = "denies twice; say what is there instead of what is not missing"
                yield Finding("double_negative", criterion.id, (*place, field), quote, advice)


_AUX = r"(?:is|are|was|were|does|do|did|has|have|had|can|could)"
_PARTICIPLE = r"(?:[\w-]{3,}(?:ed|ied)|shown|given|made|taken|known)"
_TOLD = r"(?:reported|described|presented|stated|given|published|documented|recorded)\b"
"""To be measured and told of is one thing."""
_VERBS = (
    "report|describe|compare|measure|assess|evaluate|test|state|provide|give|follow|receive|take|develop|analyse|analyze|"
    "present|estimate|examine|include|enrol|enroll|recruit|treat|train|publish"
)
_AND_OR = re.compile(r"\band\s*/\s*or\b", re.IGNORECASE)
_TWO_REQUIREMENTS = (
    re.compile(rf"\band\s+{_AUX}\s+(?:the|its|their|it|they|there|this|these|a|an)\b[^?]*", re.IGNORECASE),
    re.compile(rf"\bboth\s+{_PARTICIPLE}\s+and\s+{_PARTICIPLE}\b", re.IGNORECASE),
    re.compile(
        rf"\b{_PARTICIPLE}(?:\s+[^\s,;?]+){{0,4}}?,?\s+and\s+(?:\w+ly\s+)?(?!{_TOLD}){_PARTICIPLE}(?=\s*[?,;]|\s+(?:in|on|at|by|for|from|to|with|within|as|"
        r"against|after|before|during|between|per|than|through|using)\b)",
        re.IGNORECASE,
    ),
)
_TWO_VERBS = re.compile(
    rf"^(?:does|do|did)\b[^?]*?\b(?:{_VERBS})\b[^?]*?,?\s(and\s+(?:also\s+)?(?:{_VERBS})\b[^?]*)", re.IGNORECASE
)


def _compound(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    question, where = criterion.question, (*place, "question")
    if (match := _AND_OR.search(question)) is not None:
        yield Finding(
            "compound", criterion.id, where, match[0], "leaves open whether one is enough; write `and` or `or`"
        )
    quote = next((match[0] for pattern in _TWO_REQUIREMENTS if (match := pattern.search(question))), None)
    if quote is None and (verbs := _TWO_VERBS.match(question)):
        quote = verbs[1]
    if quote is None and question.rstrip().rstrip("?").count("?"):
        quote = question
    if quote is not None:
        advice = "asks two things at once, so a `no` does not say which; make them two criteria"
        yield Finding("compound", criterion.id, where, quote.rstrip(" ?"), advice)


_RECORD = r"(?:it|this|they|(?:the|this)\s+(?:study|paper|record|report|article|publication|abstract|text|work))"
_DENYING = re.compile(
    rf"^(?:{_AUX}\s+(?:there\s+no\b|(?:(?!(?:who|which|that|whether|if|or|and|do|does|did|is|are)\b)[\w-]+\s+){{1,5}}?(?:not|never)\b)"
    rf"|{_AUX}n['’]t\b)",
    re.IGNORECASE,
)
_EXCLUDING = re.compile(
    rf"^(?:should\s+|must\s+|{_AUX}\s+){_RECORD}\s+(?:to\s+)?(?:be\s+)?(?:excluded|ineligible|irrelevant|rejected|removed|out\s+of\s+scope|off[\s-]topic|lack(?:ing)?|fail(?:s|ed)?)\b",
    re.IGNORECASE,
)


def _yes_not_eligible(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    question, where = criterion.question, (*place, "question")
    if (match := _EXCLUDING.match(question)) is not None:
        advice = "asks for what is not eligible; turn it round, so that `yes` is eligible"
        yield Finding("yes_not_eligible", criterion.id, where, match[0], advice)
    elif (match := _DENYING.match(question)) is not None:
        advice = "denies, so that `yes` and `no` are easily mixed up; ask for what an eligible study has"
        yield Finding("yes_not_eligible", criterion.id, where, match[0], advice)
    elif _asks_for_not_met(criterion):
        advice = "asks for what `not_met_when` says; turn one of them round, so that `yes` is eligible"
        yield Finding("yes_not_eligible", criterion.id, where, question, advice)


def _asks_for_not_met(criterion: QuestionCriterion) -> bool:
    asked = content_of(criterion.question)
    if len(asked) < 2 or asked <= content_of(criterion.met_when):
        return False
    sure = [each.text for each in sentences(criterion.not_met_when) if not denies(each.text)]
    return any(asked <= content_of(text) for text in sure)


_VAGUE = re.compile(
    r"(?<![\w-])(?:adequate(?:ly)?|appropriate(?:ly)?|good(?!\s+\w+\s+practice)|sufficient(?:ly)?|recent(?:ly)?|relevant|"
    r"(?<!statistically )significant(?:ly)?|suitab(?:le|ly)|reasonabl[ey]|proper(?:ly)?|substantial(?:ly)?|rigorous(?:ly)?|"
    r"robust|meaningful(?:ly)?|considerabl[ey]|well[\s-]designed|high[\s-]quality|of\s+(?:high|good)\s+quality|etc\b\.?|and\s+so\s+on)(?![\w-])",
    re.IGNORECASE,
)
_DEFINED = re.compile(
    r"\d|\b(?:that is|i\.e\.|such as|for example|e\.g\.|namely|defined (?:as|by)|at least|at most|means)|:", re.I
)


def _vague(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    """What is vague in a question may be made plain by `met_when`, so that it counts only where that is empty."""
    for field in _FIELDS:
        if field == "question" and criterion.met_when.strip():
            continue
        for sentence in sentences(getattr(criterion, field)):
            match = _VAGUE.search(sentence.text)
            if match is not None and not _DEFINED.search(sentence.text, match.end()):
                advice = "says something else to each reader; write what counts, with a number or examples"
                yield Finding("vague", criterion.id, (*place, field), match[0], advice)


_SELDOM = re.compile(
    r"\b(?:(?:quasi-?|non-?)?randomi[sz](?:ed|ation|ing)\b|randomly\s+(?:allocated|assigned)|(?:placebo-)?controlled\s+(?:clinical\s+)?(?:trial|stud)\w*"
    r"|control\s+group|comparison\s+group|(?:un|double-|single-|triple-)blind(?:ed|ing)?\b|\bblind(?:ed|ing)\b|double\s+blind|allocation\s+conceal\w+|sample\s+size|fund(?:ed|ing)\b"
    r"|sponsor\w*|ethic(?:s|al)\s+approval|informed\s+consent|intention[\s-]to[\s-]treat|conflicts?\s+of\s+interest"
    r"|drop-?outs?\b|attrition|adverse\s+(?:events?|effects?)|side\s+effects?|trial\s+registration|registered\s+protocol"
    r"|inclusion\s+criteria|confounders?|code\s+(?:is\s+)?available)",
    re.IGNORECASE,
)


def _seldom_said(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    if criterion.silence != "no":
        return
    for field in ("question", "met_when"):
        if (match := _SELDOM.search(getattr(criterion, field))) is not None:
            advice = 'is often left out of abstracts, and with `silence: "no"` an abstract without it fails; write `silence: unclear`'
            yield Finding("seldom_said", criterion.id, (*place, field), match[0], advice)
            return


_FOCUS = re.compile(
    r"\b(?:(?:main|primary|principal|central)\s+(?:focus|aim|subject|topic|purpose|objective|intervention|exposure|question)|"
    r"focus(?:es|ed|sing|ing)?\s+(?:primarily\s+|mainly\s+)?on|primarily|mainly|chiefly|(?<!that\s)(?<!which\s)(?<!who\s)(?:is|are|was|were|being)\s+(?:\S+\s+){0,4}?(?:studied|investigated))\b",
    re.IGNORECASE,
)
_RULE_STATED = re.compile(
    r"\b(?:also|together|combin\w+|alongside|addition\w*|added|add-on|alone|beside|besides|along\s+with|other\s+\w+\s+(?:as\s+well|too)|background|"
    r"concomitant\w*|co-?\w*medicat\w+|even\s+if|even\s+where|counts?|one\s+of\s+several|part\s+of|among\s+others|as\s+well)\b",
    re.IGNORECASE,
)


def _main_focus(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    """`studied` and its like leave open what becomes of studies that have it beside something else."""
    match = _FOCUS.search(criterion.question)
    if match is not None and not _RULE_STATED.search(f"{criterion.met_when} {criterion.not_met_when}"):
        advice = (
            "leaves open what has it beside something else (all take it and another thing is compared; one of several parts); "
            "say in `met_when` whether that counts"
        )
        yield Finding("main_focus", criterion.id, (*place, "question"), match[0], advice)


def _cues(criterion: QuestionCriterion, place: Path_) -> Iterator[Finding]:
    cues = criterion.cues
    wrong: tuple[tuple[str, Sequence[str], Field, tuple[Field, ...], str], ...] = (
        ("contradicts", cues.contradicts, "met_when", ("not_met_when",), "yes"),
        ("supports", cues.supports, "not_met_when", ("question", "met_when"), "no"),
    )
    for name, listed, field, elsewhere, answer in wrong:
        for cue in _standing(listed, getattr(criterion, field)):
            # What stands on both sides is what the criterion is about, and no slip of the list.
            if not any(_standing([cue], getattr(criterion, other)) for other in elsewhere):
                where: Path_ = (*place, "cues", name, listed.index(cue))
                advice = f"stands in `{field}`, where it goes with `{answer}`; remove the cue or move it"
                yield Finding("cue", criterion.id, where, cue, advice)
    lists = {"supports": cues.supports, "suggests": cues.suggests, "contradicts": cues.contradicts}
    for name, other in (("contradicts", "supports"), ("contradicts", "suggests"), ("suggests", "supports")):
        for at, cue in enumerate(lists[name]):
            if (same := _same_cue(cue, lists[other])) is not None:
                shown = f"is in `{other}` too" if same == cue else f"is found by `{same}` in `{other}` too"
                where = (*place, "cues", name, at)
                yield Finding("cue", criterion.id, where, cue, f"{shown}; keep it in one of the two lists")


def _standing(cues: Sequence[str], text: str) -> list[str]:
    """Return the cues that stand in a text and are not denied there."""
    return list(dict.fromkeys(cue for start, _, cue in cue_spans(text, cues) if not denied(text, start)))


def _same_cue(cue: str, others: Sequence[str]) -> str | None:
    """Return the cue of another list that finds exactly what this one does (case, hyphens and spaces left aside)."""
    plain = _plain(cue)
    return next((other for other in others if _plain(other) == plain), None)


def _plain(cue: str) -> str:
    return re.sub(r"[\s\-]+", " ", cue.strip().casefold())
