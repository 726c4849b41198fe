"""As much of HTTP/1.1 as the fake server needs."""

import asyncio


def head(status: int, length: int, extra: dict[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {length}"]
    return "\r\n".join([*lines, *(f"{k}: {v}" for k, v in (extra or {}).items()), "", ""]).encode()


def write(
    writer: asyncio.StreamWriter, status: int, data: bytes, extra: dict[str, str] | None = None, cut: int | None = None
) -> None:
    writer.write(head(status, len(data), extra) + data[:cut])


async def read(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = text.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    if headers.get("transfer-encoding") != "chunked":
        return method, path, headers, await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return method, path, headers, body
