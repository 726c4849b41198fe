"""Models of every kind behind one protocol: `connect` a spec, `send` a request, get a `Reply`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ValidationError

from ..core.errors import BadInput
from ..core.faces import on_demand
from ..core.registry import Registry
from ..protocol import ChatSpec, Price, ProbabilitySpec
from .base import Model

if TYPE_CHECKING:
    from .base import ModelError, PermanentError, RefusedError, Reply, TransientError, UnusableReply, Usage
    from .batch import Answers, encode, read_answers
    from .local import LocalModel
    from .offline import OfflineModel
    from .prices import cached_price_known, cost_usd, price_known
    from .secrets import entered_keys, read_key
    from .tokens import PICTURE_TOKENS, count_tokens, picture_tokens, pictures_of, text_tokens
    from .vectors import KeptVectors, own_vectors_file, vectors_file
    from .wire import recorded, shown, structured_of, text_as_read
else:
    __getattr__ = on_demand(__name__, __file__)


@dataclass(frozen=True)
class ModelKind:
    """A kind of model. `connect` makes one from its specification; `parameters` checks those that review.yaml gives.

    A kind that answers chats has the name that stands before the colon in `model: NAME:…`. What takes long to import is
    imported by `connect`.
    """

    connect: Callable[[Any], Model]
    answers: Literal["chat", "probability"] = "chat"
    parameters: type[BaseModel] | None = None


def _openai(spec: ChatSpec) -> Model:
    from .openai import OpenAIModel

    return OpenAIModel(spec)


def _langchain(spec: ChatSpec) -> Model:
    from .langchain import LangChainModel

    return LangChainModel(spec)


def _systemone(spec: ProbabilitySpec) -> Model:
    from .systemone import SystemOneModel

    return SystemOneModel(spec)


MODELS = Registry(
    "screener.models",
    ModelKind,
    {
        "openai": ModelKind(_openai),
        "langchain": ModelKind(_langchain),
        "systemone": ModelKind(_systemone, answers="probability"),
    },
)
"""The kinds of models by name; a provider that is not among them is LangChain's."""


def connect(spec: ChatSpec | ProbabilitySpec) -> Model:
    """Return the model that a spec describes, ready to send.

    Its library is imported here and not before: the SDK takes half a second, LangChain two. Raises `BadInput` for a
    key that is not in the environment, for a provider whose package is not installed, and for parameters that a
    package does not take.
    """
    if isinstance(spec, ProbabilitySpec):
        return MODELS["systemone"].connect(spec)
    kind = MODELS[spec.provider if spec.provider in MODELS else "langchain"]
    if kind.answers != "chat":
        kind = MODELS["langchain"]
    if kind.parameters is not None:
        _check_parameters(spec, kind.parameters)
    return kind.connect(spec)


def _check_parameters(spec: ChatSpec, parameters: type[BaseModel]) -> None:
    try:
        parameters.model_validate(spec.parameters)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(("parameters", *map(str, fault["loc"])))
        raise BadInput(f"the model {spec.model}: {where}: {fault['msg']}; correct it in prompts/review.yaml") from None


__all__ = [
    "MODELS",
    "PICTURE_TOKENS",
    "Answers",
    "Any",
    "BadInput",
    "BaseModel",
    "Callable",
    "ChatSpec",
    "KeptVectors",
    "Literal",
    "LocalModel",
    "Model",
    "ModelError",
    "ModelKind",
    "OfflineModel",
    "PermanentError",
    "Price",
    "ProbabilitySpec",
    "RefusedError",
    "Registry",
    "Reply",
    "TransientError",
    "UnusableReply",
    "Usage",
    "ValidationError",
    "cached_price_known",
    "connect",
    "cost_usd",
    "count_tokens",
    "dataclass",
    "encode",
    "entered_keys",
    "own_vectors_file",
    "picture_tokens",
    "pictures_of",
    "price_known",
    "read_answers",
    "read_key",
    "recorded",
    "shown",
    "structured_of",
    "text_as_read",
    "text_tokens",
    "vectors_file",
]
