"""Changing the files of a protocol from a form: checked before they are written, refused where they changed meanwhile."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.yamlfile import BadValue, Path_
from ..ledger import Ledger
from ..protocol import Review, review_with_mistakes
from ..protocol.instructions_hash import instructions_hash
from ..stages import Stale, amend, stale
from .checking import mistakes_in
from .wording import WordingNote, wording_notes

PROTOCOL = "review.yaml"
_SAVING = Lock()


class ChangedMeanwhile(BadInput):
    """A file is not what it was when the form was made of it."""


@dataclass(frozen=True)
class Problem:
    """A mistake: in which file, at which value where that is known, and what is to be said of it."""

    file: str
    where: Path_
    advice: str
    blocks: bool
    """Whether the review could not be opened with it."""


class BlockedBy(BadInput):
    """Files cannot be saved, since the review could not be opened with a mistake of theirs, the first of all."""

    def __init__(self, problem: Problem) -> None:
        """Say what is wrong, and where in the file."""
        place = ".".join(map(str, problem.where))
        super().__init__(f"Not saved. {place + ': ' if place else ''}{problem.advice}")
        self.problem = problem


@dataclass(frozen=True)
class Effect:
    """What changes of a stage if a change of its instructions is saved."""

    stage: Stage
    stale: Stale
    needs_reason: bool
    """Whether people or gold have judged under the wording so far: then the change is recorded with its reason."""


@dataclass(frozen=True)
class Outlook:
    """What is wrong with files as they would be, and what saving them would make stale."""

    problems: tuple[Problem, ...]
    effects: tuple[Effect, ...]
    advice: tuple[Problem, ...] = ()
    """What could be worded better; none of it is a mistake."""

    @property
    def blocked(self) -> bool:
        """Return whether they cannot be saved."""
        return any(problem.blocks for problem in self.problems)


def read_text(path: Path) -> str:
    """Return the text of a file of the protocol; empty where there is none. `BadInput` where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path.name}: cannot be read as UTF-8 text") from None


def fingerprint(texts: Mapping[str, str]) -> str:
    """Return what tells whether the texts of files are what they were."""
    return hashlib.sha256(
        "\x00".join(f"{name}\x00{text}" for name, text in sorted(texts.items())).encode()
    ).hexdigest()[:32]


def outlook(ledger: Ledger, review: Review, texts: Mapping[str, str]) -> Outlook:
    """Return what is to be known before files in the folder of the protocol get these texts; nothing is written there."""
    with _candidate(review.root, texts) as root:
        try:
            changed, blocking = review_with_mistakes(root)
        except BadInput as error:
            changed, blocking = None, list(error.parts or [error])
        blocks = {str(mistake) for mistake in blocking}
        others = tuple(f"{root / 'prompts' / name}:" for name in texts if name != PROTOCOL)
        problems = tuple(
            _problem(root, mistake, str(mistake) in blocks or str(mistake).startswith(others))
            for mistake in mistakes_in(root)
        )
        problems = problems or tuple(_problem(root, mistake, blocks=True) for mistake in blocking)
        if changed is None or blocks:
            return Outlook(problems, ())
        effects = []
        for stage in changed.protocol.stages:
            if stage in review.protocol.stages and _judged_otherwise(review, changed, stage):
                effect = stale(ledger, changed, stage)
                if effect.anything:
                    effects.append(Effect(stage, effect, effect.known and _told_otherwise(review, changed, stage)))
        return Outlook(problems, tuple(effects), tuple(map(_as_advice, wording_notes(changed))))


def save(
    ledger: Ledger, review: Review, texts: Mapping[str, str], made_of: str, who: str, reason: str
) -> tuple[str, ...]:
    """Write files of the protocol, and record what they change as amendments; return the names of the files that changed.

    Raises `ChangedMeanwhile` where they are not those that `made_of` is the fingerprint of, and `BlockedBy` for texts with which
    the review could not be opened, and `BadInput` for a change that needs a reason.
    """
    with _SAVING:
        now = {name: read_text(review.prompts / name) for name in texts}
        if fingerprint(now) != made_of:
            raise ChangedMeanwhile(
                "Not saved: the file was changed after this page was opened, in another window or by somebody else. What you "
                "typed is still here. Open Setup in a second window, and bring over what you changed."
            )
        seen = outlook(ledger, review, texts)
        if seen.blocked:
            raise BlockedBy(next(problem for problem in seen.problems if problem.blocks))
        needing = [effect.stage for effect in seen.effects if effect.needs_reason]
        if needing and not reason.strip():
            raise BadInput("Not saved. Records were judged under the present wording: give the reason for the change.")
        changed = tuple(name for name, text in texts.items() if text != now[name])
        for name in changed:
            _replace(review.prompts / name, texts[name])
    after = Review(review.root)
    for stage in needing:
        amend(ledger, after, stage, who, reason)
    return changed


def _as_advice(note: WordingNote) -> Problem:
    where = tuple(int(part) if part.isdecimal() else part for part in note.place.split("."))
    quote = f"“{note.finding.quote}”: " if note.finding.quote else ""
    return Problem(PROTOCOL, where, quote + note.finding.advice, blocks=False)


def _judged_otherwise(before: Review, after: Review, stage: Stage) -> bool:
    names = [before.stage(stage).decided_by.machine, *before.protocol.reviewers]
    machines = [name for name in names if name and name in after.protocol.reviewers]
    return _told_otherwise(before, after, stage) or any(
        before.fingerprint(stage, name) != after.fingerprint(stage, name) for name in machines
    )


def _told_otherwise(before: Review, after: Review, stage: Stage) -> bool:
    return instructions_hash(before, stage) != instructions_hash(after, stage)


def _problem(root: Path, mistake: BadInput, blocks: bool) -> Problem:
    if isinstance(mistake, BadValue):
        return Problem(mistake.file.name, mistake.where, mistake.advice, blocks)
    told = str(mistake).replace(f"{root / 'prompts'}{os.sep}", "").replace(f"{root}{os.sep}", "")
    return Problem("", (), told, blocks)


@contextmanager
def _candidate(root: Path, texts: Mapping[str, str]) -> Iterator[Path]:
    """Yield a folder that is as the review's would be, without its ledger."""
    with tempfile.TemporaryDirectory(prefix="screener-check-") as name:
        folder = Path(name)
        for room in ("prompts", "gold"):
            if (root / room).is_dir():
                shutil.copytree(root / room, folder / room, symlinks=True, copy_function=_link)
        for file, text in texts.items():
            target = folder / "prompts" / file
            target.unlink(missing_ok=True)
            if text:
                target.write_bytes(text.encode("utf-8"))
        yield folder


def _link(source: str, target: str) -> str:
    """Give a file a second name, which costs nothing; copy it where that cannot be."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _replace(path: Path, text: str) -> None:
    """Write a file beside `path`, and put it in its place; a link to the file stays a link."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode if target.exists() else 0o644)
        Path(name).replace(target)
    except OSError as error:
        raise BadInput(f"{path.name}: cannot be written: {error.strerror}; what you typed is still here") from None
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)
