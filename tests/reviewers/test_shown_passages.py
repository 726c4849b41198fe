"""What of a long report is shown: own work before that of others, all or a warning, and the abstract once."""

import re
from collections.abc import Sequence

import numpy as np
from support.reports import report_of

from screener.core.messages import EmbedRequest, EmbedResponse
from screener.documents import PassageQuery, Report, passages_of
from screener.reviewers.fulltext import ShownPassages, choose

ABSTRACT = "Abstract. " + "We trained a network on many recordings and tested it in two hospitals. " * 4
FILLER = "The words of this sentence are of no use to anybody who reads them here. " * 8


def shown(one: Report, *questions: PassageQuery, limit: int) -> ShownPassages:
    """What is chosen, with vectors that say nothing."""
    asking = choose(one, questions, limit)
    try:
        request = next(asking)
        assert isinstance(request, EmbedRequest)
        asking.send(EmbedResponse(np.zeros((len(request.texts), 2), dtype=np.float32)))
    except StopIteration as stop:
        told: ShownPassages = stop.value
        return told
    raise AssertionError("it asks twice")


def sections(told: ShownPassages) -> Sequence[str]:
    return [passage.section for passage in told.passages]


SEEDS = PassageQuery("How many seeds?", ("seed*",))
LONG = (
    ("1 Introduction", "Others used five seeds for this. " + FILLER),
    ("2 Related work", "Many seeds were used by others. " + FILLER),
    ("2.1 Seeds elsewhere", "Seeds, seeds and seeds again. " + FILLER),
    ("3 Methods", "The network has layers. " + FILLER),
    ("4 Results", "The figures are good. " + FILLER),
    ("Data availability", "All data are open. " + FILLER),
    ("References", "A paper on seeds. " + FILLER),
)


def test_methods_results_and_statements_come_before_introductions_and_references_never() -> None:
    told = shown(report_of(*LONG), SEEDS, limit=3 * 640)
    assert sections(told) == ["3 Methods", "4 Results", "Data availability"]
    told = shown(report_of(*LONG), SEEDS, limit=4 * 640)
    assert sections(told)[0] in {"1 Introduction", "2 Related work", "2.1 Seeds elsewhere"}
    assert "References" not in sections(shown(report_of(*LONG), SEEDS, limit=100_000))


def test_a_question_of_which_not_all_is_shown_is_told() -> None:
    data = PassageQuery("Are the data open?", ("data are open",))
    many = [(f"{n} Methods", f"Layer {n}. " + FILLER) for n in range(3, 12)]
    told = shown(report_of(*LONG[:3], *many, *LONG[5:]), SEEDS, data, limit=9 * 640)
    assert 0 in told.partly, "passages with one of its cues are hidden"
    assert told.unread
    assert shown(report_of(*LONG), SEEDS, data, limit=100_000).partly == frozenset()


def test_the_abstract_in_the_document_is_shown_as_the_abstract_and_not_twice() -> None:
    for known in ("", re.sub("hospitals", "clinics", ABSTRACT.removeprefix("Abstract. "))):
        told = shown(report_of(("Abstract", ABSTRACT), *LONG, abstract=known), limit=100_000)
        assert told.abstract == ABSTRACT.removeprefix("Abstract. ")
        assert "Abstract" not in sections(told)
        assert told.unread == ()


def test_another_abstract_and_a_paper_of_one_heading_stay_passages() -> None:
    other = "Cats are studied with respect to sleep, food, temper, breed, owners and gardens near rivers."
    told = shown(report_of(("Abstract", ABSTRACT), *LONG, abstract=other), limit=100_000)
    assert (told.abstract, sections(told)[0]) == ("", "Abstract")
    told = shown(report_of(*[("Abstract", ABSTRACT)] * 30), limit=100_000)
    assert told.abstract == ""
    assert len(passages_of(report_of(*LONG).documents)) == 6
