"""Estimate what a run would ask and cost, before anything is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from ..core.errors import BadInput
from ..core.messages import AnswerPending, ChatRequest, LocalRequest, Request
from ..ledger import SENT, Ledger
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
from ..reviewers import ChatExtractor
from .run_task import Item, Options, Task
from .runner import missing
from .shared_beginnings import KnownRequest, estimate_input

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
    left_to_people: Mapping[str, str] = field(default_factory=dict)
    """What of a form the reviewer does not attempt: labels by path."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `run --dry-run --json` prints it."""
        fields = asdict(self)
        if not self.page_images:
            fields = {name: value for name, value in fields.items() if "images" not in name}
        return {"dry_run": True, **fields}


def plan(ledger: Ledger, task: Task, options: Options) -> CallPlan:
    """Count the requests about every record that `run` would ask about."""
    items = missing(ledger, task, options)
    judged = len(task.records) - len({record.id for record, _ in items})
    if task.endpoint is None:
        return CallPlan(len(task.records), judged, 0, 0, 0, 0.0, left_to_people=task.left_to_people)
    form = isinstance(task.reviewer, ChatExtractor)
    least = task.reviewer.least_requests if isinstance(task.reviewer, ChatExtractor) else 0
    known = asyncio.run(_known_requests(task, items))
    images = [request for requests in known for request in requests]
    estimate = estimate_input(known, least, options.concurrency, alike=form)
    answers = len(items) * answer_tokens(task)
    with_cache = cost_usd(task.endpoint, Usage(estimate.tokens, answers, estimate.cached))
    return CallPlan(
        len(task.records),
        judged,
        estimate.calls,
        estimate.tokens,
        answers,
        cost_usd(task.endpoint, Usage(estimate.tokens, answers)),
        form,
        estimate.cached,
        with_cache if cached_price_known(task.endpoint) else None,
        sum(request.images for request in images),
        sum(request.images_not_priced for request in images),
    )


async def _known_requests(task: Task, items: Sequence[Item]) -> list[list[KnownRequest]]:
    """Return of each record what is asked about it whatever the answers will be; requests for vectors are answered locally."""
    studies = []
    for record, _ in items:
        asking = task.reviewer.judge(record)
        known: list[KnownRequest] = []
        with suppress(AnswerPending, StopIteration):
            request = next(asking)
            while True:
                if isinstance(request, LocalRequest) and task.local is not None:
                    request = asking.send((await task.local.send(request)).response)
                    continue
                known.append(known_request(task.endpoint, request))
                request = asking.throw(AnswerPending())
        asking.close()
        studies.append(known)
    if task.local is not None:
        await task.local.close()
    return studies


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
        raise BadInput(
            f"--budget: the price of {task.endpoint.model} is not known; state it in prompts/review.yaml under "
            f"reviewers.{task.name}: `price: {{input: …, output: …}}` (US dollars per million tokens)"
        )
