"""Gold as people make it: samples drawn, double labels adjudicated, versions locked, and what was removed audited."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from .elusion import second_reading
from .ready_sample import ready_sample

if TYPE_CHECKING:
    from .elusion import Elusion, draw_elusion, excluded_words, read_elusion
    from .items import GoldItem, GoldItems, load_gold_items
    from .labels import (
        REVIEWER,
        GoldSet,
        Label,
        Split,
        as_judgement,
        enter_gold,
        load_gold,
        placed_labels,
        refuse_test_records,
        shown_records,
    )
    from .lock import LABELLERS, Locked, LockObstacles, lock_gold, missing
    from .parts import Part, dev_parts, of_tested_studies, part_of, shown_in_prompt
    from .ready_sample import ReadySample, ReadyState, take_ready_sample
    from .recall import NamedRule, draw_recall, named_rules, recall_sample
    from .sample import draw_gold, draw_pilot, draw_update, not_sampled
    from .second_reading import SecondReading, screeners_of
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "LABELLERS",
    "REVIEWER",
    "Elusion",
    "GoldItem",
    "GoldItems",
    "GoldSet",
    "Label",
    "LockObstacles",
    "Locked",
    "NamedRule",
    "Part",
    "ReadySample",
    "ReadyState",
    "SecondReading",
    "Split",
    "as_judgement",
    "dev_parts",
    "draw_elusion",
    "draw_gold",
    "draw_pilot",
    "draw_recall",
    "draw_update",
    "enter_gold",
    "excluded_words",
    "load_gold",
    "load_gold_items",
    "lock_gold",
    "missing",
    "named_rules",
    "not_sampled",
    "of_tested_studies",
    "part_of",
    "placed_labels",
    "read_elusion",
    "ready_sample",
    "recall_sample",
    "refuse_test_records",
    "screeners_of",
    "second_reading",
    "shown_in_prompt",
    "shown_records",
    "take_ready_sample",
]
