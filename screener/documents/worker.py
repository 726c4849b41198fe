"""`python -m screener.documents.worker`: parses the files that standard input names, one JSON object a line.

A request is `{"path", "passwords", "seconds", "baseline", "recognised"}`; its answer `{"document": ...}` or
`{"failure": ...}`. With `recognise`, the number of a page, the answer is `{"recognised": ...}` instead; with `picture`,
`scale` and `most` it is `{"picture": ...}`, a PNG in Base64. The first line written says that the worker is ready. Nothing else is ever written to standard output: what libraries
print there is thrown away.
"""

import argparse
import base64
import contextlib
import json
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from ..core.worker_process import answers_only, limit_memory
from .files import too_large
from .model import Failure, FailureKind, Unreadable
from .ocr.recognised import RecognisedPage
from .ocr.recognition import recognise
from .pages.layout import layout
from .pages.pictures import render

READY = '{"ready": true}'


def answer(request: str) -> tuple[str, bool]:
    """Return the answer to one request, and whether the worker can be used again."""
    parameters = json.loads(request)
    path = Path(parameters["path"])
    passwords = tuple(parameters.get("passwords", ()))
    try:
        if (number := parameters.get("recognise")) is not None:
            return f'{{"recognised": {recognise(path, number, passwords).model_dump_json()}}}', True
        if (number := parameters.get("picture")) is not None:
            png = render(path, number, float(parameters["scale"]), passwords, most=int(parameters["most"]))
            return json.dumps({"picture": base64.b64encode(png).decode("ascii")}), True
        pages = parameters.get("recognised")
        recognised = None if pages is None else [RecognisedPage.model_validate(page) for page in pages]
        document = layout(path, passwords, baseline=bool(parameters.get("baseline")), recognised=recognised)
        return f'{{"document": {document.model_dump_json()}}}', True
    except Unreadable as error:
        failure, usable = error.failure, error.failure.kind is not FailureKind.TOO_LARGE
    except MemoryError:
        failure, usable = too_large(path, "needs more memory than a document may take").failure, False
    except Exception as error:  # whatever a hostile file provokes is a failure of the file, not of the run
        reason = f"{path.name} cannot be parsed ({type(error).__name__}); save it again as a PDF"
        failure, usable = Failure(kind=FailureKind.MALFORMED, reason=reason), True
    return f'{{"failure": {failure.model_dump_json()}}}', usable


def serve(requests: Iterable[str], answers: IO[str]) -> None:
    """Answer requests until there are no more, or memory ran out: who asked then starts another worker."""
    print(READY, file=answers, flush=True)
    for request in requests:
        seconds = float(json.loads(request).get("seconds") or 0)
        if seconds and hasattr(signal, "setitimer"):
            # Who waits for the answer kills this process in time. Should that one be gone, the alarm does.
            signal.setitimer(signal.ITIMER_REAL, seconds + 5)
        text, usable = answer(request)
        if seconds and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(text, file=answers, flush=True)
        if not usable:
            return


def main() -> None:
    """Run the worker."""
    parser = argparse.ArgumentParser(prog="python -m screener.documents.worker", description=__doc__)
    parser.add_argument("--memory", type=int, default=1024, help="limit of address space in MB; 0 for none")
    arguments = parser.parse_args()
    answers = answers_only()
    limit_memory(arguments.memory)
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
