"""The session of the app: its address opens once, no process shows it, open pages outlive a restart, and nobody else reads it."""

import socket
import time
from pathlib import Path

import pytest
import requests
from servers.app import AppProcess
from support.web_app import Running, human, record_on, running

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")
from screener.web.local_door import Session
from screener.web.private_files import KeptSession, keep_session, read_session, session_file, start_page

pytestmark = pytest.mark.slow

CARD, DECIDE = "/screen/abstract/card", "/screen/abstract/decide"
NO = {"answer.signal": "no"}


def kept_file(folder: Path) -> Path:
    """The only session that is kept."""
    (path,) = (folder / ".screener").glob("session-*.json")
    return path


def test_an_open_page_goes_on_after_the_app_was_killed_and_started_again(folder: Path) -> None:
    with running(folder, "ada") as ada:
        name = record_on(ada.enter().get(CARD).text)
        ada.process.kill()
        ada.process.wait(10)
        path = kept_file(folder)
        assert path.stat().st_mode & 0o777 == 0o600
        assert ada.address.partition("=")[2] not in path.read_text()
        with running(folder, "ada") as again:
            assert again.origin == ada.origin
            assert ada.post(DECIDE, record=name, **NO).status_code == 200
            assert requests.get(ada.address, timeout=10).status_code == 403
            again.enter()
    assert human(folder, "ada").keys() == {name}


def test_a_session_that_others_could_read_is_not_gone_on_with(folder: Path) -> None:
    path = session_file(folder / ".screener", "ada")
    keep_session(path, KeptSession(8123, "s" * 43))
    path.chmod(0o644)
    with running(folder, "ada"):
        after = read_session(path)
    assert after is not None
    assert after.secret != "s" * 43


def test_where_the_port_of_last_time_is_taken_all_is_new(folder: Path) -> None:
    path = session_file(folder / ".screener", "ada")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        before = KeptSession(other.getsockname()[1], "s" * 43)
        keep_session(path, before)
        with running(folder, "ada") as ada:
            ada.enter()
    after = read_session(path)
    assert after is not None
    assert after.port != before.port
    assert after.secret != before.secret


def test_only_a_private_file_that_holds_a_session_is_one(tmp_path: Path) -> None:
    path = session_file(tmp_path / "new", "ada")
    assert path != session_file(tmp_path / "new", "ben")
    assert read_session(path) is None
    session = KeptSession(8123, "s" * 43)
    keep_session(path, session)
    assert read_session(path) == session
    link = tmp_path / "link.json"
    link.symlink_to(path)
    assert read_session(link) is None
    for text in ("", "[]", "{}", '{"port": 0, "secret": "x"}', '{"port": "80", "secret": null}', "\udcff"):
        path.write_text(text, errors="surrogateescape")
        assert read_session(path) is None
    assert list(path.parent.iterdir()) == [path]


def test_the_start_address_opens_once() -> None:
    session = Session(8000)
    assert not session.open("")
    assert not session.open(session.token[:-1])
    assert session.open(session.token)
    assert not session.open(session.token)
    assert session.token not in repr(session)
    assert Session(8000, session.secret).cookie == session.cookie


def test_what_opens_the_browser_is_told_a_private_page_and_no_token(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, browser = tmp_path / "told", tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$@" > {told}.new; mv {told}.new {told}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    process = AppProcess("--review", str(folder), "--reviewer", "ada")
    try:
        address = process.stdout.readline().strip()
        deadline = time.monotonic() + 30
        while not told.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        place = told.read_text().strip()
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
        token = address.partition("token=")[2]
        assert token
        assert token not in place + command
        page = Path(place.removeprefix("file://"))
        assert page.stat().st_mode & 0o777 == 0o600
        assert f"url={address}" in page.read_text()
        assert requests.get(address, timeout=10).status_code == 200
        assert not page.exists()
    finally:
        process.close()


def test_a_page_that_leads_to_the_address_is_written_anew_and_private(tmp_path: Path) -> None:
    page = tmp_path / "start.html"
    page.write_text("old")
    page.chmod(0o644)
    start_page(page, 'http://127.0.0.1:1/?token=a&b"<')
    assert page.stat().st_mode & 0o777 == 0o600
    assert "token=a&amp;b&quot;&lt;" in page.read_text()


@pytest.mark.parametrize("signed_in", [False, True])
def test_an_upgrade_to_a_web_socket_is_refused(ada: Running, signed_in: bool) -> None:
    host = ada.origin.removeprefix("http://")
    cookies = "; ".join(f"{name}={value}" for name, value in ada.session.cookies.items())
    lines = ["GET / HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]  # fmt: skip
    lines += [f"Cookie: {cookies}"] if signed_in else []
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), 10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 400")
