"""What a call costs, how many tokens it will be, and what a spec may say."""

import json

import pytest
from pydantic import ValidationError
from support.models import chat

from screener.core.messages import ChatRequest, EmbedRequest, Message, ProbabilityRequest
from screener.models import ChatSpec, Price, ProbabilitySpec, Usage
from screener.models.prices import cost_usd, price_known
from screener.models.tokens import count_tokens, text_tokens

MILLION = Usage(1_000_000, 1_000_000)


def test_a_listed_model_is_priced_without_a_network():
    assert cost_usd(ChatSpec(model="openai:gpt-4o-mini"), MILLION) == pytest.approx(0.15 + 0.60)
    assert cost_usd(ChatSpec(model="anthropic:claude-3-5-haiku-20241022"), MILLION) == pytest.approx(0.80 + 4.00)


def test_cached_input_costs_less():
    spec = ChatSpec(model="openai:gpt-4o-mini")
    assert cost_usd(spec, Usage(1_000_000, 0, 1_000_000)) == pytest.approx(0.075)


@pytest.mark.parametrize(
    "spec",
    [
        ChatSpec(model="openai:no-such-model"),
        ChatSpec(model="openai:text-embedding-3-small"),  # listed, but without a price for output
        ChatSpec(model="nosuchprovider:gpt-4o-mini"),
        ChatSpec(model="openai:gpt-4o-mini", base_url="http://127.0.0.1:11434/v1"),
        ProbabilitySpec(model="jev-latest", base_url="http://127.0.0.1:1"),
    ],
)
def test_an_unknown_price_is_unknown_and_not_zero(spec):
    assert cost_usd(spec, MILLION) is None
    assert not price_known(spec)


def test_unknown_tokens_have_an_unknown_price():
    assert cost_usd(ChatSpec(model="openai:gpt-4o-mini"), Usage()) is None
    assert cost_usd(ChatSpec(model="openai:x", price=Price(input=1, output=1)), Usage(5, None)) is None


def test_a_stated_price_overrides_the_list():
    price = Price(input=2, output=8)
    assert cost_usd(ChatSpec(model="openai:gpt-4o-mini", price=price), Usage(500_000, 250_000, 400_000)) == 3.0
    cached = Price(input=2, output=8, cached_input=0.5)
    assert cost_usd(ChatSpec(model="openai:x", price=cached), Usage(500_000, 250_000, 400_000)) == pytest.approx(2.4)
    free = Price(input=0, output=0)
    assert cost_usd(ProbabilitySpec(model="m", base_url="http://h", price=free), MILLION) == 0.0


def test_tokens_are_counted_as_langchain_does_for_plain_text():
    from langchain_core.messages import utils as counting

    request = chat(abstract="An abstract of some length. " * 60)
    known = counting.count_tokens_approximately([{"role": m.role, "content": m.content} for m in request.messages])
    assert count_tokens(ChatRequest(request.messages, "s", "")) == pytest.approx(known, abs=3)


def test_scripts_that_tokenizers_split_finer_count_for_more():
    assert text_tokens("abcd" * 25) == 25
    assert text_tokens("心电图基础" * 20) == 75
    assert text_tokens("\ud800") == 1, "a broken character is no reason to fail"


def test_the_schema_counts_and_vectors_do_not():
    with_schema = ChatRequest((Message("user", "hi"),), "s", json.dumps({"a": "b" * 400}))
    assert count_tokens(with_schema) > 100
    assert count_tokens(EmbedRequest(("text",))) == 0
    assert count_tokens(ProbabilityRequest("x" * 40, (("q", "y" * 39),))) == 20


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"model": "gpt-5"}, "pattern"),
        ({"base_url": "localhost:1"}, "address like"),
        ({"base_url": "http://user:secret@host/v1"}, "no key"),
        ({"base_url": "http://host/v1?key=secret"}, "no key"),
        ({"parameters": {"api_key": "x"}}, "api_key_env"),
        ({"parameters": {"extra_body": {"response_format": {}}}}, "screener itself"),
        ({"parameters": {"stream": True}}, "screener itself"),
        ({"temprature": 0}, "Extra inputs"),
        ({"timeout_s": 0}, "greater than 0"),
    ],
)
def test_a_spec_that_cannot_be_meant_is_refused(wrong, says):
    with pytest.raises(ValidationError, match=says):
        ChatSpec(**{"model": "openai:gpt-5", **wrong})


def test_a_spec_splits_provider_and_name_at_the_first_colon():
    spec = ChatSpec(model="ollama:qwen3:8b", base_url="http://127.0.0.1:11434/")
    assert (spec.provider, spec.model_name) == ("ollama", "qwen3:8b")
    assert spec.base_url == "http://127.0.0.1:11434"
