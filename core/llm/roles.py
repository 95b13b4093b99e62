"""The sections `[llm]` and `[llm.<role>]` of `workbench.toml`: which model answers, how it is asked, what it costs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.llm.models import Role
from core.section import Section


class RoleSettings(Section):
    """One model. Prices are per million tokens, in `currency`; limits that are not set are not kept."""

    provider: Literal["openai", "azure", "embedded"] = "openai"
    """openai: any OpenAI-compatible endpoint; embedded: a small model that Workbench runs itself, on loopback."""
    base_url: str = ""
    """Of the API, with its version (`http://127.0.0.1:8000/v1`); empty: OpenAI's own."""
    model: str = ""
    api: Literal["chat", "completions"] = "chat"
    api_version: str = ""
    """Of Azure."""
    api_key_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    """Environment variable (or line of `.env`) that holds the key; empty: OPENAI_API_KEY, or none for other hosts."""
    api_key_keyring: str = ""
    """Entry of the system's keyring that holds the key, as `service/name`."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    vote_temperature: float = Field(default=0.7, ge=0, le=2)
    """Of the second and further answers to one question."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, gt=0)
    seed: int | None = None
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """Sent as it is, for parameters of one server."""
    constrain: Literal["auto", "none"] = "auto"
    """auto: answers are held to a grammar where the server is known to take one (embedded)."""

    timeout: float = Field(default=60.0, gt=0)
    """Seconds without an answer."""
    retry_for: float = Field(default=300.0, ge=0)
    """Seconds after which a question that was throttled or cut off is given up."""
    max_in_flight: int = Field(default=32, ge=1, le=4096)
    requests_per_minute: int | None = Field(default=None, gt=0)
    tokens_per_minute: int | None = Field(default=None, gt=0)

    price_input: float | None = Field(default=None, ge=0)
    price_output: float | None = Field(default=None, ge=0)
    price_cached: float | None = Field(default=None, ge=0)
    """Of prompt tokens that the server had cached; not set: `price_input`."""
    currency: str = "USD"
    batch_discount: float = Field(default=0.0, ge=0, le=1)
    """Share of the prices that `--batch` saves; OpenAI and Azure: 0.5."""

    context_length: int | None = Field(default=None, gt=0)
    """In tokens; questions that are known to be longer are not sent."""
    tokenizer: str | None = None
    """`tokenizer.json` of this model, relative to `workbench.toml`: for exact estimates."""
    model_path: str | None = None
    """Embedded only: another GGUF file, relative to `workbench.toml`."""


class LlmSection(Section):
    """`[llm]`: a table for each role, and when to ask before spending."""

    annotator: RoleSettings | None = None
    rephraser: RoleSettings | None = None
    judge: RoleSettings | None = None
    embeddings: RoleSettings | None = None
    candidate: RoleSettings | None = None

    confirm_cost: float = Field(default=1.0, ge=0)
    """A stage that will cost more is started only after a yes."""
    confirm_calls: int = Field(default=1000, ge=0)
    """The same for a number of calls, where no price is set."""

    def role(self, role: Role) -> RoleSettings | None:
        """None if the role is not configured. The annotator rephrases too where nobody else is named."""
        found: RoleSettings | None = getattr(self, role.value)
        return self.annotator if found is None and role is Role.REPHRASER else found
