"""Drives machine reviewers: what is missing, calls, limits, budget, commit."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand

if TYPE_CHECKING:
    from .asking import Asked, AskingPlan, Questions, ask_open, export_questions, from_stored, plan_asking
    from .batch_collect import BatchCheck, CollectedBatches, unsure
    from .batch_files import BatchImported, custom_id, export_batch, import_batch
    from .batch_submit import BatchContent, Submission, submit
    from .build_reviewers import embedded_task, task_for
    from .calibrating import calibrated_anew, is_graded, make_calibration
    from .dry_run import (
        TOKENS_PER_CRITERION,
        TOKENS_PER_ITEM,
        CallPlan,
        check_budget,
        nothing_to_ask,
        plan,
        refuse_twice,
    )
    from .ensembles import run_combined
    from .fitting import make_fit
    from .run_task import Options, Progress, RunStopped, Summary, Task
    from .runner import drive, run
    from .shared_beginnings import LEAST_CACHED, STEP
    from .stored_answers import request_hash, response_from
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "LEAST_CACHED",
    "STEP",
    "TOKENS_PER_CRITERION",
    "TOKENS_PER_ITEM",
    "Asked",
    "AskingPlan",
    "BatchCheck",
    "BatchContent",
    "BatchImported",
    "CallPlan",
    "CollectedBatches",
    "Options",
    "Progress",
    "Questions",
    "RunStopped",
    "Submission",
    "Summary",
    "Task",
    "ask_open",
    "calibrated_anew",
    "check_budget",
    "custom_id",
    "drive",
    "embedded_task",
    "export_batch",
    "export_questions",
    "from_stored",
    "import_batch",
    "is_graded",
    "make_calibration",
    "make_fit",
    "nothing_to_ask",
    "plan",
    "plan_asking",
    "refuse_twice",
    "request_hash",
    "response_from",
    "run",
    "run_combined",
    "submit",
    "task_for",
    "unsure",
]
