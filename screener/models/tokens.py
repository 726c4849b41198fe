"""How many tokens a request will be, roughly: for dry runs, rate limits and reservations, never for a bill."""

import math

from ..core.messages import ChatRequest, EmbedRequest, ProbabilityRequest, Request

BYTES_PER_TOKEN = 4.0
TOKENS_PER_MESSAGE = 3


def text_tokens(text: str) -> int:
    """Return the tokens of a text: a quarter of its UTF-8 bytes, rounded up.

    For ASCII this is the usual four characters a token; scripts with two or three bytes a character, which
    tokenizers split finer, are counted two or three times as high. Usually within a third of the true count.
    """
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)


def count_tokens(request: Request) -> int:
    """Return the input tokens of a request, approximately.

    For chats the rule is that of LangChain's `count_tokens_approximately` (for each message its role and content,
    and three tokens around it) on bytes instead of characters, plus the schema. A vector costs nothing.
    """
    match request:
        case ChatRequest():
            prompt = sum(text_tokens(m.role + m.content) + TOKENS_PER_MESSAGE for m in request.messages)
            return prompt + text_tokens(request.schema)
        case ProbabilityRequest():
            return text_tokens(request.state) + sum(text_tokens(name + text) for name, text in request.questions)
        case EmbedRequest():
            return 0
