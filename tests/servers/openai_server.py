"""A scriptable server that speaks as OpenAI, Anthropic and systemone servers do, in a process of its own.

    python openai_server.py [SCRIPT.json]      runs until killed; prints its base URL on the first line of stdout

POST /v1/chat/completions, /v1/messages, /v1/systemone; files and batches. `POST /control` sets a new script
(see faults.py) and, with `?reset`, forgets the counts and all files and batches; `GET /control/stats`, `GET /control/log`.
"""

import asyncio
import contextlib
import json
import math
import resource
import socket
import struct
import sys
import time
from pathlib import Path

from answers import answer_for, cut_to, digest, draw, fill, prompt_of, tokens
from batches import Batches
from faults import STATUS, Chooser, Fault, Script
from plain_http import head, read, write
from token_probabilities import logprobs

_REASONS = {"quota": "insufficient_quota: You exceeded your current quota", "filter": "content_filter: not allowed"}
_CONTENT = {
    "not_json",
    "empty_choice",
    "empty_content",
    "truncated",
    "prose",
    "wrong_schema",
    "refusal",
    "content_filter",
}


class Fake:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.reset()

    def reset(self) -> None:
        self.batches = Batches(lambda body: self.completion(body, None))
        self.chooser = Chooser()
        self.active = self.most = 0
        self.log: list[dict] = []

    def stats(self) -> dict:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "calls": sum(self.chooser.calls.values()),
            "prompts": self.chooser.calls,
            "faults": self.chooser.given,
            "max_concurrency": self.most,
            "active": self.active,
            "cpu_s": used.ru_utime + used.ru_stime,
        }

    # --- what the models say

    def content(self, schema: dict | None, prompt: str, kind: str | None) -> str:
        told = answer_for(self.script.answers, prompt)
        if isinstance(told, str):
            text = told
        elif told is not None:
            text = json.dumps(cut_to(schema or {}, told))
        elif schema:
            text = json.dumps(fill(schema, prompt, self.script.seed, self.script.prefer))
        else:
            text = f"Hello {digest(prompt)}"
        if kind == "truncated":
            return text[: max(1, len(text) * 2 // 3)]
        if kind == "wrong_schema":
            return json.dumps({"unexpected": digest(prompt)})
        return {"prose": "I think that it is eligible.", "empty_content": ""}.get(kind or "", text)

    def completion(self, body: dict, kind: str | None) -> dict:
        prompt = prompt_of(body)
        form = body.get("response_format") or {}
        schema = (form.get("json_schema") or {}).get("schema") or self.told_schema(body)
        message: dict = {"role": "assistant", "content": self.content(schema, prompt, kind), "refusal": None}
        finish = {"truncated": "length", "content_filter": "content_filter"}.get(kind or "", "stop")
        if kind in ("refusal", "content_filter"):
            message["content"] = None
            message["refusal"] = "I can't help with that." if kind == "refusal" else None
        elif body.get("tools"):
            function = body["tools"][0]["function"]
            arguments = self.content(function["parameters"], prompt, kind)
            call = {"id": "call_1", "type": "function", "function": {"name": function["name"], "arguments": arguments}}
            message |= {"content": None, "tool_calls": [call]}
        into, out = sum(tokens(str(m.get("content"))) for m in body["messages"]), tokens(json.dumps(message))
        usage = {
            "prompt_tokens": into,
            "completion_tokens": out,
            "total_tokens": into + out,
            "prompt_tokens_details": {"cached_tokens": min(into, self.script.cached_tokens)},
        }
        given = None
        if body.get("logprobs") and self.script.logprobs == "given" and message["content"]:
            likely = answer_for(self.script.likely, prompt) or {}
            given = logprobs(message["content"], body.get("top_logprobs", 0), likely)
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": given}
        return {
            "id": f"chatcmpl-{digest(prompt)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.script.snapshot or f"{body.get('model')}-2026-01-01",
            "choices": [] if kind == "empty_choice" else [choice],
            **({"usage": usage} if self.script.usage else {}),
        }

    @staticmethod
    def told_schema(body: dict) -> dict | None:
        """The schema that a client without schemas told in its prompt."""
        for message in body.get("messages", []):
            _, marker, rest = str(message.get("content")).partition("JSON Schema:\n")
            if message.get("role") == "user" and marker:
                return json.JSONDecoder().raw_decode(rest)[0]
        return None

    def anthropic(self, body: dict, kind: str | None) -> dict:
        prompt = prompt_of(body)
        stop = {"truncated": "max_tokens", "refusal": "refusal", "content_filter": "refusal"}.get(
            kind or "", "end_turn"
        )
        schema = ((body.get("output_config") or {}).get("format") or {}).get("schema")
        content: list[dict] = [{"type": "text", "text": self.content(schema, prompt, kind)}]
        if kind in ("refusal", "content_filter"):
            content = [{"type": "text", "text": "I can't help with that."}]
        elif body.get("tools") and kind not in ("truncated", "prose", "empty_content"):
            tool = body["tools"][0]
            value = json.loads(self.content(tool["input_schema"], prompt, kind))
            content, stop = [{"type": "tool_use", "id": "toolu_1", "name": tool["name"], "input": value}], "tool_use"
        usage = {"input_tokens": tokens(json.dumps(body["messages"])), "output_tokens": tokens(json.dumps(content))}
        return {
            "id": f"msg_{digest(prompt)}",
            "type": "message",
            "role": "assistant",
            "model": self.script.snapshot or f"{body.get('model')}-2026-01-01",
            "content": [] if kind == "empty_choice" else content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {**usage, "cache_read_input_tokens": self.script.cached_tokens, "cache_creation_input_tokens": 0},
        }

    def systemone(self, body: dict, kind: str | None) -> dict:
        answers = {
            q: {"type": "noul", "noul": round(draw(self.script.seed, body["state"], q), 4)} for q in body["questions"]
        }
        first = next(iter(answers))
        if kind == "missing_id":
            del answers[first]
        elif kind in ("nan", "out_of_range"):
            answers[first]["noul"] = math.nan if kind == "nan" else 1.5
        usage = {"input_tokens": tokens(json.dumps(body)), "output_tokens": len(answers)}
        return {"model": body["model"], "answers": answers, "usage": usage}

    # --- one request

    async def answer(
        self, path: str, headers: dict[str, str], body: dict
    ) -> tuple[int, bytes, dict[str, str], Fault | None]:
        script = self.script
        if script.keep:
            asked = {"path": path, "authorization": headers.get("authorization"), "headers": headers, "body": body}
            self.log.append({**asked, "at": time.monotonic()})
        if (refused := self.refused(path, headers, body)) is not None:
            return refused
        prompt = body["state"] if path == "/v1/systemone" else prompt_of(body)
        fault = self.chooser.choose(script, prompt)
        kind = fault.kind if fault else None
        if kind in ("hang", "reset"):
            return 0, b"", {}, fault
        await asyncio.sleep(script.latency_s * (1 + script.jitter * (2 * draw(script.seed, prompt, "latency") - 1)))
        if fault and kind not in _CONTENT and (kind in STATUS or kind in _REASONS):
            wait = {"retry-after": str(fault.retry_after)} if fault.retry_after is not None else {}
            status = STATUS.get(kind or "", 429 if kind == "quota" else 400)
            return status, self.error(path, headers, _REASONS.get(kind or "", f"scripted {kind}")), wait, fault
        if kind == "not_json":
            return 200, b"<html>502 Bad Gateway</html>", {}, fault
        speak = {"/v1/messages": self.anthropic, "/v1/systemone": self.systemone}.get(path, self.completion)
        return 200, json.dumps(speak(body, kind)).encode(), {}, fault

    def refused(self, path: str, headers: dict[str, str], body: dict) -> tuple[int, bytes, dict[str, str], None] | None:
        """What this server never accepts: another key, or a form of answer that it does not know."""
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if self.script.require_key is not None and key != self.script.require_key:
            return 401, self.error(path, headers, "Incorrect API key provided"), {}, None
        if body.get("logprobs") and self.script.logprobs == "refused":
            return 400, self.error(path, headers, "'logprobs' is not supported with this model."), {}, None
        form = (body.get("response_format") or {}).get("type")
        if form and form not in self.script.supports:
            message = f"Invalid parameter: 'response_format' of type '{form}' is not supported with this model."
            return 400, self.error(path, headers, message), {}, None
        if (body.get("output_config") or {}).get("format") and "json_schema" not in self.script.supports:
            return 400, self.error(path, headers, "output_config.format is not supported by this model."), {}, None
        return None

    def error(self, path: str, headers: dict[str, str], message: str) -> bytes:
        if self.script.echo_authorization:
            shown = headers.get("authorization", ""), headers.get("x-api-key", "")
            message += f" (Authorization: {shown[0]}, keys {shown[0].removeprefix('Bearer ')} {shown[1]})"
        if path == "/v1/systemone":
            return json.dumps({"error": message}).encode()
        return json.dumps({"type": "error", "error": {"message": message, "type": "fake_error", "code": None}}).encode()

    def control(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        where, _, query = path.partition("?")
        if method == "POST" and where == "/control":
            try:
                self.script = Script.of(json.loads(body))
            except (ValueError, TypeError) as error:
                return 400, json.dumps({"error": str(error)}).encode()
            if query == "reset":
                self.reset()
            return 200, b"{}"
        found = {"/control/stats": self.stats, "/control/log": lambda: self.log}.get(where)
        return (200, json.dumps(found()).encode()) if found else (404, b"{}")

    # --- HTTP

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while await self.exchange(reader, writer):
                pass
        writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection goes on."""
        method, path, headers, body = await read(reader)
        if path.startswith("/control"):
            write(writer, *self.control(method, path, body))
        elif path.startswith(("/v1/files", "/v1/batches")):
            status, data = self.batches.handle(self.script, method, path, headers, body)
            if status == 0:
                await reader.read(1)  # until the client gives up
                return False
            write(writer, status, data)
        elif method == "POST" and path in ("/v1/chat/completions", "/v1/messages", "/v1/systemone"):
            self.active += 1
            self.most = max(self.most, self.active)
            try:
                status, data, extra, fault = await self.answer(path, headers, json.loads(body))
                return await self.deliver(reader, writer, status, data, extra, fault)
            finally:
                self.active -= 1
        else:
            write(writer, 404, json.dumps({"error": {"message": f"no such path: {path}"}}).encode())
        await writer.drain()
        return True

    async def deliver(self, reader, writer, status, data, extra, fault) -> bool:  # type: ignore[no-untyped-def]
        kind = fault.kind if fault else None
        if kind == "hang":
            await reader.read(1)  # until the client gives up
            return False
        if kind == "reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if kind == "cut":
            write(writer, status, data, extra, cut=len(data) // 2)
            await writer.drain()
            return False
        if kind == "trickle":
            writer.write(head(status, len(data), extra))
            for byte in data:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(self.script.trickle_s)
            return True
        write(writer, status, data, extra)
        await writer.drain()
        return True


async def main() -> None:
    files = [name for name in sys.argv[1:] if name != "--tied"]
    script = Script.of(json.loads(Path(files[0]).read_text(encoding="utf-8"))) if files else Script()
    server = await asyncio.start_server(Fake(script).serve, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    if "--tied" in sys.argv:  # the launcher holds our standard input: when it ends, however it ends, so do we
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    else:
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
