"""Gold as people make it: samples drawn, double labels adjudicated, versions locked, and what was removed audited."""

from .blind import blind_conflicts
from .elusion import Elusion, draw_elusion, read_elusion
from .lock import Locked, LockObstacles, lock_gold, missing
from .sample import draw_gold, draw_pilot

__all__ = [
    "Elusion",
    "LockObstacles",
    "Locked",
    "blind_conflicts",
    "draw_elusion",
    "draw_gold",
    "draw_pilot",
    "lock_gold",
    "missing",
    "read_elusion",
]
