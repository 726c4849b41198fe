"""The HTTP client of all databases and full texts: polite, patient, and bounded.

It waits between requests as the service wants it, tries again what may pass (faults of the server or the line, 429) with
growing pauses, and gives up with one line that says what to do.
"""

import json
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, TypedDict, Unpack
from urllib.parse import quote, quote_plus, urlsplit

import requests
from requests_cache import CachedSession

from ..core.errors import BadInput
from .connections import (
    CUT,
    MOST_BYTES,
    CheckedAdapter,
    PrivateAddressError,
    TooLargeError,
    is_private_host,
    private_allowed,
)
from .limits import Budget, budget_of, rate_of, wait_of
from .services import RATE, Service

PAGE_BYTES = 100_000_000
"""Bytes of a page of results, unpacked, that are read at most."""
TRIES = 5
LONGEST_WAIT_S = 120.0
"""Seconds that a service may ask to wait while the program stays; if it asks for more, the program stops and says so."""
_TIMEOUT_S = (15.0, 90.0)
_REDIRECTS = 5
_OF_THE_KEY = re.compile(r"\bapi[ _-]?key\b", re.IGNORECASE)
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
_KEPT = timedelta(days=30)
"""How long the answer to a look-up is kept on disk."""
_SECRET = ("api_key", "email", "mailto", "token", "Authorization", "User-Agent", "x-api-key")
"""Parameters and headers that are not kept on disk, and do not make another request of the same one."""


class SourceError(BadInput):
    """A service cannot be asked now, or refuses what it was asked. One line: which service, what, what to do."""


class UnusableAddressError(SourceError):
    """An address that no other try would help with: private, redirected without end, or with more than is read."""


class ElsewhereError(SourceError):
    """The service answered, and sent on to another host, which cannot be asked now."""


class RejectedError(SourceError):
    """A service does not understand what it was asked; another query it may answer."""


class OutOfBudgetError(SourceError):
    """A service gives no more today, or the user's own limit of requests is reached: to go on later."""


@dataclass(frozen=True)
class Answer:
    """What a service answered: its status (below 400, or one that was allowed), headers in lower case, and body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    via: tuple[str, ...] = ()
    """The addresses that redirected here, the one that was asked for first."""

    def json(self, service: Service) -> Any:
        """Return the body as JSON; `SourceError` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise SourceError(f"{title(service)} sent something that is no JSON; try again later") from None


Fault = Callable[[Answer], str]
"""Says what is wrong with an answer as a predicate, `sent something that is no XML`; the empty string for one that can be used."""


def no_fault(answer: Answer) -> str:
    """Take any answer."""
    return ""


def no_json(answer: Answer) -> str:
    """Return what is wrong with an answer that is no JSON."""
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        return "sent something that is no JSON"
    return ""


class Options(TypedDict, total=False):
    """How something is asked."""

    headers: Mapping[str, str] | None
    most: int
    """Bytes of the answer, unpacked, that are read at most."""
    cut: bool
    """Whether of a larger answer the beginning is taken; else it is refused."""
    allowed: tuple[int, ...]
    """Statuses from 400 on that are answers too, such as 404."""
    look_up: bool
    """Whether an answer of the last 30 days is taken from the disk."""
    lasting: tuple[int, ...]
    """Which of the `allowed` statuses are taken from the disk too: those that say that nothing is there."""
    fault: Fault
    """What is wrong with an answer that came whole; one with a fault is asked for again."""


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    given: Mapping[str, Any] | None
    headers: Mapping[str, str] | None = None
    most: int = PAGE_BYTES
    cut: bool = False
    allowed: tuple[int, ...] = ()
    look_up: bool = False
    lasting: tuple[int, ...] = (404, 410)
    fault: Fault = no_fault
    as_json: bool = False

    def send(self, session: requests.Session, **more: Any) -> requests.Response:
        """Send it through a session."""
        where = ("json" if self.as_json else "data") if self.method == "POST" else "params"
        given: dict[str, Any] = {where: self.given, "headers": dict(self.headers or {})}
        return session.request(self.method, self.url, timeout=_TIMEOUT_S, **given, **more)


def _answer(answer: requests.Response) -> Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    via = tuple(earlier.url for earlier in answer.history)
    return Answer(answer.url, answer.status_code, headers, answer.content, via)


def _is_elsewhere(asked: str, answered: str | None) -> bool:
    """Return whether another host than the one that was asked answered, or did not."""
    return bool(answered) and urlsplit(answered).netloc != urlsplit(asked).netloc


def private_host(url: str) -> str:
    """Return the host of an address where it is on this machine or in a private network, else the empty string."""
    host = urlsplit(url).hostname or ""
    return host if private_allowed() and is_private_host(host) else ""


def _without_key(service: Service, message: str) -> str:
    """Return a message in which the service's key does not stand, whatever it quotes."""
    for written in {service.key, quote(service.key, safe=""), quote_plus(service.key)} - {""}:
        message = message.replace(written, "…")
    return message


