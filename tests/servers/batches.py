"""Files and batches of the fake server: the endpoints that the Batch API needs, with its mishaps on demand."""

import itertools
import json
import re
import time
from collections.abc import Callable

from faults import Script


class Batches:
    def __init__(self, answer: Callable[[dict], dict]) -> None:
        self._answer = answer
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict] = {}
        self._looks: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._authorization: str | None = None

    def handle(self, script: Script, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """An answer of status 0 is one that never comes."""
        parts = path.partition("?")[0].strip("/").split("/")[1:]
        if (refused := self._refused(script, method, parts[0], headers)) is not None:
            return refused
        if parts == ["files"] and method == "POST":
            return _json(self._file(_multipart(headers["content-type"], body), "batch"))
        if parts[0] == "files" and len(parts) == 3 and parts[1] in self._files:
            return 200, self._files[parts[1]]
        if parts == ["batches"] and method == "POST":
            self._authorization = headers.get("authorization")
            started = self._start(json.loads(body))
            lost = script.batch.get("lost")
            return started if lost is None else _json({"error": {"message": "scripted loss"}}, int(str(lost)))
        if parts == ["batches"]:
            newest = list(self._batches.values())[::-1]
            return _json({"object": "list", "data": newest, "has_more": False})
        if parts[0] == "batches" and len(parts) == 2 and parts[1] in self._batches:
            return _json(self._look(script, parts[1]))
        return _json({"error": {"message": f"nothing at {path}", "type": "invalid_request_error"}}, 404)

    @staticmethod
    def _refused(script: Script, method: str, what: str, headers: dict[str, str]) -> tuple[int, bytes] | None:
        step = {("POST", "files"): "upload", ("POST", "batches"): "start", ("GET", "batches"): "look"}.get(
            (method, what)
        )
        if step is None or step not in script.batch:
            return None
        echo = f" (Authorization: {headers.get('authorization')})" if script.echo_authorization else ""
        error = {"error": {"message": f"scripted failure{echo}", "type": "fake_error"}}
        return _json(error, int(str(script.batch[step])))

    def _file(self, content: bytes, purpose: str) -> dict:
        name = f"file-{next(self._numbers)}"
        self._files[name] = content
        return {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": int(time.time()),
            "filename": f"{name}.jsonl",
            "purpose": purpose,
            "status": "processed",
        }

    def _start(self, asked: dict) -> tuple[int, bytes]:
        if asked.get("input_file_id") not in self._files:
            return _json({"error": {"message": "no such file", "type": "invalid_request_error"}}, 404)
        name = f"batch_{next(self._numbers)}"
        self._looks[name] = 0
        self._batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"],
            "created_at": int(time.time()),
            "status": "validating",
            "metadata": asked.get("metadata"),
        }
        return _json(self._batches[name])

    def _look(self, script: Script, name: str) -> dict:
        batch = self._batches[name]
        self._looks[name] += 1
        if batch["status"] in ("validating", "in_progress"):
            batch["status"] = "in_progress"
            if self._looks[name] > int(str(script.batch.get("polls", 1))):
                self._finish(script, batch)
        return batch

    def _finish(self, script: Script, batch: dict) -> None:
        batch["status"] = str(script.batch.get("status", "completed"))
        if batch["status"] == "failed":
            batch["errors"] = {"object": "list", "data": [{"code": "invalid", "message": "the file is invalid"}]}
            return
        plan = {
            key: list(script.batch.get(key, [])) for key in ("repeat", "drop", "fail", "expire", "refuse", "unknown")
        }  # type: ignore[call-overload]
        good, bad = [], []
        requests = [json.loads(line) for line in self._files[batch["input_file_id"]].splitlines() if line.strip()]
        for request in requests:
            name = request["custom_id"]
            if name in plan["drop"]:
                continue
            if name in plan["fail"]:
                echo = f" (Authorization: {self._authorization})" if script.echo_authorization else ""
                error = {"error": {"message": f"The server had an error.{echo}", "type": "server_error"}}
                bad.append(_line(name, 500, error))
                continue
            if name in plan["expire"]:
                error = {"code": "batch_expired", "message": "This request expired."}
                bad.append(json.dumps({"id": f"br-{name}", "custom_id": name, "response": None, "error": error}))
                continue
            answer = self._answer(request["body"])
            if name in plan["refuse"]:
                answer["choices"][0]["message"] |= {"content": None, "refusal": "I can't help with that."}
            good += [_line(name, 200, answer)] * (2 if name in plan["repeat"] else 1)
        good += [_line(name, 200, self._answer(requests[0]["body"])) for name in plan["unknown"]]
        batch["request_counts"] = {"total": len(requests), "completed": len(requests) - len(bad), "failed": len(bad)}
        good.reverse()  # the API promises no order
        batch["output_file_id"] = self._file("\n".join(good).encode() + b"\n", "batch_output")["id"]
        if bad:
            batch["error_file_id"] = self._file("\n".join(bad).encode() + b"\n", "batch_output")["id"]


def _line(custom_id: str, status: int, body: dict) -> str:
    response = {"status_code": status, "request_id": f"req-{custom_id}", "body": body}
    line = {"id": f"br-{custom_id}", "custom_id": custom_id, "response": response, "error": None}
    return json.dumps(line, ensure_ascii=False)


def _json(data: dict, status: int = 200) -> tuple[int, bytes]:
    return status, json.dumps(data).encode()


def _multipart(content_type: str, body: bytes) -> bytes:
    found = re.search(r"boundary=\"?([^\";]+)", content_type)
    assert found is not None
    for part in body.split(b"--" + found[1].encode()):
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return content.removesuffix(b"\r\n")
    raise ValueError("no file in the upload")
