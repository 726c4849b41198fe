"""Estimate what a run would ask and cost, before anything is sent."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from ..core.errors import BadInput
from ..core.job_work import StoppedEarly
from ..core.messages import AnswerPending, ChatRequest, Judging, LocalRequest, Request, UnusableReplyError
from ..ledger import SENT, Key, Ledger
from ..ledger.batches import batches
from ..models import (
    PICTURE_TOKENS,
    Usage,
    cached_price_known,
    cost_usd,
    count_tokens,
    picture_tokens,
    pictures_of,
    price_known,
    text_as_read,
)
from ..protocol import ChatSpec, ProbabilitySpec
from ..protocol.policy import models_of_server
from ..reviewers import ChatExtractor
from .run_task import Item, Options, Task
from .runner import Behind, missing
from .shared_beginnings import KnownRequest, calls_of, estimate_input
from .stored_answers import StoredAnswers

Counted = Callable[[int, int], None]
"""Told how many records are counted, and of how many."""
TOKENS_PER_CRITERION = 80
"""Assumed length of the answer to one criterion: a short reason, a quote of a sentence, and the answer."""

TOKENS_PER_ITEM = 45
"""Assumed length of the answer to one item of a form: a quote of a sentence, the status, and the value."""


@dataclass(frozen=True)
class CallPlan:
    """Estimate the calls of a run without repairs and retries. Tokens are rough.

    `cost_usd` is None where a price is unknown. Of an extraction it is the least (`at_least`): with one entry in each
    list, and nothing asked a second time. What of a study can be asked before its first answer is known; its other
    requests are taken to be as long.
    """

    records: int
    judged: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    at_least: bool = False
    cached_tokens: int = 0
    """Of the input tokens those at the beginning of requests that a provider has probably cached (see
    `shared_beginnings`): what a request has in common with the one before it."""
    cost_cached_usd: float | None = None
    """What it costs if those are cached; None where the price of cached input is not known to be lower."""
    page_images: int = 0
    """Pictures of pages in the requests that are known; the tokens of those that can be counted are among the input's."""
    images_not_priced: int = 0
    """Of these the ones whose tokens are not known: they are in no figure."""
    answered_from_ledger: int = 0
    """Requests whose answers are stored: they are not sent, and are in none of the other figures."""
    left_to_people: Mapping[str, str] = field(default_factory=dict)
    """What of a form the reviewer does not attempt: labels by path."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `run --dry-run --json` prints it."""
        fields = asdict(self)
        if not self.page_images:
            fields = {name: value for name, value in fields.items() if "images" not in name}
        return {"dry_run": True, **fields}


def plan(ledger: Ledger, task: Task, options: Options, counted: Counted = lambda _done, _of: None) -> CallPlan:
    """Count the requests about every record that `run` would judge, apart from those whose answers are stored.

    `counted` is told after each record how many are counted, and of how many. Raises `StoppedEarly` once `options.stop` says so.
    """
    items, behind = missing(ledger, task, options)
    judged = len(task.records) - len({record.id for record, _ in items})
    if task.endpoint is None:
        return CallPlan(len(task.records), judged, 0, 0, 0, 0.0, left_to_people=task.left_to_people)
    form = isinstance(task.reviewer, ChatExtractor)
    least = task.reviewer.least_requests if isinstance(task.reviewer, ChatExtractor) else 0
    studies = asyncio.run(_requests(ledger, task, items, behind, options.stop, counted))
    to_ask = [study for study in studies if study.known]
    images = [request for study in to_ask for request in study.known]
    estimate = estimate_input(
        [study.known for study in to_ask],
        least,
        options.concurrency,
        alike=form,
        answered=[study.answered for study in to_ask],
    )
    answers = round(answer_tokens(task) * sum(study.share(least) for study in to_ask))
    with_cache = cost_usd(task.endpoint, Usage(estimate.tokens, answers, estimate.cached))
    return CallPlan(
        len(task.records),
        judged,
        estimate.calls,
        estimate.tokens,
        answers,
        cost_usd(task.endpoint, Usage(estimate.tokens, answers)) if to_ask else 0.0,
        form,
        estimate.cached,
        with_cache if to_ask and cached_price_known(task.endpoint) else None,
        sum(request.images for request in images),
        sum(request.images_not_priced for request in images),
        sum(study.answered for study in studies),
    )


def nothing_to_ask(ledger: Ledger, task: Task, options: Options) -> bool:
    """Return whether stored answers suffice for all that `run` would judge."""
    items, behind = missing(ledger, task, options)
    # Where nothing was ever asked the first record alone tells.
    tries = (asyncio.run(_requests(ledger, task, some, behind)) for some in (items[:1], items))
    return not any(study.known for studies in tries for study in studies)


