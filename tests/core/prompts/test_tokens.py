from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import TemplateError
from core.prompts.tokens import TokenCount, token_counter


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """Splits at blanks."""
    tokenizers = pytest.importorskip("tokenizers", reason="the extra `hf` is not installed")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "start": 1, "flow": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_the_models_own_tokenizer_counts_exactly(tokenizer: Path) -> None:
    for path in (tokenizer, tokenizer / "tokenizer.json"):
        found = token_counter(path)("start flow renew_loan now")
        assert found == TokenCount(4, exact=True)
        assert str(found) == "4 tokens"


def test_without_one_the_count_is_called_an_estimate() -> None:
    found = token_counter(None)("12345678 1234567 借书")
    assert found == TokenCount(7, exact=False)
    assert "estimate" in str(found)


def test_a_missing_file_and_a_file_of_something_else_are_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no tokenizer"):
        token_counter(tmp_path)
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(TemplateError, match="this is no tokenizer") as caught:
        token_counter(tmp_path)
    assert caught.value.where is not None
