"""What a reviewer asks for that this machine answers itself: vectors of texts, and pages of documents as pictures."""

import asyncio
from pathlib import Path
from typing import Any

from ..core.messages import PagePicture, PictureRequest, PictureResponse, Request
from ..documents import Failure, ParserProcess
from ..ledger import Ledger
from ..ledger.documents import kept_copy
from ..models import LocalModel, Reply, Usage
from ..reviewers import MOST_PIXELS, PIXELS_A_POINT


class LocalHelp:
    """Answers requests for vectors by the embedder, and draws pages in a process that no file can bring down."""

    def __init__(self, embedder: LocalModel, ledger: Ledger, folder: Path) -> None:
        """`folder` is where the review keeps its files (`.screener/`)."""
        self._embedder, self._ledger, self._folder = embedder, ledger, folder
        self._drawing = asyncio.Lock()
        self._process = ParserProcess()

    @property
    def fingerprint(self) -> dict[str, Any]:
        """Return the embedder's."""
        return self._embedder.fingerprint

    async def send(self, request: Request) -> Reply:
        """Answer a request for pictures, or have the embedder answer one for vectors."""
        if not isinstance(request, PictureRequest):
            return await self._embedder.send(request)
        async with self._drawing:
            response = await asyncio.to_thread(self._drawn, request)
        return Reply(response, None, Usage(), {}, 0.0)

    def _drawn(self, request: PictureRequest) -> PictureResponse:
        pictures = []
        for place in request.pages:
            path = kept_copy(self._ledger, self._folder, place.sha256, place.file)
            png = None if path is None else self._process.picture(path, place.page, PIXELS_A_POINT, MOST_PIXELS)
            if png is not None and not isinstance(png, Failure):
                pictures.append(PagePicture(f"{place.document}, page {place.page}", png))
        return PictureResponse(tuple(pictures), len(request.pages) - len(pictures))

    async def close(self) -> None:
        """Close both."""
        self._process.rest()
        await self._embedder.close()
