from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.team.settings import BehindProxy, ServerSettings, open_team, read_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "server.yaml"
    path.write_text(text)
    return path


def test_an_empty_file_is_a_server_for_this_machine(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, ""))
    assert settings.origins == ("http://127.0.0.1:8080", "http://localhost:8080")
    assert (settings.reviews, settings.database) == (tmp_path / "reviews", str(tmp_path / "team.db"))
    assert not settings.is_secure
    open_team(settings).close()
    assert (tmp_path / "team.db").is_file()


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).touch()
    text = "url: https://R.example.org/\ntls: {certificate: chain.pem, key: key.pem}\nreviews: /srv/reviews\n"
    settings = read_settings(written(tmp_path, text))
    assert settings.tls is not None
    assert settings.tls.key == tmp_path / "key.pem"
    assert settings.reviews == Path("/srv/reviews")
    assert settings.origins == ("https://r.example.org",)


WRONG = [
    ("adress: 0.0.0.0\n", 1, "adress: unknown key; did you mean `address`?"),
    ("address: 0.0.0.0\n", 1, "passwords would be sent as they are; add `tls`, or `behind_proxy`"),
    ("address: 0.0.0.0\nbehind_proxy: {trusted: [127.0.0.1]}\n", 1, "needs `url`"),
    ("url: http://a.example\nbehind_proxy: {trusted: [127.0.0.1]}\n", 1, "`url` begins with https://"),
    ("port: 70000\n", 1, "port: must be at most 65535"),
    ("url: https://a.example/path\n", 1, "url: is an address without a path"),
    ("\nbehind_proxy:\n  trusted: [0.0.0.0/0]\n", 3, "`0.0.0.0/0` is everybody"),
    ("\nbehind_proxy:\n  trusted: [proxy.local]\n", 3, "`proxy.local` is no address"),
    ("\ndatabase: postgresql://a:hidden@host/x\n", 2, "must hold no password; put it into ~/.pgpass"),
    ("database: mysql://host/x\n", 1, "is a file, or an address that begins with postgresql://"),
    ("models:\n  mini: {model: gpt-5-mini}\n", 2, "`model` is written `provider:name`"),
    ("models:\n  p: {kind: probability, model: m}\n", 2, "needs `base_url`"),
    ("models:\n  m: {model: 'openai:a', base_url: 'ftp://x'}\n", 2, "must be an address like"),
    ("models:\n  a: {model: 'openai:a'}\n  b: {model: 'openai:a'}\n", 1, "is the model of two names"),
    ("models:\n  a: {model: 'openai:a', api_key: sk-1}\n", 2, "unknown key"),
    ("tls: {certificate: none.pem, key: none.pem}\n", 1, "there is no file"),
    ("uploads: {file_mb: 0}\n", 1, "must be more than 0"),
    ("jobs: {at_once: 0}\n", 1, "must be at least 1"),
    ("jobs:\n  budgets_usd: {sleep: -1}\n", 2, "must be at least 0"),
]


@pytest.mark.parametrize(("text", "line", "told"), WRONG, ids=[told for _, _, told in WRONG])
def test_a_mistake_is_told_with_its_line_its_field_and_what_to_do(
    tmp_path: Path, text: str, line: int, told: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadInput) as refusal:
        read_settings(path)
    assert str(refusal.value).startswith(f"{path}:{line}: ")
    assert told in str(refusal.value)
    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the first may be anything that the client wrote
        ("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),  # two proxies, both trusted
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),  # not the proxy: whatever it says
        ("::ffff:127.0.0.1", "2001:db8::5", "2001:db8::5"),
    ],
)
def test_a_request_comes_from_the_last_address_that_is_no_trusted_proxy(peer: str, told: str, client: str) -> None:
    proxy = BehindProxy(trusted=("127.0.0.1", "10.0.0.0/8"))
    assert proxy.client(peer, told) == client


def test_a_review_means_a_model_by_its_kind_and_name() -> None:
    models = {
        "a": {"model": "openai:x", "base_url": "https://one.example/v1/"},
        "b": {"kind": "probability", "model": "openai:x", "base_url": "https://two.example"},
    }
    settings = ServerSettings.model_validate({"models": models})
    for kind, address in (("chat", "https://one.example/v1"), ("probability", "https://two.example")):
        model = settings.model_of(kind, "openai:x")
        assert model is not None
        assert model.base_url == address
    assert settings.model_of("chat", "openai:y") is None
