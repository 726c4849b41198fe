"""Models of every kind behind one protocol: `connect` a spec, `send` a request, get a `Reply`."""

from ..protocol.endpoints import ChatSpec, Price, ProbabilitySpec
from .base import Model, ModelError, PermanentError, RefusedError, Reply, TransientError, UnusableReply, Usage

__all__ = [
    "ChatSpec",
    "Model",
    "ModelError",
    "PermanentError",
    "Price",
    "ProbabilitySpec",
    "RefusedError",
    "Reply",
    "TransientError",
    "UnusableReply",
    "Usage",
    "connect",
]


def connect(spec: ChatSpec | ProbabilitySpec) -> Model:
    """The model that a spec describes, ready to send.

    Its library is imported here and not before: the SDK takes half a second, LangChain two. Raises `BadInput` for a
    key that is not in the environment and for a provider whose package is not installed.
    """
    if isinstance(spec, ProbabilitySpec):
        from .systemone import SystemOneModel

        return SystemOneModel(spec)
    if spec.provider == "openai":
        from .openai import OpenAIModel

        return OpenAIModel(spec)
    from .langchain import LangChainModel

    return LangChainModel(spec)
