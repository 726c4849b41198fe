"""The queue of people's work: what waits for whom and in which order, slots and leases, decisions on many at once."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand

if TYPE_CHECKING:
    from .blinding import Blinding
    from .bulk import ALONE, BulkDecision, BulkPlan, carry_out, plan, verb_of
    from .bulk_undo import BACK, bulks, newest, undo_bulk
    from .drafts import RECOUNT_SECONDS
    from .learning import QueueLearner, learner_of
    from .pairs import KINDS as PAIR_KINDS
    from .pairs import PairList, Pairs, entries_of, settle_pairs, undo_pairs
    from .progress_counts import (
        Conflict,
        OpenRecord,
        Progress,
        SoFar,
        conflict,
        conflicts,
        judged_so_far,
        open_elsewhere,
        progress,
        sample_conflicts,
        so_far,
        wait_for_others,
    )
    from .queue import next_record
    from .queue_order import ensure
    from .settling import consensus_of, split_by_third
    from .side_by_side import SideBySide, beside_people, compare, in_an_order_that_tells_nothing, machine_row, quoted_in
    from .slots import (
        EVERYBODY,
        Seat,
        Taken,
        crowded,
        lease,
        needed_in_samples,
        release,
        release_all,
        release_window,
        slots_of,
        take,
    )
    from .studies import study
    from .worklist import Viewer
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "ALONE",
    "BACK",
    "EVERYBODY",
    "PAIR_KINDS",
    "RECOUNT_SECONDS",
    "Blinding",
    "BulkDecision",
    "BulkPlan",
    "Conflict",
    "OpenRecord",
    "PairList",
    "Pairs",
    "Progress",
    "QueueLearner",
    "Seat",
    "SideBySide",
    "SoFar",
    "Taken",
    "Viewer",
    "beside_people",
    "bulks",
    "carry_out",
    "compare",
    "conflict",
    "conflicts",
    "consensus_of",
    "crowded",
    "ensure",
    "entries_of",
    "in_an_order_that_tells_nothing",
    "judged_so_far",
    "learner_of",
    "lease",
    "machine_row",
    "needed_in_samples",
    "newest",
    "next_record",
    "open_elsewhere",
    "plan",
    "progress",
    "quoted_in",
    "release",
    "release_all",
    "release_window",
    "sample_conflicts",
    "settle_pairs",
    "slots_of",
    "so_far",
    "split_by_third",
    "study",
    "take",
    "undo_bulk",
    "undo_pairs",
    "verb_of",
    "wait_for_others",
]
