"""What `screener check` refuses of a protocol that can be read: what has no effect, and what nobody has written yet."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.yamlfile import YamlFile
from ..examples import blank_protocol
from ..forms import FormSpec
from ..ledger import Ledger, reads
from ..protocol import QuestionCriterion, Review
from ..text import cue_problem, cue_spans
from .own_ledger import ledger_to_read

_STRENGTHS = ("supports", "suggests", "contradicts")
_TO_WRITE = ("met_when", "not_met_when")
Place = tuple[str | int, ...]


def unfinished(document: YamlFile, review: Review | None) -> list[BadInput]:
    """Return the cues that can find nothing, words of the template of `init`, and stages that nobody decides.

    Cues and words are looked for in the file itself, since a criterion may be faulty otherwise.
    """
    mistakes: list[BadInput] = []
    for stage, spec in review.protocol.stages.items() if review else ():
        if not spec.decided_by.humans and spec.decided_by.machine is None:
            nobody = "nobody decides here; write at least 1 for `humans`, or name a reviewer as `machine`"
            mistakes.append(document.fail(("stages", stage.value, "decided_by"), nobody))
    template = _to_be_written(blank_protocol())
    for where, text in _texts(document.data, ()):
        if where[-1] in template and text in template[where[-1]]:
            mistakes.append(document.fail(where, "is still the template's; write it for your review"))
        elif where[-1:] and where[0] == "stages" and "cues" in where and (problem := cue_problem(text)):
            mistakes.append(document.fail(where, f"`{text}`: {problem}"))
    return mistakes


def _texts(data: Any, where: Place) -> Iterator[tuple[Place, str]]:
    """Yield every text of a file's data with its place."""
    if isinstance(data, str):
        yield where, data
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from _texts(value, (*where, key))


def _to_be_written(template: Mapping[str, Any]) -> dict[str | int, set[str]]:
    """Return by key the words of the template that only say what is to be written there."""
    criteria = [criterion for stage in template["stages"].values() for criterion in stage.get("criteria", ())]
    words: dict[str | int, set[str]] = {key: {c[key] for c in criteria if key in c} for key in _TO_WRITE}
    return {**words, "title": {template["title"]}, **{at: {text} for at, text in enumerate(template["questions"])}}


def form_cue_mistakes(review: Review, form: FormSpec) -> list[BadInput]:
    """Return the words of a form's items that can be found nowhere."""
    files = ", ".join(str(review.prompts / name) for name in review.stage(Stage.EXTRACTION).form)
    cues = [(path, cue) for path, item in form.by_path.items() for cue in item.cues]
    problems = [(path, cue, cue_problem(cue)) for path, cue in cues]
    return [BadInput(f"{files}: {path}: `{cue}`: {problem}") for path, cue, problem in problems if problem]


def unmatched_cues(review: Review) -> dict[Stage, dict[str, list[str]]]:
    """Return by stage and criterion the cues that stand in no title or abstract of the ledger's records.

    A stage that reads documents is left out: what its cues find is not in titles and abstracts.
    """
    spec = review.protocol.stages.get(Stage.ABSTRACT)
    if spec is None or not Ledger.exists(review.hidden):
        return {}
    missing = {criterion.id: [cue for _, cue in _cues(criterion)] for criterion in spec.questions}
    with ledger_to_read(review).read() as connection:
        texts = [f"{record.title}\n{record.abstract}" for record in reads.records(connection)]
    if not texts:
        return {}
    open_cues = {cue for cues in missing.values() for cue in cues}
    for text in texts:
        open_cues -= {cue for _, _, cue in cue_spans(text, list(open_cues))}
        if not open_cues:
            return {}
    left = {name: [cue for cue in cues if cue in open_cues] for name, cues in missing.items()}
    return {Stage.ABSTRACT: {name: cues for name, cues in left.items() if cues}}


def _cues(criterion: QuestionCriterion) -> Iterator[tuple[Place, str]]:
    for strength in _STRENGTHS:
        for position, cue in enumerate(getattr(criterion.cues, strength)):
            yield (strength, position), cue
