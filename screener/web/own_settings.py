"""What the program remembers of its user between starts: the name, and the reviews that were opened before."""

import hashlib
import json
import os
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.own_folder import own_folder
from ..ledger import lock_file
from .private_files import write_private

MOST = 200
"""So many reviews are remembered."""
_PATIENCE_S = 2.0


@dataclass(frozen=True)
class KnownReview:
    """A review that was opened before. `opened` is when it was last, in ISO 8601."""

    folder: Path
    title: str
    opened: str

    @property
    def slug(self) -> str:
        """Return what the review is called in addresses; one folder has always the same, and no other one has it."""
        return slug_of(self.folder)

    @property
    def is_there(self) -> bool:
        """Return whether the folder still holds a review."""
        return is_review(self.folder)


@dataclass(frozen=True)
class OwnSettings:
    """The user's settings; `reviews` has the one opened last first."""

    name: str = ""
    reviews: tuple[KnownReview, ...] = ()

    def with_review(self, review: KnownReview) -> "OwnSettings":
        """Return the settings with a review at the top of the list."""
        others = tuple(other for other in self.reviews if other.folder != review.folder)
        return replace(self, reviews=(review, *others)[:MOST])

    def without(self, slug: str) -> "OwnSettings":
        """Return the settings without a review."""
        return replace(self, reviews=tuple(review for review in self.reviews if review.slug != slug))


def read_settings() -> OwnSettings:
    """Return what was kept; nothing where there is none, or what is there cannot be read."""
    try:
        body: Mapping[str, Any] = json.loads(_file().read_text(encoding="utf-8"))
        reviews = [KnownReview(Path(row["folder"]), row["title"], row["opened"]) for row in body["reviews"]]
        name = body["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return OwnSettings()
    sound = isinstance(name, str) and all(isinstance(text, str) for row in reviews for text in (row.title, row.opened))
    return OwnSettings(name, tuple(reviews)) if sound else OwnSettings()


def keep_settings(settings: OwnSettings) -> None:
    """Write the settings to a file that only their owner reads; `OSError` where that cannot be."""
    reviews = [{"folder": str(row.folder), "title": row.title, "opened": row.opened} for row in settings.reviews]
    write_private(_file(), json.dumps({"name": settings.name, "reviews": reviews}, indent=1))


@contextmanager
def settings_alone() -> Iterator[None]:
    """Keep other starts of the program from changing the settings meanwhile; they are waited for a moment, not for ever."""
    try:
        own_folder().mkdir(parents=True, exist_ok=True)
        file = (own_folder() / "settings.lock").open("wb")
    except OSError:  # whoever writes the settings is told
        yield
        return
    with file:
        until = time.monotonic() + _PATIENCE_S
        while not lock_file(file) and time.monotonic() < until:
            time.sleep(0.01)
        yield


def base_of(slug: str) -> str:
    """Return what stands before every address of a review."""
    return f"/r/{slug}"


def is_review(folder: Path) -> bool:
    """Return whether a folder holds a protocol; whether it is one is seen when it is opened."""
    try:
        return (folder / "prompts" / "review.yaml").is_file()
    except (OSError, ValueError):
        return False


def slug_of(folder: Path) -> str:
    """Return what a review in a folder is called in addresses: the folder's name, and a hash of its whole path."""
    plain = unicodedata.normalize("NFKD", folder.name).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "review"
    return f"{name}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]}"


def _file() -> Path:
    return own_folder() / "settings.json"


def without_folder(told: str, folder: Path) -> str:
    """Return what is told of a review's files, each named from its folder on."""
    for place in (folder, folder.resolve()):
        told = told.replace(f"{place}{os.sep}", "").replace(str(place), "the folder of the review")
    return told
