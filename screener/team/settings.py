"""`server.yaml`: what the administrator of a server decides, for all reviews on it."""

from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ..core.frozen import Frozen
from ..core.yamlfile import YamlFile
from ..protocol.endpoints import Endpoint, plain_base_url
from .database import Team

Network = IPv4Network | IPv6Network


class Tls(Frozen):
    """A certificate, where the server itself speaks TLS."""

    certificate: Path
    """The file with the certificate and those between it and the root, in PEM."""
    key: Path
    """The file with its private key, in PEM."""


class BehindProxy(Frozen):
    """A proxy in front, which speaks TLS to browsers and says from where a request came."""

    trusted: tuple[str, ...] = Field(min_length=1)
    """The addresses or networks of the proxy, like `127.0.0.1`: from any other the headers are not believed."""
    client_header: str = Field(default="X-Forwarded-For", pattern=r"^[A-Za-z0-9-]+$")
    """The header in which it says from which address a request came."""

    @field_validator("trusted")
    @classmethod
    def _networks(cls, trusted: tuple[str, ...]) -> tuple[str, ...]:
        for text in trusted:
            try:
                network = ip_network(text)
            except ValueError:
                raise ValueError(f"`{text}` is no address and no network, like 127.0.0.1 or 10.0.0.0/8") from None
            if network.prefixlen == 0:
                raise ValueError(f"`{text}` is everybody: whoever asks could say that they come from anywhere")
        return trusted

    def client(self, peer: str, told: str) -> str:
        """Return where a request came from: `peer` is who connected, `told` the header `client_header`.

        It is the last address that no trusted proxy has: what stands before it may be anything that the client wrote.
        """
        networks = [ip_network(text) for text in self.trusted]
        hops = [peer, *reversed([part.strip() for part in told.split(",") if part.strip()])]
        for before, hop in pairwise(hops):
            if not _within(before, networks):
                return before
            if not _is_address(hop):
                return before
        return hops[-1]


class ServerModel(Endpoint):
    """A model that reviews on the server may use, by the name that they write as `model`."""

    kind: Literal["chat", "probability"] = "chat"
    """A chat model, or one that answers with probabilities."""
    model: str = Field(min_length=1)
    """As a review names it: `provider:name` for a chat model, like `openai:gpt-5-mini`."""
    base_url: str | None = None
    """The address of its server where it is not the provider's own."""

    _plain = field_validator("base_url")(plain_base_url)

    @model_validator(mode="after")
    def _whole(self) -> "ServerModel":
        if self.kind == "probability" and self.base_url is None:
            raise ValueError("a model of `kind: probability` needs `base_url`")
        if self.kind == "chat" and not all(self.model.partition(":")):
            raise ValueError("`model` is written `provider:name`, like `openai:gpt-5-mini`")
        return self


class UploadSettings(Frozen):
    """How much may be sent to the server in files: exports and full texts."""

    file_mb: int = Field(default=100, gt=0, le=4096)
    """Megabytes of one file. A proxy in front must let as much pass."""
    together_mb: int = Field(default=1000, gt=0, le=65_536)
    """Megabytes of the files that one person has sent to a review and not used yet."""


