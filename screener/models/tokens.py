"""How many tokens a request will be, roughly: for dry runs, rate limits and reservations, never for a bill."""

import math
import re

from ..core.messages import ChatRequest, EmbedRequest, PagePicture, PictureRequest, ProbabilityRequest, Request
from ..protocol import ChatSpec

BYTES_PER_TOKEN = 4.0
TOKENS_PER_MESSAGE = 3
PICTURE_TOKENS = 1_600
"""Tokens of a picture for limits and reservations, where any model's will do; `picture_tokens` is for prices."""
_TILES = {"gpt-4o": (85, 170), "gpt-4o-mini": (2_833, 5_667)}
"""Tokens of an image and of each of its squares of 512 pixels. Source: OpenAI's guide to images and vision."""
_PATCHES = {"gpt-4.1-mini": 1.62, "gpt-4.1-nano": 2.46, "gpt-5-mini": 1.62, "gpt-5-nano": 2.46, "o4-mini": 1.72}
"""Tokens of a square of 32 pixels, of which at most 1,536 count. Source: the same guide; people have measured less."""
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def text_tokens(text: str) -> int:
    """Return the tokens of a text: a quarter of its UTF-8 bytes, rounded up.

    For ASCII this is the usual four characters a token; scripts with two or three bytes a character, which
    tokenizers split finer, are counted two or three times as high. Usually within a third of the true count.
    """
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)


def pictures_of(request: Request) -> list[PagePicture]:
    """Return the pictures of a request."""
    messages = request.messages if isinstance(request, ChatRequest) else ()
    return [picture for message in messages for picture in message.pictures]


def picture_tokens(spec: ChatSpec, picture: PagePicture) -> int | None:
    """Return the tokens of a picture by the rule that its provider has published; None where none is known here.

    Anthropic: width x height / 750, of a picture that is made smaller where it has more than 1,568 pixels on a side or some
    1,600 tokens (its guide to vision). OpenAI: squares of 512 or of 32 pixels, by model. A server of one's own has its own rule.
    """
    width, height = picture.size
    if spec.base_url is not None:
        return None
    if spec.provider == "anthropic":
        shrink = min(1.0, 1_568 / max(width, height))
        return min(math.ceil(width * height * shrink**2 / 750), PICTURE_TOKENS)
    name = _DATED.sub("", spec.model_name)
    if spec.provider == "openai" and name in _TILES:
        shrink = min(1.0, 2_048 / max(width, height))
        shrink = min(shrink, 768 / min(width, height))
        squares = math.ceil(width * shrink / 512) * math.ceil(height * shrink / 512)
        return _TILES[name][0] + _TILES[name][1] * squares
    if spec.provider == "openai" and name in _PATCHES:
        return math.ceil(min(math.ceil(width / 32) * math.ceil(height / 32), 1_536) * _PATCHES[name])
    return None


def count_tokens(request: Request) -> int:
    """Return the input tokens of a request, approximately.

    For chats the rule is that of LangChain's `count_tokens_approximately` (for each message its role and content,
    and three tokens around it) on bytes instead of characters, plus the schema. A vector costs nothing.
    """
    match request:
        case ChatRequest():
            prompt = sum(text_tokens(m.role + m.content) + TOKENS_PER_MESSAGE for m in request.messages)
            return prompt + text_tokens(request.schema) + PICTURE_TOKENS * len(pictures_of(request))
        case ProbabilityRequest():
            return text_tokens(request.state) + sum(text_tokens(name + text) for name, text in request.questions)
        case EmbedRequest() | PictureRequest():
            return 0
