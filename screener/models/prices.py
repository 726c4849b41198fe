"""What a call costs, by the spec's own price or the list that genai-prices bundles. Unknown is None, never 0."""

import re
from functools import cache
from typing import Any

from ..protocol import ChatSpec, Price, ProbabilitySpec
from .base import Usage

# Where LangChain's name of a provider is not that of the price list.
_LISTED = {
    "azure_openai": "azure",
    "anthropic_bedrock": "aws",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "google_genai": "google",
    "google_vertexai": "google",
    "google_anthropic_vertex": "google",
    "mistralai": "mistral",
    "xai": "x-ai",
}


_MARKED = re.compile(r"anthropic|claude", re.IGNORECASE)


def cost_usd(spec: ChatSpec | ProbabilitySpec, usage: Usage) -> float | None:
    """Return the US dollars for one call's tokens, by the name of the model asked; None where price or tokens are
    unknown.

    Input tokens that the provider had cached cost their own price where there is one.
    """
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    if spec.price is not None:
        return _stated(spec.price, usage.input_tokens, usage.output_tokens, usage.cached_input_tokens or 0)
    if isinstance(spec, ProbabilitySpec):
        return None
    return _listed(spec, usage.input_tokens, usage.output_tokens, usage.cached_input_tokens or 0)


def price_known(spec: ChatSpec | ProbabilitySpec) -> bool:
    """Return whether calls of this model can be priced at all."""
    return cost_usd(spec, Usage(1, 1)) is not None


def cached_price_known(spec: ChatSpec | ProbabilitySpec) -> bool:
    """Return whether input that the provider has cached is known to cost less, and is cached without being marked.

    Anthropic's models cache only what a request marks (`cache_control`), and nothing here does.
    """
    if isinstance(spec, ChatSpec) and _MARKED.search(f"{spec.provider}:{spec.model_name}"):
        return False
    plain, cached = (cost_usd(spec, Usage(1_000, 1, part)) for part in (0, 1_000))
    return plain is not None and cached is not None and cached < plain


def _stated(price: Price, input_: int, output: int, cached: int) -> float:
    cached_price = price.input if price.cached_input is None else price.cached_input
    return ((input_ - cached) * price.input + cached * cached_price + output * price.output) / 1e6


def _listed(spec: ChatSpec, input_: int, output: int, cached: int) -> float | None:
    prices = _genai_prices()
    # A server of one's own is priced by its address: that its model is called gpt-4o does not make it OpenAI's.
    provider = (
        {"provider_api_url": spec.base_url}
        if spec.base_url is not None
        else {"provider_id": _LISTED.get(spec.provider, spec.provider)}
    )
    tokens = prices.Usage(input_tokens=input_, output_tokens=output, cache_read_tokens=cached)
    try:
        price = prices.calc_price(tokens, spec.model_name, **provider)
    except (LookupError, ValueError):
        return None
    if price.model_price.input_mtok is None or price.model_price.output_mtok is None:
        return None  # listed without a price, which genai-prices adds up to 0
    return float(price.total_price)


@cache
def _genai_prices() -> Any:
    """Return the package, imported when a price is first asked for: its list takes 0.2 s to load."""
    import genai_prices

    return genai_prices
