"""The tokens of an answer with their probabilities, as OpenAI documents them, come down to those that matter."""

import json
import math
from typing import Any

from screener.core.messages import ChatRequest, ChatResponse, Message, ProbabilityResponse
from screener.models.completion import read_completion
from screener.models.logprobs import token_choices
from screener.models.wire import chat_body
from screener.protocol import ChatSpec
from screener.running.stored_answers import request_hash, response_from, response_text

TEXT = '{"nudge": {"reason": "é", "quote": null, "answer": "definitely_yes"}}'


def token(text: str | bytes, p: float = 1.0, **others: float) -> dict[str, Any]:
    data = text if isinstance(text, bytes) else text.encode()

    def entry(word: bytes, share: float) -> dict[str, Any]:
        logprob = math.log(share) if share else -9999.0
        return {"token": word.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(word)}

    likely = [(data, p), *((name.encode(), share) for name, share in others.items())]
    return {**entry(data, p), "top_logprobs": [entry(word, share) for word, share in likely]}


def tokens_of(*answer: dict[str, Any], before: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """The tokens of TEXT, its é cut in two as byte-level tokenizers do."""
    start, end = TEXT.split("é")[0], TEXT.split("é")[1].split("definitely_yes")[0]
    letter, (quote, key) = [token(b"\xc3"), token(b"\xa9", 0.5, x=0.5)], (end[:-11], end[-11:])
    around = [*before, token(start), *letter, token(quote, 0.5, y=0.5), token(key)]
    return {"content": [*around, *answer, token('"}}')], "refusal": None}


WAVERING = (token("definitely", 0.7, probably=0.29, zzz=0.0005), token("_yes", 0.9, _no=0.1))


def test_only_tokens_of_answers_are_kept_and_only_where_others_were_likely() -> None:
    first, second = token_choices(tokens_of(*WAVERING), TEXT) or ()
    assert (first.text, first.probability, first.others) == ("definitely", 0.7, (("probably", 0.29),))
    assert TEXT[first.start :].startswith("definitely_yes")
    assert (second.start, second.text, second.others) == (first.start + 10, "_yes", (("_no", 0.1),))


def test_places_are_those_of_the_answer_also_behind_other_tokens() -> None:
    thoughts = token("<think>é</think>")
    first, _ = token_choices(tokens_of(*WAVERING, before=(thoughts,)), TEXT) or ()
    assert TEXT[first.start :].startswith("definitely_yes")


def test_an_answer_of_which_the_model_was_sure_has_no_choices_and_one_without_tokens_says_nothing() -> None:
    assert token_choices(tokens_of(token("definitely"), token("_yes")), TEXT) == ()
    for nothing in (
        None,
        {},
        {"content": None},
        {"content": []},
        {"content": [token("other")]},
        {"content": [{}]},
        "x",
    ):
        assert token_choices(nothing, TEXT) is None


def test_tokens_without_bytes_are_read_by_their_text_and_broken_numbers_are_improbable() -> None:
    plain = TEXT.replace("é", "e")
    start, end = plain.split("definitely_yes")
    content = [{"token": part, "logprob": 0.0, "bytes": None} for part in (start, "definitely", "_yes", end)]
    content[1]["top_logprobs"] = [{"token": "probably", "logprob": math.log(0.2)}, {"token": "un", "logprob": "?"}, 3]
    (choice,) = token_choices({"content": content}, plain) or ()
    assert [word for word, _ in choice.others] == ["probably"]


def test_a_request_asks_for_them_only_where_it_says_so_and_the_user_may_ask_for_fewer() -> None:
    spec = ChatSpec(model="openai:m")
    plain = ChatRequest((Message("user", "?"),), "screening", "{}")
    asking = ChatRequest((Message("user", "?"),), "screening", "{}", logprobs=True)
    assert not {"logprobs", "top_logprobs"} & set(chat_body(spec, plain, "json_schema"))
    body = chat_body(spec, asking, "json_schema")
    assert (body["logprobs"], body["top_logprobs"]) == (True, 20)
    fewer = ChatSpec(model="openai:m", parameters={"top_logprobs": 5})
    assert chat_body(fewer, asking, "prompt")["top_logprobs"] == 5
    assert request_hash("m", plain) != request_hash("m", asking)


def test_requests_and_answers_without_them_are_kept_as_they_always_were() -> None:
    plain = ChatRequest((Message("user", "?"),), "screening", "{}")
    assert request_hash("m", plain) == "dd4a0c15193a8114950c447562bb8822"
    assert json.loads(response_text(ChatResponse("{}"))) == {
        "kind": "ChatResponse", "text": "{}", "refusal": None, "finish_reason": None,
    }  # fmt: skip


def test_they_come_with_the_answer_and_back_from_the_ledger() -> None:
    message = {"role": "assistant", "content": TEXT}
    body = {"model": "m", "choices": [{"message": message, "finish_reason": "stop", "logprobs": tokens_of(*WAVERING)}]}
    response, _, _ = read_completion(json.dumps(body), lambda text: text)
    assert isinstance(response, ChatResponse)
    assert [choice.text for choice in response.choices or ()] == ["definitely", "_yes"]
    assert response_from(response_text(response)) == response
    assert response_from(response_text(ProbabilityResponse((("a", 0.5),)))) == ProbabilityResponse((("a", 0.5),))
