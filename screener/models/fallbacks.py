"""What a server would not be asked: the ways of asking for an answer's form that it refused, kept for the life of a model.

A way may be refused as such (no schemas at all) or for one schema (its grammar cannot be made); the second says nothing of
other schemas. A refused request costs nothing and gives no answer.
"""

from collections.abc import Sequence

from ..core.messages import ChatRequest
from .base import ModelError
from .failures import refused_form
from .simple_schema import simplified

_WORDS = {
    "json_schema": "with its JSON schema",
    "simple_schema": "with a simpler JSON schema",
    "json_object": "for any JSON object, with the schema in the prompt",
    "function_calling": "for a tool call",
    "simple_function_calling": "for a tool call with a simpler schema",
    "prompt": "in the prompt alone",
}
_SHOWN = 160
"""Characters of the server's words in a notice."""


class Fallbacks:
    """Choose how to ask for a form: the first of some steps that the server has not refused."""

    def __init__(self, steps: Sequence[str]) -> None:
        """`steps` lead from the strictest to the plainest; with a single one there is nothing to fall back on."""
        self._steps = tuple(steps)
        self._refused: set[tuple[str, str]] = set()
        self._notices: dict[tuple[str, str], str] = {}

    def step(self, request: ChatRequest) -> str:
        """Return the step for a request."""
        return next((step for step in self._steps if not self._is_refused(step, request)), self._steps[-1])

    def falls_back(self, step: str, request: ChatRequest, error: ModelError) -> bool:
        """Return whether the request is to be sent again in another way, because the server refused this one.

        Another request may have found it out meanwhile; then what it found holds.
        """
        kind = refused_form(error)
        if kind is None or step == self._steps[-1]:
            return False
        self._refused.add((step if kind == "schema" else _form(step), request.schema if kind == "schema" else ""))
        following = self.step(request)
        if following == step:
            return False
        self._notices.setdefault((step, following), _notice(step, following, request, error))
        return True

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what fell back to what and why, one sentence for each pair of steps."""
        return tuple(self._notices.values())

    def _is_refused(self, step: str, request: ChatRequest) -> bool:
        if (_form(step), "") in self._refused or (step, request.schema) in self._refused:
            return True
        # What is simple already would be sent a second time.
        return step.startswith("simple_") and simplified(request.schema).text == request.schema


def _form(step: str) -> str:
    """Return what a step asks for, whatever the schema: the simpler schemas are asked for in the same way."""
    return {"simple_schema": "json_schema", "simple_function_calling": "function_calling"}.get(step, step)


def _notice(step: str, following: str, request: ChatRequest, error: ModelError) -> str:
    without = simplified(request.schema).without if following.startswith("simple_") else ()
    missing = f" (without {', '.join(without)})" if without else ""
    said = " ".join(str(error).split())[:_SHOWN]
    return f"the server refuses to be asked {_WORDS[step]} ({said}); it was asked {_WORDS[following]}{missing} instead"
