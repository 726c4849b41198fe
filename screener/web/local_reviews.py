"""The reviews in folders of this machine that its user has opened, made or copied."""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from ..adjudication import progress
from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.yamlfile import YamlFile
from ..protocol import Review
from ..review.own_ledger import ledger_to_read, ledger_to_write
from ..stages import canonical_reviewer_name
from .desk import Desk
from .local_jobs import LocalJobs
from .own_settings import KnownReview, OwnSettings, base_of, is_review, keep_settings, read_settings, settings_alone

_DEPTH, _MOST_FOLDERS, _MOST_REVIEWS = 3, 2_000, 50


@dataclass(frozen=True)
class StageLine:
    """How far a person is at a stage. `left` is None where they have not begun it."""

    stage: Stage
    records: int
    judged: int
    left: int | None

    @property
    def share(self) -> float:
        """Return the judged share of what came to the person, in per cent."""
        return 100 * self.judged / max(1, self.judged + (self.left or 0))


class LocalReviews:
    """The reviews of one user. Settings that cannot be kept are gone with the app; `trouble` then says why."""

    def __init__(self, settings: OwnSettings | None = None) -> None:
        """Begin with what was kept."""
        self._settings = settings or read_settings()
        self._lock = Lock()
        self._jobs = LocalJobs()
        self.trouble = ""

    @property
    def name(self) -> str:
        """Return the user's name, empty where it is not known."""
        return self._settings.name

    def known(self) -> tuple[KnownReview, ...]:
        """Return the reviews that were opened before, the last one first; also by another start of the program."""
        with self._lock:
            self._settings = self._newest()
        return self._settings.reviews

    def rename(self, name: str) -> None:
        """Keep the user's name."""
        self._change(lambda kept: OwnSettings(name, kept.reviews))

    def forget(self, slug: str) -> None:
        """Take a review off the list; its folder stays as it is."""
        self._change(lambda kept: kept.without(slug))

    def remember(self, folder: Path) -> KnownReview:
        """Put the review in a folder at the top of the list; `BadInput` where the folder holds none."""
        if not is_review(folder):
            raise BadInput(f"{shown(folder)}: no review here (prompts/review.yaml is missing).")
        place = folder.resolve()
        review = KnownReview(place, _title_of(place), datetime.now(UTC).isoformat(timespec="seconds"))
        self._change(lambda kept: kept.with_review(review))
        return review

    def one(self, slug: str) -> KnownReview:
        """Return the review of that name in addresses; `BadInput` where none is known."""
        for reviews in (self._settings.reviews, self.known()):
            for review in reviews:
                if review.slug == slug:
                    return review
        raise BadInput("This review is not on the list any more; open its folder again.")

    def open(self, slug: str, name: str) -> Desk:
        """Return the desk of a person on a review, now the one opened last."""
        folder = self.one(slug).folder
        review = Review(folder)
        ledger = ledger_to_write(review, patient=False)  # who waits for a page is told that it is locked
        try:
            reviewer = canonical_reviewer_name(ledger, review, [name])[name]
            self.remember(folder)
        except BaseException:
            ledger.close()
            raise
        return Desk(review, ledger, reviewer, base_of(slug), home="/", jobs=self._jobs.board(folder, reviewer))

    def close(self) -> None:
        """End what does jobs."""
        self._jobs.close()

    def state(self, slug: str) -> object:
        """Return what tells whether protocol, prompts and ledger are those that a desk was opened on; None where they are gone."""
        try:
            return folder_state(self.one(slug).folder)
        except BadInput:
            return None

    def lines(self, slug: str) -> list[StageLine]:
        """Return how far the user is at each stage of a review."""
        review = Review(self.one(slug).folder)
        ledger = ledger_to_read(review)
        try:
            counts = [progress(ledger, review, stage, self.name) for stage in review.protocol.stages]
        finally:
            ledger.close()
        return [StageLine(count.stage, count.records, count.judged_by_me, count.left) for count in counts]

    def _newest(self) -> OwnSettings:
        kept = read_settings()
        return self._settings if self.trouble or kept == OwnSettings() else kept

    def _change(self, change: Callable[[OwnSettings], OwnSettings]) -> None:
        with self._lock, settings_alone():
            self._settings = change(self._newest())
            try:
                keep_settings(self._settings)
                self.trouble = ""
            except OSError as error:
                self.trouble = error.strerror or str(error)


def folder_state(folder: Path) -> object:
    """Return what tells whether protocol, prompts and ledger of a folder are what they were; None where they are gone."""
    try:
        if not is_review(folder):
            return None
        files = sorted((entry.name, _mark(entry.stat())) for entry in os.scandir(folder / "prompts"))
    except OSError:
        return None
    ledger = folder / ".screener" / "ledger.db"
    return files, (ledger.stat().st_dev, ledger.stat().st_ino) if ledger.is_file() else None


def whole(folder: Path) -> str:
    """Return a folder as text; what is no text in its name is marked."""
    return os.fsencode(folder).decode("utf-8", "replace")


def shown(folder: Path) -> str:
    """Return a folder as people read it: its end where it is long."""
    text = whole(folder)
    return text if len(text) <= 120 else f"…{text[-119:]}"


def reviews_below(start: Path) -> list[Path]:
    """Return the folders with a review in and below a folder, at most three steps down; links are not followed."""
    found: list[Path] = []
    waiting, looked_at = deque([(start, 0)]), 0
    while waiting and looked_at < _MOST_FOLDERS and len(found) < _MOST_REVIEWS:
        folder, depth = waiting.popleft()
        looked_at += 1
        if is_review(folder):
            found.append(folder)  # what lies within a review is no review of its own
        elif depth < _DEPTH:
            with suppress(OSError):
                inner = sorted(entry.path for entry in os.scandir(folder) if _may_hold_reviews(entry))
                waiting.extend((Path(path), depth + 1) for path in inner)
    return found


def _may_hold_reviews(entry: os.DirEntry[str]) -> bool:
    return (
        not entry.name.startswith((".", "__")) and entry.name != "node_modules" and entry.is_dir(follow_symlinks=False)
    )


def _mark(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _title_of(folder: Path) -> str:
    """Return the title of a review, or the folder's name where its protocol cannot be read."""
    with suppress(BadInput):
        data = YamlFile(folder / "prompts" / "review.yaml").data
        if isinstance(data, dict) and isinstance(data.get("title"), str):
            return " ".join(data["title"].split())
    return shown(Path(folder.name))
