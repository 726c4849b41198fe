"""A chat model that is only asked through batch files: it has a fingerprint, and nothing can be sent to it."""

from typing import Any

from ..core.errors import BadInput
from ..core.messages import Request
from ..protocol import ChatSpec, ProbabilitySpec
from .base import PermanentError, Reply
from .wire import chat_fingerprint


class OfflineModel:
    """Has the fingerprint of the model that the spec names, so that answers from a file count as that model's."""

    def __init__(self, spec: ChatSpec | ProbabilitySpec) -> None:
        """`BadInput` for a model whose requests have no batch format."""
        if not isinstance(spec, ChatSpec) or spec.provider != "openai":
            raise BadInput(f"{spec.model}: batch files are for `openai:` chat models (any OpenAI-compatible server)")
        self.fingerprint: dict[str, Any] = chat_fingerprint(spec)

    async def send(self, request: Request) -> Reply:
        """Never called in an offline run."""
        raise PermanentError("an offline model cannot be asked")

    async def close(self) -> None:
        """Nothing is open."""
