"""A model that is not asked: it has a fingerprint, for dry runs and batch files, and nothing can be sent to it."""

from typing import Any

from ..core.messages import Request
from ..protocol import ChatSpec, ProbabilitySpec
from .base import PermanentError, Reply
from .wire import chat_fingerprint, probability_fingerprint


class OfflineModel:
    """Has the fingerprint of the model that the spec names, so that a plan knows what is judged already and answers from a
    file count as that model's.
    """

    def __init__(self, spec: ChatSpec | ProbabilitySpec) -> None:
        """No key is read."""
        self.fingerprint: dict[str, Any] = (
            chat_fingerprint(spec) if isinstance(spec, ChatSpec) else probability_fingerprint(spec)
        )

    async def send(self, request: Request) -> Reply:
        """Never called in an offline run."""
        raise PermanentError("an offline model cannot be asked")

    async def close(self) -> None:
        """Nothing is open."""