class JobSettings(Frozen):
    """What takes longer than a request: how much of it is done at once, and what it may cost."""

    at_once: int = Field(default=2, ge=1, le=32)
    """So many jobs one worker does at once. A review has at most all places but one, so that it keeps no other waiting."""
    budget_usd: float | None = Field(default=None, ge=0)
    """US dollars that all machine runs of a review may cost together; without it there is no limit. A model of which the price
    is not known cannot be asked then; state its `price`."""
    budgets_usd: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Other limits for single reviews, by the name in their address: `/r/NAME/`."""

    def budget_of(self, review: str) -> float | None:
        """Return the limit of a review; None where there is none."""
        return self.budgets_usd.get(review, self.budget_usd)


class ServerSettings(Frozen):
    """The content of `server.yaml`. Paths are those of the machine, or relative to the file's own folder."""

    address: str = "127.0.0.1"
    """The address that the server listens at; `0.0.0.0` for all of the machine."""
    port: int = Field(default=8080, ge=1, le=65_535)
    """The port that it listens at."""
    url: str = ""
    """What people open, like `https://reviews.example.org`: the server answers to no other name."""
    processes: int = Field(default=1, ge=1, le=64)
    """How many processes serve pages at the port; more than one need a database on PostgreSQL."""
    tls: Tls | None = None
    """Certificate and key, where the server itself speaks TLS."""
    behind_proxy: BehindProxy | None = None
    """Whom to believe, where a proxy in front speaks TLS."""
    database: str = "team.db"
    """Accounts, jobs and ledgers: `postgresql://user@host/name`, needed for more than one process of the server; or a file
    for accounts and jobs, and then each review's ledger is a file in its folder."""
    reviews: Path = Path("reviews")
    """The folder of the reviews' folders."""
    models: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], ServerModel] = Field(default_factory=dict)
    """The models that reviews may use, by a name of your choice. Their keys and addresses are yours; a review has neither."""
    plugins: tuple[str, ...] = ()
    """Kinds of reviewers and databases of installed packages that reviews may use, by name."""
    own_templates: bool = False
    """Whether reviews may have prompt templates of their own. A template is a program that can take all time and memory of the
    worker; without this only those that come with screener are used."""
    uploads: UploadSettings = UploadSettings()
    """How much may be sent in files; everything else is held to 1 MB."""
    jobs: JobSettings = JobSettings()
    """How many jobs a worker does at once, and what the machine runs of a review may cost."""

    @field_validator("url")
    @classmethod
    def _origin(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (
            parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query
        ):
            raise ValueError("is an address without a path, like https://reviews.example.org")
        usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")  # browsers leave it out
        return url.rstrip("/").lower().removesuffix(usual)

    @field_validator("database")
    @classmethod
    def _database(cls, database: str) -> str:
        if "://" not in database:
            return database
        try:
            address = make_url(database)
        except ArgumentError:
            raise ValueError("is no address of a database, like postgresql://user@host/name") from None
        if address.get_backend_name() != "postgresql":
            raise ValueError("is a file, or an address that begins with postgresql://")
        if address.password:
            raise ValueError(
                "must hold no password; put it into ~/.pgpass, or into the environment variable PGPASSWORD"
            )
        return database

    @field_validator("models")
    @classmethod
    def _once(cls, models: dict[str, ServerModel]) -> dict[str, ServerModel]:
        named = [(model.kind, model.model) for model in models.values()]
        if twice := next((name for kind, name in named if named.count((kind, name)) > 1), None):
            raise ValueError(f"`{twice}` is the model of two names; a review could mean either")
        return models

    @model_validator(mode="after")
    def _not_in_the_open(self) -> "ServerSettings":
        if self.tls and self.behind_proxy:
            raise ValueError("has `tls` and `behind_proxy`; one of them speaks TLS to browsers, remove the other")
        local = self.address == "localhost" or (_is_address(self.address) and ip_address(self.address).is_loopback)
        if not (local or self.tls or self.behind_proxy):
            raise ValueError(
                f"`address: {self.address}` is open to the network, and passwords would be sent as they are; "
                "add `tls`, or `behind_proxy`"
            )
        if self.processes > 1 and not self.on_postgresql:
            raise ValueError("has `processes`, and several of them need a `database` on PostgreSQL")
        if not (local or self.url):
            raise ValueError("needs `url`, what people open, like https://reviews.example.org")
        if self.url and (self.tls or self.behind_proxy) and not self.url.startswith("https://"):
            raise ValueError("`url` begins with https:// where there is `tls` or `behind_proxy`")
        return self

    @property
    def is_secure(self) -> bool:
        """Return whether browsers speak TLS to it, so that cookies may be bound to that."""
        return self.tls is not None or self.behind_proxy is not None

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """Return the addresses by which browsers may call the server."""
        if self.url:
            return (self.url,)
        scheme = "https" if self.tls else "http"
        return tuple(f"{scheme}://{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    @property
    def on_postgresql(self) -> str:
        """Return the address of the PostgreSQL database; empty where accounts and ledgers are files."""
        return self.database if "://" in self.database else ""

    def model_of(self, kind: str, name: str) -> ServerModel | None:
        """Return the model that a review means."""
        return next((model for model in self.models.values() if (model.kind, model.model) == (kind, name)), None)


def read_settings(path: Path) -> ServerSettings:
    """Return the settings in a file; `BadInput` with file, line, field and remedy of all its mistakes."""
    document = YamlFile(path)
    settings = document.validate(ServerSettings)
    folder = path.resolve().parent
    tls = settings.tls and Tls(certificate=folder / settings.tls.certificate, key=folder / settings.tls.key)
    for key in ("certificate", "key") if tls else ():
        if not (file := getattr(tls, key)).is_file():
            raise document.fail(("tls", key), f"there is no file {file}")
    database = settings.database if settings.on_postgresql else str(folder / settings.database)
    return settings.model_copy(update={"tls": tls, "database": database, "reviews": folder / settings.reviews})


def open_team(settings: ServerSettings) -> Team:
    """Open the team's database; `BadInput` where it cannot be used."""
    if settings.on_postgresql:
        return Team.on_server(settings.database)
    return Team.in_file(Path(settings.database))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _within(text: str, networks: list[Network]) -> bool:
    if not _is_address(text):
        return False
    address = ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)
