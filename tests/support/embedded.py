"""An embedded reviewer on two criteria, and what answers its requests."""

from functools import cache

from screener.core.judgement import Judgement, Stage
from screener.core.messages import Embedder, EmbedRequest, EmbedResponse, Judging
from screener.protocol.model import Cues, QuestionCriterion, StageProtocol, Thresholds
from screener.protocol.model import EmbeddedReviewerSpec as Spec
from screener.text.embeddings import HashedTerms


def drive(judging: Judging, embedder: Embedder) -> Judgement:
    """Answer the generator's requests until it returns."""
    try:
        request = next(judging)
        while True:
            assert isinstance(request, EmbedRequest)
            request = judging.send(EmbedResponse(embedder.embed(request.texts)))
    except StopIteration as stop:
        judged: Judgement = stop.value
        return judged


@cache
def embedder() -> HashedTerms:
    return HashedTerms()


NUDGE = QuestionCriterion(
    id="nudge",
    question="Is a nudge studied?",
    met_when="A reminder is shown to a clinician when a decision is made.",
    not_met_when="The intervention is a drug.",
    silence="no",
    cues=Cues(supports=("reminder*",), suggests=("intervention*",), contradicts=("placebo", "mice")),
)


TESTED = QuestionCriterion(
    id="tested",
    question="Is it tested?",
    cues=Cues(supports=("trial",), contradicts=("study protocol",)),
)


STAGE = StageProtocol(question="?", template="t.md", criteria=(NUDGE, TESTED))


SPEC = Spec(
    kind="embedded",
    thresholds={Stage.ABSTRACT: {name: Thresholds(no_below=0.3, yes_from=0.6) for name in ("nudge", "tested")}},
)
