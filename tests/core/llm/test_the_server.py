"""The test server itself, asked with the plain SDK."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.llm_server import LlmServer, RateLimit, faults, scripted_server, server_process


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with scripted_server(lambda body: f"{body['model']} answers") as server:
        yield server


def _client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)


def test_it_answers_chat_completions_embeddings_and_models(server: LlmServer) -> None:
    with _client(server.base_url) as client:
        chat = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
        text = client.completions.create(model="m", prompt="Hello")
        vectors = client.embeddings.create(model="m", input=["ab", "b"], encoding_format="float")
        models = [model.id for model in client.models.list()]
    assert chat.choices[0].message.content == text.choices[0].text == "m answers"
    assert chat.usage is not None
    assert [len(one.embedding) for one in vectors.data] == [26, 26]
    assert models == ["test-model"]
    assert server.count == 4
    assert server.requests[0]["messages"] == [{"role": "user", "content": "Hello"}]


def test_a_fault_is_what_the_client_gets() -> None:
    with (
        scripted_server(faults.unauthorised()) as server,
        _client(server.base_url) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.completions.create(model="m", prompt="Hello")


def test_a_cut_connection_is_a_connection_error() -> None:
    with (
        scripted_server(faults.truncated_stream()) as server,
        _client(server.base_url) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.completions.create(model="m", prompt="Hello")


def test_requests_beyond_the_limit_are_refused() -> None:
    limit = RateLimit(60, burst=2)
    with scripted_server("yes", rate_limit=limit) as server, _client(server.base_url) as client:
        for _ in range(2):
            client.completions.create(model="m", prompt="Hello")
        with pytest.raises(openai.RateLimitError):
            client.completions.create(model="m", prompt="Hello")
    assert limit.refused == 1


def test_as_a_process_it_counts_for_others() -> None:
    with server_process() as server:
        with _client(server.base_url) as client:
            for prompt in ("one", "one", "two"):
                client.completions.create(model="m", prompt=prompt)
        assert server.counts() == {"requests": 3, "refused": 0, "repeated": 1, "most_in_flight": 1}