@dataclass
class _StudyRequests:
    """What is asked about one record whatever the answers will be, apart from what is `answered`."""

    known: list[KnownRequest] = field(default_factory=list)
    answered: int = 0

    def share(self, least: int) -> float:
        """Return how much of all that is asked about the record is still to be sent, from 0 to 1."""
        calls = calls_of(self.known, least, self.answered)
        return calls / (calls + self.answered)


async def _requests(
    ledger: Ledger,
    task: Task,
    items: Sequence[Item],
    behind: Behind,
    stop: Callable[[], bool] = lambda: False,
    counted: Counted = lambda _done, _of: None,
) -> list[_StudyRequests]:
    """Return the requests of each record; what several ask is counted once. Those for vectors are answered locally."""
    stored, seen = StoredAnswers(ledger, task.model.fingerprint), set[Key]()
    studies = []
    for at, (record, repeat) in enumerate(items):
        if stop():
            raise StoppedEarly
        counted(at, len(items))
        earlier = iter(behind.get((record.id, record.text_hash, repeat), ()))
        asking, study = task.reviewer.judge(record), _StudyRequests()
        with suppress(AnswerPending, UnusableReplyError):
            await _follow(task, asking, repeat, earlier, stored, seen, study)
        asking.close()
        studies.append(study)
    if task.local is not None:
        await task.local.close()
    return studies


async def _follow(
    task: Task,
    asking: Judging,
    repeat: int,
    earlier: Iterator[str],
    stored: StoredAnswers,
    seen: set[Key],
    study: _StudyRequests,
) -> None:
    """Answer what a reviewer asks about one record as far as that is possible, and count it."""
    with suppress(StopIteration):
        request = next(asking)
        while True:
            if isinstance(request, LocalRequest) and task.local is not None:
                request = asking.send((await task.local.send(request)).response)
                continue
            key = stored.key(request, repeat, next(earlier, ""))
            if (answer := stored.answer(key)) is not None:
                study.answered += 1
                request = asking.send(answer)
                continue
            if key not in seen:
                seen.add(key)
                study.known.append(known_request(task.endpoint, request))
            request = asking.throw(AnswerPending())


def answer_tokens(task: Task) -> int:
    """Return the tokens that are assumed for the answers about one record: of a form, with one entry in each list."""
    if isinstance(task.reviewer, ChatExtractor):
        return TOKENS_PER_ITEM * task.reviewer.least_items
    return TOKENS_PER_CRITERION * len(task.protocol.questions)


def known_request(spec: ChatSpec | ProbabilitySpec | None, request: Request) -> KnownRequest:
    """Return a request with its tokens: pictures by the rule that the provider has published, or not counted."""
    if not isinstance(spec, ChatSpec) or not isinstance(request, ChatRequest):
        return KnownRequest("", count_tokens(request))
    pictures = pictures_of(request)
    counted = [tokens for picture in pictures if (tokens := picture_tokens(spec, picture)) is not None]
    tokens = count_tokens(request) - len(pictures) * PICTURE_TOKENS + sum(counted)
    return KnownRequest(text_as_read(spec, request), tokens, len(pictures), len(pictures) - len(counted))


def refuse_twice(ledger: Ledger, task: Task) -> None:
    """Refuse a run whose reviewer has requests in a batch under way: their answers would be paid for twice."""
    with ledger.read() as connection:
        open_ = [batch for batch in batches(connection) if batch.state in SENT]
    mine = [batch for batch in open_ if (batch.stage, batch.reviewer) == (task.stage.value, task.name)]
    if mine:
        count = sum(batch.requests for batch in mine)
        raise BadInput(
            f"{task.name}: {count:,} requests are in a batch under way ({', '.join(batch.name for batch in mine)}); "
            "`screener batch collect` takes in its answers first, `--again` asks now and pays twice"
        )


def check_budget(task: Task, options: Options) -> None:
    """Refuse a budget that could not be kept because the price is not known."""
    if options.budget_usd is not None and task.endpoint is not None and not price_known(task.endpoint):
        if models_of_server() is not None:
            raise BadInput(
                f"the price of {task.endpoint.model} is not known, so no budget can be kept; ask the administrator of this "
                "server to state it"
            )
        raise BadInput(
            f"--budget: the price of {task.endpoint.model} is not known; state it in prompts/review.yaml under "
            f"reviewers.{task.name}: `price: {{input: …, output: …}}` (US dollars per million tokens)"
        )