def title(service: Service) -> str:
    """Return what messages call a service: its name and host."""
    host = service.base.partition("://")[2].partition("/")[0]
    name = service.title or service.name
    return name if name == host else f"{name} ({host})"


class Client:
    """Asks services over HTTP. `cache` is the folder where answers to look-ups are kept; without it none are.

    `contact` is an e-mail address that services ask for, by default `SCREENER_EMAIL`. `most_requests` bounds what one run
    may ask in all; `OutOfBudgetError` beyond. Proxies are those of the environment (`HTTPS_PROXY`).
    """

    def __init__(self, cache: Path | None = None, *, contact: str = "", most_requests: int | None = None) -> None:
        """Send nothing yet."""
        self.contact = contact or os.environ.get("SCREENER_EMAIL", "").strip()
        self.test_server = ""
        """The host that answered last, where it is on this machine or in a private network: what it sends is no search."""
        self.requests = 0
        """Requests that were sent, those that were tried again among them."""
        self._most_requests = most_requests
        self._next = dict[str, float]()
        self._rates = dict[str, float]()
        self._budgets = dict[str, Budget]()
        self._lock = Lock()
        self._session = self._prepared(requests.Session())
        self._cached: requests.Session | None = None
        if cache is not None:
            cache.mkdir(parents=True, exist_ok=True)
            # What a test server answered is never taken for an answer of the service itself.
            stored = CachedSession(
                str(cache / ("answers-of-tests.sqlite" if private_allowed() else "answers.sqlite")),
                expire_after=_KEPT,
                allowable_codes=(200, 400, 403, 404, 410),
                allowable_methods=("GET", "HEAD", "POST"),
                ignored_parameters=_SECRET,
            )
            self._cached = self._prepared(stored)

    def _prepared(self, session: requests.Session) -> requests.Session:
        who = f"; mailto:{self.contact}" if self.contact else ""
        session.headers["User-Agent"] = f"screener/{version('screener')} (systematic review tool{who})"
        session.max_redirects = _REDIRECTS
        for scheme in ("http://", "https://"):
            session.mount(scheme, CheckedAdapter())
        return session

    def get(
        self, service: Service, url: str, params: Mapping[str, Any] | None = None, **options: Unpack[Options]
    ) -> Answer:
        """Ask a service for what is at an address. Raises `SourceError`."""
        return self._ask(service, _Request("GET", url, params, **options))

    def post(self, service: Service, url: str, data: Mapping[str, Any], **options: Unpack[Options]) -> Answer:
        """Ask a service with a form, for what is too long for an address. Raises `SourceError`."""
        return self._ask(service, _Request("POST", url, data, **options))

    def post_json(self, service: Service, url: str, data: Mapping[str, Any], **options: Unpack[Options]) -> Answer:
        """Ask a service with a JSON object. Raises `SourceError`."""
        return self._ask(service, _Request("POST", url, data, **options, as_json=True))

    def budget(self, service: Service) -> Budget | None:
        """Return what is left of a service's budget by its last answer; None where it does not say."""
        return self._budgets.get(service.base)

    @property
    def is_spent(self) -> bool:
        """Return whether as many requests were sent as one run may send."""
        return self._most_requests is not None and self.requests >= self._most_requests

    def _ask(self, service: Service, asked: "_Request") -> Answer:
        kept = self._kept(asked)
        if kept is not None and not asked.fault(kept):
            self.test_server = private_host(kept.url)
            return kept
        token, cut = MOST_BYTES.set(asked.most), CUT.set(asked.cut)
        try:
            for tried in range(1, TRIES + 1):
                self._wait_for_turn(service)
                wait = self._try(service, asked, last=tried == TRIES)
                if isinstance(wait, Answer):
                    return wait
                # Whoever allows another rate than the service's own, for a mirror or a test, need not wait as for it.
                first = min(1.0, 10 / service.rate)
                wait = first * 2 ** (tried - 1) * random.uniform(0.5, 1.5) if wait is None else wait
                time.sleep(min(wait, LONGEST_WAIT_S))
        finally:
            MOST_BYTES.reset(token)
            CUT.reset(cut)
        raise AssertionError("the last try returns or raises")

    def _try(self, service: Service, asked: "_Request", *, last: bool) -> Answer | float | None:
        """Return the answer, the seconds that the service asks to wait, or None where it does not say; raises in the end."""
        try:
            if asked.look_up and self._cached is not None:
                answer = asked.send(self._cached, force_refresh=True)
            else:
                answer = asked.send(self._session)
        except (PrivateAddressError, TooLargeError, requests.RequestException) as error:
            problem = _problem(error)
            if problem is None and not last:
                return None
            remedy = problem or "no usable answer; is the network there? Try again later"
            elsewhere = _is_elsewhere(asked.url, getattr(getattr(error, "request", None), "url", None))
            kind = UnusableAddressError if problem else ElsewhereError if elsewhere else SourceError
            raise kind(_without_key(service, f"{title(service)}: {remedy}")) from None
        usable = _answer(answer)
        self.test_server = private_host(usable.url)
        self._note_limits(service, usable)
        if answer.status_code < 400 or answer.status_code in asked.allowed:
            fault = asked.fault(usable)
            if fault and last:
                raise SourceError(_without_key(service, f"{title(service)} {fault}; run the same command again later"))
            return None if fault else usable
        if not passes(answer.status_code) or last:
            refused = refusal(service, usable)
            raise ElsewhereError(str(refused)) if _is_elsewhere(asked.url, usable.url) else refused
        return _asked_wait(service, usable)

    def _note_limits(self, service: Service, answer: Answer) -> None:
        """Note how often a service may be asked, and what is left of its budget, where an answer says so."""
        rate, budget = rate_of(answer.headers), budget_of(answer.headers)
        with self._lock:
            if rate is not None and RATE not in os.environ:
                self._rates[service.base] = rate
            # What is free says nothing of the cost of what is not.
            if budget is not None and budget.cost:
                self._budgets[service.base] = budget

    def _kept(self, asked: "_Request") -> Answer | None:
        """Return the answer to a look-up that is on disk; None where there is none that can be used."""
        if not asked.look_up or self._cached is None:
            return None
        kept = asked.send(self._cached, only_if_cached=True)
        usable = kept.status_code < 400 or (kept.status_code in asked.allowed and kept.status_code in asked.lasting)
        return _answer(kept) if usable else None

    def _wait_for_turn(self, service: Service) -> None:
        """Wait until the service may be asked again."""
        with self._lock:
            if self.is_spent:
                raise OutOfBudgetError(
                    f"{self.requests:,} requests were sent, as many as you allow; run the same command again to go on"
                )
            self.requests += 1
            now = time.monotonic()
            turn = max(now, self._next.get(service.base, now))
            self._next[service.base] = turn + 1 / self._rates.get(service.base, service.rate)
        time.sleep(turn - now)


