"""Estimate what a run would ask and cost, before anything is sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.messages import EmbedRequest, Request
from ..ledger import SENT, Ledger
from ..ledger.batches import batches
from ..models import Usage, cost_usd, count_tokens, price_known
from ..reviewers import ChatExtractor
from .run_task import Item, Options, Task
from .runner import missing

TOKENS_PER_CRITERION = 80
"""Assumed length of the answer to one criterion: a short reason, a quote of a sentence, and the answer."""

TOKENS_PER_ITEM = 45
"""Assumed length of the answer to one item of a form: a quote of a sentence, the status, and the value."""


@dataclass(frozen=True)
class CallPlan:
    """Estimate the calls of a run without repairs and retries. Tokens are rough.

    `cost_usd` is None where a price is unknown. Of an extraction it is the least (`at_least`): with one entry in each
    list, and nothing asked a second time. Only the first request of each study is known beforehand; the others are
    taken to be as long.
    """

    records: int
    judged: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    at_least: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as `run --dry-run --json` prints it."""
        return {"dry_run": True, **asdict(self)}


def plan(ledger: Ledger, task: Task, options: Options) -> CallPlan:
    """Count the requests about every record that `run` would ask about."""
    items = missing(ledger, task, options)
    judged = len(task.records) - len({record.id for record, _ in items})
    if task.endpoint is None:
        return CallPlan(len(task.records), judged, 0, 0, 0, 0.0)
    tokens = sum(count_tokens(request) for request in asyncio.run(_first_requests(task, items)))
    per_record, answer = 1, TOKENS_PER_CRITERION * len(task.protocol.questions)
    form = isinstance(task.reviewer, ChatExtractor)
    if isinstance(task.reviewer, ChatExtractor):
        per_record, answer = task.reviewer.least_requests, TOKENS_PER_ITEM * task.reviewer.least_items
    calls, tokens, answers = len(items) * per_record, tokens * per_record, len(items) * answer
    return CallPlan(
        len(task.records), judged, calls, tokens, answers, cost_usd(task.endpoint, Usage(tokens, answers)), form
    )


async def _first_requests(task: Task, items: Sequence[Item]) -> list[Request]:
    """Return the first request of each record that costs something; requests for vectors are answered locally."""
    requests = []
    for record, _ in items:
        asking = task.reviewer.judge(record)
        request = next(asking)
        while isinstance(request, EmbedRequest) and task.local is not None:
            request = asking.send((await task.local.send(request)).response)
        asking.close()
        requests.append(request)
    if task.local is not None:
        await task.local.close()
    return requests


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
