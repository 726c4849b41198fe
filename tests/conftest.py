"""What tests share: the packaged review in a folder of its own, the command line in this process, and real data."""

import fcntl
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from support import ROOT, SHARED, BroughtOnce, Cli, MadeOnce, Result, at_rest, fill_in
from support.postgres import BIN, Cluster
from support.report import screener_all

if TYPE_CHECKING:
    from servers.services import Services

_CACHES = "SCREENER_CACHE"
_OWN_CACHE, _OWN_FOLDER = pytest.StashKey[str](), pytest.StashKey[str]()
# How fast examples are made says how busy the machine is. The same examples in each run: a change makes a test fail, not chance.
# `--hypothesis-profile search` looks for new ones.
settings.register_profile("any-speed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", settings.get_profile("any-speed"), derandomize=False)
settings.load_profile("any-speed")


def pytest_configure(config: pytest.Config) -> None:
    """One folder of vectors for all processes of tests, or the one that is given: they are a function of the text alone.

    A shell that runs the tests in the background has them ignore Ctrl-C, and so would the programs that they start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        memory = Path("/dev/shm")
        if "TMPDIR" not in os.environ and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30:
            os.environ["TMPDIR"], tempfile.tempdir = str(memory), None  # thousands of small ledgers wait for no disk
        if _CACHES not in os.environ:
            config.stash[_OWN_CACHE] = os.environ[_CACHES] = tempfile.mkdtemp(prefix="screener-vectors-")
        os.environ.pop("SCREENER_LEDGER", None)  # a review's ledger is its own, if `database` does not say otherwise
        os.environ["SCREENER_OCR"] = "0"  # to recognise a page takes seconds: tests of it switch it on
        # Each program that a test starts would compile all modules anew.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        if config.getoption("numprocesses", None) and config.args == config.getini("testpaths"):
            _compile_once()
    config.stash[_OWN_FOLDER] = os.environ["SCREENER_DATA"] = tempfile.mkdtemp(prefix="screener-data-")


def _compile_once() -> None:
    """In a fresh clone, have two processes read half of the files of tests each, and keep what they compile.

    Else each of the processes that follow would compile all of them, at the same time.
    """
    here = Path(__file__).parent
    if not list((here / "__pycache__").glob(f"test_house.*-pytest-{pytest.__version__}.pyc")):
        command = [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-qq", "-p", "no:cacheprovider"]
        files = sorted(map(str, here.rglob("test_*.py")))
        for reader in [subprocess.Popen([*command, *files[half::2]], stdout=subprocess.DEVNULL) for half in (0, 1)]:
            reader.wait()


def pytest_collection_finish() -> None:
    """What has been imported by now lives until the end: the garbage collector need not go through it again and again.

    It looks less often at the rest, too: by default it took a tenth of all time.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


_LAST = ("core", "docs", "forms", "metrics", "models", "protocol", "records", "sources", "text")
"""Rooms whose files take little time each: at the end they fill what the others leave of the processes."""
_FIRST = ("audit", "batch_api", "evaluate", "gate_checks", "graded_run", "ocr", "postgres", "report", "seed_review")
"""The files of tests that take longest: one that is begun last keeps one process busy when the others have ended."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that ask the services themselves are for those who want them: `SCREENER_LIVE=1`. Else there are none."""
    first = {f"test_{name}.py" for name in _FIRST}
    items.sort(key=lambda item: -1 if item.path.name in first else item.path.parent.name in _LAST)
    if os.environ.get("SCREENER_LIVE") != "1" and (live := [item for item in items if item.get_closest_marker("live")]):
        items[:] = [item for item in items if item not in live]
        config.hook.pytest_deselected(items=live)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Twice as many processes as there are cores: tests of servers and browsers wait most of their time.

    More cost more than they bring, since each imports and collects everything.
    """
    return 2 * (os.cpu_count() or 1)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The user's folder goes with its process, and that of vectors with the last one, where it was not given."""
    shutil.rmtree(config.stash[_OWN_FOLDER], ignore_errors=True)
    if own := config.stash.get(_OWN_CACHE, ""):
        shutil.rmtree(own, ignore_errors=True)
        del os.environ[_CACHES]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command as the program does."""
    from screener.cli.main import main

    monkeypatch.delenv("SCREENER_DEBUG", raising=False)

    def run(*args: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["screener", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server in a folder of its own."""
    if BIN is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    server = Cluster()
    yield server
    server.close()


