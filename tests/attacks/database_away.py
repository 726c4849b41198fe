"""Take the ledger away from a run that pays for answers: `python tests/attacks/database_away.py [--lock 75]`.

Prints `kind, tried, survived, lost` and how many requests were sent, judged, kept in a file, and paid twice.
"""

import argparse
import contextlib
import datetime as real
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from servers import Server, openai_server
from support.attack import RECORDS, Outcome, count, ended, review_in, said, start
from support.postgres import BIN, Cluster

from screener.ledger import database as ledger_database
from screener.ledger import failures

RUN = ("run", "--stage", "abstract", "--reviewer", "gpt", "--concurrency", "8", "--json")
SLOW = {"latency_s": 0.1}
Disturbance = Callable[[Path, Server], None]


def attack(
    kind: str, place: Path, disturb: Disturbance, repair: Callable[[], None] | None, before: Callable[[], None]
) -> Outcome:
    """Disturb a run after a few calls. `repair` is None where the run is to go on by itself, else what comes before the next."""
    with openai_server(SLOW) as server:
        review = review_in(place / "review", server)
        run = start(review, *RUN, before=before)
        while server.stats()["calls"] < 16:
            time.sleep(0.01)
        disturb(review, server)
        code = ended(run)
        told, err = said(review)
        first, kept = server.stats()["calls"], (told.get("unsaved") or {}).get("answers", 0)
        as_it_should = code == (0 if repair is None else 1)
        if repair is not None:
            repair()
            as_it_should &= first < RECORDS and "requests were sent" in err and ended(start(review, *RUN)) == 0
            told, err = said(review)
        return _outcome(kind, review, server, as_it_should, sent=first, judged=told.get("decided", 0), kept=kept)


def _outcome(kind: str, review: Path, server: Server, survived: bool, *, sent: int, judged: int, kept: int) -> Outcome:
    calls = server.stats()
    twice = sum(times - 1 for times in calls["prompts"].values())
    lost = RECORDS - judged + calls["calls"] - count(review, "calls", status="ok")
    return Outcome(kind, 1, int(survived and not twice and not lost), lost,
                   {"sent": sent, "judged": judged, "kept": kept, "paid twice": twice})  # fmt: skip


def away(place: Path, seconds: float | None, patience: float = 30.0) -> Outcome:
    """PostgreSQL goes away, for some seconds or until the run has ended."""
    server = Cluster()

    def disturb(_: Path, __: Server) -> None:
        server.stop()
        if seconds is not None:
            time.sleep(seconds)
            server.start()

    os.environ["SCREENER_LEDGER"] = server.database("away")
    try:
        kind = "database away for good" if seconds is None else f"database away for {seconds:g} s"
        repair = server.start if seconds is None else None
        return attack(kind, place, disturb, repair, lambda: failures.PATIENCE.update({failures.Trouble.AWAY: patience}))
    finally:
        del os.environ["SCREENER_LEDGER"]
        server.close()


def locked(place: Path, seconds: float, busy_s: float = 2.0) -> Outcome:
    """Another program locks the ledger for some seconds; `busy_s` is how long SQLite waits in one attempt."""

    def disturb(review: Path, _: Server) -> None:
        other = sqlite3.connect(review / ".screener" / "ledger.db", timeout=20, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")
        other.close()

    def before() -> None:
        ledger_database._ATTEMPT_MS = int(busy_s * 1000)

    return attack(f"ledger locked for {seconds:g} s", place, disturb, None, before)


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int = 8) -> Iterator[Path]:
    """A file system of its own."""
    disk = place / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "screener", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def _linked(review: Path, place: Path) -> Path:
    """Return a link to a review: what a process prints goes to the folder above it, which is to be another disk."""
    link = place / "linked" / "review"
    link.parent.mkdir()
    link.symlink_to(review)
    return link


def full(place: Path) -> Outcome:
    """The disk gets full, until some room is made for the next run."""
    with small_disk(place) as disk:
        filler = disk / "filler"

        def disturb(_: Path, __: Server) -> None:
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))

        (disk / "review").mkdir()
        outcome = attack("disk full", _linked(disk / "review", place).parent, disturb, filler.unlink, lambda: None)
        outcome.survived &= not list(disk.rglob("*.partial"))
        return outcome


def read_only(place: Path) -> Outcome:
    """The folder cannot be written: nothing is sent, and one line says so."""
    with small_disk(place) as disk, openai_server() as server:
        review = review_in(disk / "review", server)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        linked = _linked(review, place)
        code = ended(start(linked, *RUN))
        _, err = said(linked)
        survived = code in (1, 2) and not server.stats()["calls"] and err.count("\n") == 1
        return Outcome("read-only folder", 1, int(survived), 0, {"sent": server.stats()["calls"]})


def clock_backwards(place: Path) -> Outcome:
    """The clock is set back by a day between a run with errors and the next one, and again in the middle of that."""

    class Yesterday(real.datetime):
        asked = 0

        @classmethod
        def now(cls, tz: real.tzinfo | None = None) -> "Yesterday":
            cls.asked += 1
            back = real.timedelta(days=1 if cls.asked < 40 else 2)
            return super().now(tz) - back

    with openai_server({"faults": [{"kind": "refusal", "share": 0.2}]}) as server:
        review = review_in(place / "review", server)
        failed = ended(start(review, *RUN)) == 3
        sent = server.stats()["calls"]
        refused = count(review, "calls", status="refused")
        server.set_script({})
        before = lambda: setattr(ledger_database, "datetime", Yesterday)  # noqa: E731
        code = ended(start(review, *RUN, "--retry-errors", before=before))
        told, _ = said(review)
        ended(start(review, *RUN, before=before))
        again, _ = said(review)
        paid = server.stats()["calls"] - sent - refused
        lost = RECORDS - again["decided"]
        survived = failed and code == 0 and told["errors"] == again["errors"] == again["calls"] == paid == 0
        more = {"sent": server.stats()["calls"], "judged": again["decided"], "kept": 0, "paid twice": paid}
        return Outcome("clock set back", 1, int(survived and not lost), lost, more)


def main() -> None:
    """Try every kind once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--lock", type=float, default=75.0, help="for how many seconds another program locks the ledger"
    )
    seconds = parser.parse_args().lock
    kinds: list[Callable[[Path], Outcome]] = [
        lambda place: locked(place, seconds),
        full,
        read_only,
        clock_backwards,
    ]
    if BIN is not None:
        kinds = [lambda place: away(place, 4.0), lambda place: away(place, None), *kinds]
    print("kind, tried, survived, lost", flush=True)
    for kind in kinds:
        with tempfile.TemporaryDirectory() as place:
            print(kind(Path(place)).line(), flush=True)


if __name__ == "__main__":
    main()