def _problem(error: Exception) -> str | None:
    """Return what is wrong where another try would not help, with the remedy; None where it may."""
    causes = list[object]()
    cause: object = error
    while isinstance(cause, BaseException) and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for known in causes:
        if isinstance(known, PrivateAddressError):
            return f"{known}. `SCREENER_ALLOW_LOOPBACK=1` allows private addresses"
        if isinstance(known, TooLargeError):
            return f"too large: {known}; it was not read to its end"
        if isinstance(known, requests.TooManyRedirects):
            return f"more than {_REDIRECTS} redirects; is the address right?"
        if isinstance(known, _NO_ADDRESS):
            return f"no usable address: {known}"
    return None


def passes(status: int) -> bool:
    """Return whether an error may be gone at the next try: those of proxies in between (408, 520 to 527) among them."""
    return status in (408, 425, 429) or status >= 500


def refusal(service: Service, answer: Answer) -> SourceError:
    """Return what to say of an answer that is an error and stays one."""
    status, name = answer.status, title(service)
    html = "html" in answer.headers.get("content-type", "")
    said = "" if html else " ".join(answer.body[:2_000].decode("utf-8", "replace").split())[:200]
    said = _without_key(service, said)
    quoted = f" (it says: {said})" if said else ""
    if status in (401, 403) or (status == 400 and _OF_THE_KEY.search(said)):
        if not service.key:
            return SourceError(f"{name}: access is refused{quoted}")
        return SourceError(f"{name}: the key in {service.key_name} is refused{quoted}; correct or remove the key")
    if status == 429:
        return OutOfBudgetError(f"{name} allows no more requests now{quoted}; run the same command again later")
    if passes(status):
        return SourceError(f"{name} is out of order (status {status}){quoted}; run the same command again later")
    return RejectedError(f"{name} rejects the request (status {status}){quoted}; correct the query")


def unread(service: Service, problem: Exception) -> SourceError:
    """Return what to say of XML that is not read, such as one with entities; what to do with a file is left out."""
    why = str(problem).partition(";")[0]
    return SourceError(f"{title(service)} sent XML that is not read: {why}; run the same command again later")


def _asked_wait(service: Service, answer: Answer) -> float | None:
    """Return the seconds that a service asks to wait, None where it does not say; `OutOfBudgetError` for too many to stay."""
    # Who is merely out of order says nothing of when its limits are reset.
    wait = wait_of(answer.headers) if answer.status == 429 or "retry-after" in answer.headers else None
    if wait is not None and wait > LONGEST_WAIT_S:
        until = datetime.now().astimezone() + timedelta(seconds=wait)
        raise OutOfBudgetError(
            f"{title(service)} asks to wait until {until:%Y-%m-%d %H:%M}; run the same command again then: what was "
            "received is kept"
        )
    return wait
