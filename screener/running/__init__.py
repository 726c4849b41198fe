"""Drives machine reviewers: what is missing, calls, limits, budget, commit."""

from .batch_collect import BatchCheck, CollectedBatches, unsure
from .batch_files import BatchImported, custom_id, export_batch, import_batch
from .batch_submit import BatchContent, Submission, submit
from .build_reviewers import make_fit, task_for
from .dry_run import TOKENS_PER_CRITERION, TOKENS_PER_ITEM, CallPlan, check_budget, plan, refuse_twice
from .ensembles import run_combined
from .run_task import Options, Progress, RunStopped, Summary, Task
from .runner import drive, run
from .shared_beginnings import LEAST_CACHED, STEP
from .stored_answers import request_hash, response_from

__all__ = [
    "LEAST_CACHED",
    "STEP",
    "TOKENS_PER_CRITERION",
    "TOKENS_PER_ITEM",
    "BatchCheck",
    "BatchContent",
    "BatchImported",
    "CallPlan",
    "CollectedBatches",
    "Options",
    "Progress",
    "RunStopped",
    "Submission",
    "Summary",
    "Task",
    "check_budget",
    "custom_id",
    "drive",
    "export_batch",
    "import_batch",
    "make_fit",
    "plan",
    "refuse_twice",
    "request_hash",
    "response_from",
    "run",
    "run_combined",
    "submit",
    "task_for",
    "unsure",
]
