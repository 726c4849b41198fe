"""What a machine reviewer and the world outside say to each other.

A machine reviewer does no I/O: it is a generator that yields requests, is sent their responses, and returns a
`Judgement`. Who sends the request, how often, at what price and whether an earlier answer is used again is the
runner's business; a test drives the same generator with a list.
"""

import hashlib
import struct
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .judgement import Judgement

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Passage:
    """A part of a document. `document` names it among the report's; `page` is 1-based; `start` counts its characters.

    `ocr` says that its text was recognised in the picture of the page.

    `text` stands there word for word. `shown` is how a reviewer is shown it where that is something else: a table in
    Markdown.
    """

    document: str
    page: int
    section: str
    text: str
    start: int = 0
    ocr: bool = False
    shown: str = ""

    @property
    def as_shown(self) -> str:
        """Return what a reviewer is shown."""
        return self.shown or self.text

    @property
    def place(self) -> str:
        """Return where it stands, for a prompt: `main, page 3, Methods`, or `main, page 3, OCR, Methods`."""
        return ", ".join(filter(None, (self.document, f"page {self.page}", "OCR" * self.ocr, self.section)))


@dataclass(frozen=True)
class EmbedRequest:
    """Ask for one unit-length vector a text."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class EmbedResponse:
    """The vectors, shape (number of texts, dimensions), rows of length 1, in the order asked."""

    vectors: Vectors


@dataclass(frozen=True)
class PagePlace:
    """A page (1-based) of a document of a report; `sha256` and `file` are those of the document's file."""

    document: str
    page: int
    sha256: str
    file: str


@dataclass(frozen=True)
class PictureRequest:
    """Ask for pages as pictures."""

    pages: tuple[PagePlace, ...]


@dataclass(frozen=True)
class PagePicture:
    """A page as a picture, in PNG; `place` is that of the page, for a prompt: `main, page 3`."""

    place: str
    png: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Return the hash of the picture, in hex digits."""
        return hashlib.sha256(self.png).hexdigest()

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height in pixels, as its header has them (PNG specification, chunk IHDR)."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height


@dataclass(frozen=True)
class PictureResponse:
    """The pictures of the pages that could be drawn, in the order asked, and how many could not."""

    pictures: tuple[PagePicture, ...]
    missing: int = 0


@dataclass(frozen=True)
class Message:
    """One chat message. `role` is `system`, `user` or `assistant`.

    `pictures` stand in the content, before the character at `pictures_at`.
    """

    role: str
    content: str
    pictures: tuple[PagePicture, ...] = ()
    pictures_at: int = 0


@dataclass(frozen=True)
class ChatRequest:
    """Ask a chat model for one JSON object. `schema` is a strict JSON Schema as canonical JSON text."""

    messages: tuple[Message, ...]
    schema_name: str
    schema: str
    logprobs: bool = False
    """Whether the probabilities of the answer's words are asked for, of servers that give them."""


THOUGHTS = "<think>"
"""What leads the text of an answer that came as thoughts alone, in a field of its own; nothing closes it."""


@dataclass(frozen=True)
class TokenChoice:
    """A token of an answer and what might have stood in its place, each with its probability in [0, 1].

    `start` is the place of `text` in the answer's text.
    """

    start: int
    text: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class ChatResponse:
    """What the chat model said: the text as received, or why there is none (`refusal`, `finish_reason`).

    `choices` are the tokens of its `"answer"`s for which others were likely too; None where the server did not say.
    """

    text: str
    refusal: str | None = None
    finish_reason: str | None = None
    choices: tuple[TokenChoice, ...] | None = None


@dataclass(frozen=True)
class ProbabilityRequest:
    """Ask a probability model how likely each statement is, given `state`. `questions` are (id, instructions)."""

    state: str
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ProbabilityResponse:
    """The probability in [0, 1] of each question, by id, as received: not yet checked for completeness."""

    probabilities: tuple[tuple[str, float], ...]


LocalRequest = EmbedRequest | PictureRequest
"""What is answered on this machine, costs nothing and is not kept."""
Request = LocalRequest | ChatRequest | ProbabilityRequest
Response = EmbedResponse | PictureResponse | ChatResponse | ProbabilityResponse


class UnusableReplyError(Exception):
    """A reply came and cannot be used: not the form that was asked for, or a refusal (`refused`). `text` is the reply.

    A reviewer raises it after its one repair; the record is then an error, asked again only when told.
    """

    def __init__(self, message: str, text: str = "", *, refused: bool = False) -> None:
        """`message` says in one line what is wrong."""
        super().__init__(message)
        self.text = text
        self.refused = refused


class AnswerPending(Exception):  # noqa: N818 - a state, not a fault
    """There is no answer to a request yet: it is in a batch file, or will be.

    It is thrown into the reviewer at the request. One that has more to ask meanwhile goes on, so that all of it goes
    into one file, and raises this in the end instead of a judgement; the others need not know of it.
    """


Judging = Generator[Request, Response, Judgement]

NO_TITLE = "[no title]"
"""What is shown where a record has no title."""


class Readable(Protocol):
    """What a reviewer may read of a record: its texts by name. An absent abstract is the empty string."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def abstract(self) -> str: ...


class Reviewer(Protocol):
    """A machine reviewer of one stage."""

    @property
    def asked(self) -> str:
        """Return the hash of all that the answers depend on besides the record's text."""

    @property
    def rule(self) -> str:
        """Return the hash of what is derived in code from the answers."""

    def judge(self, record: Readable) -> Judging:
        """Start a judgement of one record."""


class Embedder(Protocol):
    """Turns texts into vectors. `fingerprint` names the model and tokenizer by content."""

    @property
    def fingerprint(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit-length row for each text, shape (len(texts), dimensions), float32."""
