"""Answers that are asked for again and again of one state of a database, and are then not asked for again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

ANSWERS = "screener_answers"
"""The option of a connection that reads one state for a while: what it has been asked (see `Database.read_together`)."""
P = ParamSpec("P")
R = TypeVar("R")


def remembered(ask: Callable[Concatenate[Connection, P], R]) -> Callable[Concatenate[Connection, P], R]:
    """Return a function that asks a connection once, where that keeps its answers. Nobody may change what it returns."""

    @wraps(ask)
    def answer(connection: Connection, /, *args: P.args, **named: P.kwargs) -> R:
        answers: dict[Any, R] | None = connection.get_execution_options().get(ANSWERS)
        if answers is None:
            return ask(connection, *args, **named)
        question = (ask, args, tuple(sorted(named.items())))
        if question not in answers:
            answers[question] = ask(connection, *args, **named)
        return answers[question]

    return answer
