"""A worker as a process of its own: `python -m support.team_worker URL FOLDER`.

Its jobs make files in the folder, `args["steps"]` of them, one after the other; those that are there are not made again.
"""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from screener.core.job_work import GivenJob, ReportsProgress, StoppedEarly
from screener.team.database import Team
from screener.team.worker import JobKeys, Worker

LEASE = timedelta(seconds=2)


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def make_files(folder: Path) -> Any:
    """Return a function that does such jobs."""

    def work(job: GivenJob, report: ReportsProgress, stop: Event) -> dict[str, Any]:
        args = job.args
        name, steps = args["name"], args["steps"]
        lock = folder / f"{name}.lock"
        if lock.exists() and (pid := lock.read_text()) and alive(int(pid)) and int(pid) != os.getpid():
            (folder / f"{name}.twice").touch()  # another worker is at it just now
        lock.write_text(str(os.getpid()))
        for step in range(steps):
            if stop.is_set():
                raise StoppedEarly({"made": step})
            if not (file := folder / f"{name}.{step}").exists():
                time.sleep(args["seconds"])
                file.touch()
            report(step + 1, steps, f"{step + 1} of {steps} files")
        with (folder / "finished").open("a") as finished:
            finished.write(f"{name}\n")
        return {"made": steps, "keys": sorted(job.keys)}

    return work


def main() -> None:
    """Work until SIGTERM."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    keys = JobKeys()
    team = Team.on_server(url) if url.startswith("postgresql") else Team(url)
    worker = Worker(team, {"files": make_files(folder)}, keys=keys, lease=LEASE)
    signal.signal(signal.SIGTERM, lambda *_: worker.end())
    Thread(target=keys.read_from, args=(sys.stdin,), daemon=True).start()
    print("ready", flush=True)
    worker.run()


if __name__ == "__main__":
    main()
