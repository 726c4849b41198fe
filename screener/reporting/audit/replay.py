"""Prompts rendered again, and judgements derived again from the stored answers.

A prompt is stored as the hash of the request that it made. Here every judgement of a chat or probability reviewer is
made once more by the reviewer itself, answered from the ledger: its requests must be the stored ones, letter by letter,
and what comes out must be the stored judgement.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Judgement, Stage
from ...core.messages import EmbedRequest, Request, Response, UnusableReplyError
from ...ledger import Ledger, answer_text, as_studies, reads, reports, specifications
from ...ledger.earlier_requests import answered_at, requests_behind
from ...ledger.record_changes import last_change
from ...ledger.store import Connection
from ...models import PermanentError, Reply
from ...protocol import ChatSpec, ProbabilitySpec, Review, facts_hash
from ...running import Task, drive, request_hash, response_from, task_for

FORM = "their form is a program that was not run (--run-form)"
OTHER = "made from an earlier text, prompt or protocol"
DETAILS = "asked when the record may have had another year, venue, type or keywords"
NO_TEXTS = "their texts were left out"


@dataclass
class Replay:
    """Count what was replayed. `rendered` counts requests that are the stored ones.

    `same` counts judgements that came out the same.
    """

    judgements: int = 0
    rendered: int = 0
    same: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """Judgements that could not be made again, by the reason."""
    problems: list[str] = field(default_factory=list)


class _UnknownRequest(Exception):  # noqa: N818 - a finding, not a fault
    """A request that no call of the ledger has."""


class _Recorded:
    """The model of a run, known by its fingerprint alone."""

    def __init__(self, fingerprint: dict[str, Any]) -> None:
        self.fingerprint = fingerprint

    async def send(self, request: Request) -> Reply:
        raise PermanentError("a recorded model cannot be asked")

    async def close(self) -> None:
        """Nothing is open."""


def replay(ledger: Ledger, review: Review, *, with_texts: bool, run_form: bool) -> Replay:
    """Make every judgement of the protocol's chat and probability reviewers again from what the ledger holds."""
    result = Replay()
    for stage in review.protocol.stages:
        for name, spec in review.protocol.reviewers.items():
            if isinstance(spec, ChatSpec | ProbabilitySpec):
                _reviewer(result, ledger, review, stage, name, with_texts=with_texts, run_form=run_form)
    return result


def _reviewer(
    result: Replay, ledger: Ledger, review: Review, stage: Stage, name: str, *, with_texts: bool, run_form: bool
) -> None:
    with ledger.read() as connection:
        count = sum(1 for _ in reads.judgements(connection, stage, reviewer=name, roles=("machine",), bare=True))
        prints = [spec.get("fingerprint") for spec in specifications(connection, stage, name).values()]
    if not count:
        return
    result.judgements += count
    program = any(file.endswith(".py") for file in review.stage(stage).form)
    if not with_texts or (program and not run_form):
        result.skipped[FORM if with_texts else NO_TEXTS] += count
        return
    with ledger.read() as connection:
        records = reads.records(connection)
    if stage is not Stage.ABSTRACT:
        read_reports = reports(ledger, records)
        records = list(as_studies(ledger, read_reports) if stage is Stage.EXTRACTION else read_reports)
    try:
        fingerprint = next(spec for spec in reversed(prints) if isinstance(spec, dict))
        task = task_for(ledger, review, stage, name, records, model=_Recorded(fingerprint))
    except (BadInput, StopIteration) as error:
        result.skipped[" ".join(str(error).split()) or "no run says which model it was"] += count
        return
    asyncio.run(_judgements(result, ledger, task))


async def _judgements(result: Replay, ledger: Ledger, task: Task) -> None:
    records = {record.id: record for record in task.records}
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        behind = requests_behind(connection, task.stage, task.reviewer.asked)
        for row in reads.judgements(connection, task.stage, reviewer=task.name, roles=("machine",)):
            record = records.get(current_ids.get(row.record_id, row.record_id))
            if record is None or (record.text_hash, task.reviewer.asked) != (row.text_hash, row.asked):
                result.skipped[OTHER] += 1
                continue
            judgement_name = f"{task.name} on {record.id} at {task.stage}"
            asking = _Asking(connection, task, row.repeat)
            try:
                judgement: Judgement = await drive(task.reviewer.judge(record), asking.ask)
            except _UnknownRequest:
                # A judgement may be derived later, from answers that were given when less was known of the record.
                requests = behind.get((record.id, record.text_hash, row.repeat), ())
                answered = (answered_at(connection, (request, row.repeat)) for request in requests)
                if last_change(connection, record.id) > min(answered, default=row.at):
                    result.skipped[DETAILS] += 1
                    continue
                result.problems.append(
                    f"{judgement_name}: the prompt that is rendered now is not the one that was sent"
                )
                continue
            except UnusableReplyError as error:
                result.problems.append(f"{judgement_name}: its stored answer gives no judgement ({error})")
                continue
            result.rendered += asking.rendered
            if row.rule != f"{task.reviewer.rule}:{facts_hash(task.protocol, record)}":
                result.skipped["derived by earlier rules"] += 1
            elif judgement != row.judgement:
                result.problems.append(
                    f"{judgement_name}: the stored answer gives another judgement than the stored one"
                )
            else:
                result.same += 1
    if task.local is not None:
        await task.local.close()


class _Asking:
    """Answers one judgement's requests from the ledger."""

    def __init__(self, connection: Connection, task: Task, repeat: int) -> None:
        self._connection, self._task, self._repeat = connection, task, repeat
        self._model = json.dumps(task.model.fingerprint, sort_keys=True, ensure_ascii=False)
        self.rendered = 0

    async def ask(self, request: Request) -> Response:
        if isinstance(request, EmbedRequest) and self._task.local is not None:
            return (await self._task.local.send(request)).response
        key = request_hash(self._model, request), self._repeat
        text = answer_text(self._connection, key, even_rejected=True)
        if text is None:
            raise _UnknownRequest
        self.rendered += 1
        return response_from(text)