@pytest.fixture(scope="session")
def _empty_ledger(cluster: Cluster) -> str:
    """The name of a database with a ledger in which nothing is, to be copied."""
    from screener.ledger.store import Ledger

    Ledger(cluster.database("empty_ledger")).close()
    return "empty_ledger"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where ledgers are: a test that uses this runs twice, once with the ledger of each review in a file and once with
    the one ledger of all of them in PostgreSQL.
    """
    if request.param == "sqlite":
        yield request.param
        return
    like, server = request.getfixturevalue("_empty_ledger"), request.getfixturevalue("cluster")
    url = server.new_database(like)
    monkeypatch.setenv("SCREENER_LEDGER", url)
    yield request.param
    server.drop(url)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MadeOnce:
    """Build a folder under a name in one of the processes of tests, for all of them; return it. Nobody may write into it."""
    here = tmp_path_factory.getbasetemp()
    place = here if worker_id == "master" else here.parent

    def folder_of(name: str, build: Callable[[Path], object]) -> Path:
        folder = place / name
        with (place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                made = place / f"{name}-in-the-making"
                made.mkdir()
                build(made)
                made.rename(folder)
        return folder

    return folder_of


@pytest.fixture(scope="module")
def brought_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BroughtOnce]:
    """Bring a folder to a state; for a later test of the module by a copy of what that left."""
    place = tmp_path_factory.mktemp("states")

    def brought(name: str, folder: Path, bring: Callable[[], object]) -> None:
        if not (place / name).is_dir():
            bring()
            shutil.copytree(at_rest(folder), place / name)
            return
        for child in folder.iterdir() if folder.is_dir() else ():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        shutil.copytree(place / name, folder, dirs_exist_ok=True)

    yield brought
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def ecg_judged(made_once: MadeOnce) -> Path:
    """The packaged ECG review after `run --stage abstract`; nobody may write into it."""

    def build(made: Path) -> None:
        for room in ("prompts", "gold"):
            shutil.copytree(ROOT / room, made / room)
        screener_all(made, ("run", "--stage", "abstract"))

    return made_once("judged-ecg", build)


@pytest.fixture
def judged_ecg(ecg: Path, ecg_judged: Path) -> Path:
    """A copy of the packaged ECG review after `run --stage abstract`, and standing in it."""
    shutil.copytree(ecg_judged / ".screener", ecg / ".screener")
    return ecg


@pytest.fixture
def ecg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packaged ECG review, and standing in it."""
    folder = tmp_path / "ecg"
    for room in ("prompts", "gold"):
        shutil.copytree(ROOT / room, folder / room)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def blank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new review as `screener init` makes it, with words of its own where the template asks for them; standing in it."""
    from screener.examples import new_review

    folder = tmp_path / "blank"
    new_review(folder)
    fill_in(folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packaged example with PDFs, and standing in it."""
    from screener.examples import copy_example

    folder = tmp_path / "documents"
    copy_example("documents", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def abstracts_judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `.screener` of the example with PDFs after `run --stage abstract`, made once."""
    from screener.cli.common import console, first_records
    from screener.core.judgement import Stage
    from screener.examples import copy_example
    from screener.ledger.store import Ledger
    from screener.protocol.model import find_review
    from screener.running.build_reviewers import task_for
    from screener.running.runner import run
    from screener.stages.state import records_for

    folder = tmp_path_factory.mktemp("judged") / "documents"
    copy_example("documents", folder)
    review = find_review(folder)
    ledger = Ledger.of(review.hidden)
    first_records(ledger, review, console(stderr=True))
    records = records_for(ledger, review, Stage.ABSTRACT)
    run(ledger, task_for(ledger, review, Stage.ABSTRACT, "embedded", records))
    ledger.close()
    return review.hidden


@pytest.fixture
def judged(documents: Path, abstracts_judged: Path) -> Path:
    """The example with PDFs, standing in it, with its abstracts judged: 12 of 14 records go on to full text."""
    shutil.copytree(abstracts_judged, documents / ".screener")
    return documents


@pytest.fixture(scope="session")
def finished(made_once: MadeOnce) -> Path:
    """The synthetic review with three of its papers, run through all stages by the embedded engine; made once for all
    processes of tests.
    """

    def build(made: Path) -> None:
        # A process of its own: a browser's event loop may be running in this one.
        screener_all(made, ("init", made, "--example", "documents"))
        for path in sorted((made / "pdfs").glob("*.pdf"))[3:]:
            path.unlink()
        runs = [("run", "--stage", stage) for stage in ("abstract", "fulltext", "extraction")]
        screener_all(made, runs[0], ("import", "--pdfs", "pdfs"), *runs[1:])

    return made_once("finished-papers", build)


@pytest.fixture
def papers(finished: Path, tmp_path: Path) -> Path:
    """A copy of the synthetic review that the embedded engine has run through all stages, where no person screens: what
    it keeps may be shown to everybody at the next stage.
    """
    folder = Path(shutil.copytree(finished, tmp_path / "papers"))
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("humans: 2", "humans: 0", 2))
    return folder


@pytest.fixture
def screened(finished: Path, tmp_path: Path) -> Path:
    """The same review where two people are to judge at every stage."""
    return Path(shutil.copytree(finished, tmp_path / "screened"))


@pytest.fixture
def folder(tmp_path: Path, brought_once: BroughtOnce) -> Path:
    """A small review with a machine's judgement of each record, for the web app."""
    from support.web_app import small_review

    brought_once("small-review", tmp_path / "review", lambda: small_review(tmp_path / "review"))
    return tmp_path / "review"


@pytest.fixture
def ada(folder: Path) -> Iterator[Any]:
    """The web app as Ada has it open on the small review."""
    from support.web_app import running

    with running(folder, "ada") as app:
        yield app.enter()


@pytest.fixture
def ben(folder: Path) -> Iterator[Any]:
    """The web app as Ben has it open on the small review."""
    from support.web_app import running

    with running(folder, "ben") as app:
        yield app.enter()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real exports, labelled sets and PDFs, which are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the real data is not here (../shared/data beside the repository)")
    return SHARED


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., "Services"]]:
    """Start the loopback server with some APIs, and have the program ask these: `serve(PubMedApi(records))`."""
    from servers.services import Api, Services, serving

    with ExitStack() as running:

        def start(*apis: Api) -> Services:
            server = running.enter_context(serving(*apis))
            for api in apis:
                monkeypatch.setenv(api.service.setting, server.url(api.service))
                monkeypatch.delenv(api.service.key_name or "NO_KEY", raising=False)
            return server

        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SCREENER_EMAIL"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)
        monkeypatch.setenv("SCREENER_ALLOW_LOOPBACK", "1")
        monkeypatch.setenv("SCREENER_REQUESTS_PER_SECOND", "1000")
        yield start


@pytest.fixture(scope="session")
def _journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from support.journal import journal_review

    return at_rest(journal_review(tmp_path_factory.mktemp("journal") / "hearts"))


@pytest.fixture
def journal(_journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small review of full texts from four kinds of sources, judged by one person, and standing in it."""
    folder = Path(shutil.copytree(_journal, tmp_path / "hearts"))
    monkeypatch.chdir(folder)
    return folder
