"""The desks that are open: one for each review and person, made when it is first asked for; the last few are kept."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from ..core.errors import LedgerError
from .app import review_app
from .desk import Desk

MOST = 64
"""So many desks are kept open."""
Key = tuple[str, str]
"""A review's name in addresses, and a person's."""


class Reviews(Protocol):
    """The reviews that a site has."""

    def open(self, slug: str, name: str) -> Desk:
        """Return the desk of a person on a review, its ledger not `patient`; `BadInput` or `LedgerError` where it cannot be."""

    def state(self, slug: str) -> object:
        """Return what changes when an open desk is no longer of what lies on the disk; None where the review is gone."""

    def close(self) -> None:
        """End what works for the reviews as a whole; the program ends."""


@dataclass
class _Room:
    """An open desk; `uses` counts the requests that are in it, and it is closed after the last one once it is `left`."""

    desk: Desk
    app: ASGIApp
    made_of: object
    uses: int = 0
    left: bool = False
    gives_back: bool = True
    """Whether what its person has open is given back when it is closed; not where another desk takes its place."""


@dataclass
class OpenDesks:
    """The open desks of a site."""

    reviews: Reviews
    most: int = MOST
    alone: bool = True
    """Whether the people of this site work in no other process: what one of them had open when it ended is then given back."""
    _rooms: OrderedDict[Key, _Room] = field(default_factory=OrderedDict)
    _locks: defaultdict[Key, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _begun: set[Key] = field(default_factory=set)
    """Whose leases of an earlier run of the program have been given back."""

    @asynccontextmanager
    async def using(self, slug: str, name: str) -> AsyncIterator[ASGIApp]:
        """Hold the pages of a person on a review open; raises what `Reviews.open` does, and `GoneError`."""
        room = await self._entered((slug, name))
        try:
            yield room.app
        finally:
            room.uses -= 1
            if room.left and not room.uses:
                await run_in_threadpool(_close, room)

    async def leave(self, wanted: Callable[[Key], bool]) -> None:
        """Close the desks of people who leave, and give back what they have open."""
        for key in [key for key in self._rooms if wanted(key)]:
            await self._retire(key)

    async def end(self) -> None:
        """Close all desks, since the program ends; where others of its kind go on, what people have open stays theirs."""
        for key in list(self._rooms):
            await self._retire(key, gives_back=self.alone)

    async def _entered(self, key: Key) -> _Room:
        """Return the room of a key with one use more, opened where it is not, or not of what is there now."""
        slug, name = key
        state = await run_in_threadpool(self.reviews.state, slug)
        if state is None:
            await self.leave(lambda other: other[0] == slug)
            raise GoneError(slug)
        async with self._locks[key]:
            room = self._rooms.get(key)
            if room is not None and room.made_of != state:
                await self._retire(key, gives_back=False)
                room = None
            if room is None:
                room = await run_in_threadpool(self._opened, slug, name)
                self._rooms[key] = room
            room.uses += 1
            self._rooms.move_to_end(key)
        while len(self._rooms) > self.most:  # its person may be reading: what they have open stays theirs
            await self._retire(next(iter(self._rooms)), gives_back=False)
        return room

    def _opened(self, slug: str, name: str) -> _Room:
        desk = self.reviews.open(slug, name)
        try:
            desk.begin(first=self.alone and (slug, name) not in self._begun)
            self._begun.add((slug, name))
            desk.ledger.patient = True  # what people save waits for whoever writes meanwhile
            return _Room(desk, review_app(desk), self.reviews.state(slug))
        except BaseException:
            desk.close(gives_back=False)
            desk.ledger.close()
            raise

    async def _retire(self, key: Key, *, gives_back: bool = True) -> None:
        room = self._rooms.pop(key, None)
        if room is None:
            return
        room.left, room.gives_back = True, gives_back
        if not room.uses:
            await run_in_threadpool(_close, room)


class GoneError(Exception):
    """A review is not where it was."""


def _close(room: _Room) -> None:
    with suppress(LedgerError):  # leases end by themselves
        room.desk.close(gives_back=room.gives_back)
    room.desk.ledger.close()
