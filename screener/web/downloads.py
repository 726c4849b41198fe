"""Files that the browser saves: with a plain name and the type of what they are, and never opened within the app."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from starlette.responses import Response, StreamingResponse

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "zip": "application/zip",
}
"""The type of a file by the end of its name."""


def download(content: bytes | Iterator[bytes], name: str) -> Response:
    """Return a file to be saved under a name, of which signs that are no plain letters are replaced."""
    # An attachment: a page made from the words of papers is saved, and not opened within the app.
    headers = {"Content-Disposition": f'attachment; filename="{file_name(name)}"'}
    kind = TYPES.get(PurePosixPath(name).suffix.removeprefix("."), "application/octet-stream")
    if isinstance(content, bytes):
        return Response(content, media_type=kind, headers=headers)
    return StreamingResponse(content, media_type=kind, headers=headers)


def file_name(name: str) -> str:
    """Return a name that every system takes."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
