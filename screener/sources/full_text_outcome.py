"""What the search for a full text came to: the file and what lies beside it, or what was tried instead."""

from dataclasses import dataclass, field
from typing import Literal

NOT_KNOWN = "no open-access copy is known"

SupplementStatus = Literal["not looked for", "none", "known"]


@dataclass(frozen=True)
class Supplement:
    """A file beside a paper: its name, address, and its content where that was fetched; `why` it was not."""

    name: str
    url: str
    body: bytes = b""
    why: str = ""


@dataclass(frozen=True)
class Supplements:
    """The supplements of a paper. `not looked for` says nothing; `none` that the source lists files and has none."""

    status: SupplementStatus = "not looked for"
    files: tuple[Supplement, ...] = ()


@dataclass(frozen=True)
class FoundText:
    """A file that is a full text, by its first bytes: where it is from, and its ending `.pdf` or `.xml`."""

    source: str
    url: str
    suffix: str
    body: bytes


@dataclass(frozen=True)
class Attempt:
    """An address or a service that was asked and did not give the file, and why. One that `passes` may give it later."""

    source: str
    url: str
    why: str
    passes: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the search for one full text came to: the file, or what was tried instead."""

    file: FoundText | None = None
    attempts: tuple[Attempt, ...] = ()
    supplements: Supplements = field(default_factory=Supplements)

    @property
    def finished(self) -> bool:
        """Return whether everything that could be asked has answered for good."""
        return self.file is not None or not any(attempt.passes for attempt in self.attempts)

    @property
    def why(self) -> str:
        """Return why there is no file, in one line; empty where there is one."""
        if self.file is not None:
            return ""
        said = dict.fromkeys(": ".join(filter(None, (attempt.source, attempt.why))) for attempt in self.attempts)
        return "; ".join(said) or NOT_KNOWN
