"""Draw and lock gold one after the other, so that two at once neither draw the same records nor write one file."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from ..core.judgement import Stage
from ..ledger import Ledger
from ..protocol import Review

P = ParamSpec("P")
T = TypeVar("T")


def alone(
    function: Callable[Concatenate[Ledger, Review, Stage, P], T],
) -> Callable[Concatenate[Ledger, Review, Stage, P], T]:
    """Return the function such that it raises `BadInput` while somebody else draws or locks gold of the stage."""

    @wraps(function)
    def call(ledger: Ledger, review: Review, stage: Stage, /, *args: P.args, **options: P.kwargs) -> T:
        busy = f"somebody else is drawing or locking gold at {stage.label.lower()} now; run the command again"
        with ledger.alone(f"gold:{stage}", busy):
            return function(ledger, review, stage, *args, **options)

    return call
