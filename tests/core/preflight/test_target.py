from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.preflight.options import PreflightOptions
from core.preflight.target import ModelError, Target, load_target
from tests.core.preflight.model_folders import CHATML, write_gemma, write_model


def _load(model: Path | str, **options: str) -> Target:
    return load_target(PreflightOptions(model=str(model), **options))  # type: ignore[arg-type]


def test_a_folder_gives_its_tokenizer_template_window_and_stops(tmp_path: Path) -> None:
    folder = write_gemma(tmp_path / "gemma", stops=("<eos>", "<end_of_turn>"), config={"max_position_embeddings": 512})
    target = _load(folder)
    assert target.window == 512
    assert target.tokenizer.convert_ids_to_tokens(sorted(target.stops)) == ["<eos>", "<end_of_turn>"]
    assert target.template.startswith("{{ bos_token }}")
    assert len(target.fingerprint()) == 64


def test_a_folder_is_kept_with_its_whole_path_and_a_name_on_the_hub_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training is run in another folder than the preflight."""
    folder = write_model(tmp_path / "models" / "base")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    target = _load("../models/base")
    assert (target.model, target.folder) == ("../models/base", folder)


def test_the_window_falls_back_on_the_tokenizers(tmp_path: Path) -> None:
    assert _load(write_model(tmp_path / "model")).window == 8192
    nested = write_model(tmp_path / "nested", config={"text_config": {"max_position_embeddings": 256}})
    assert _load(nested).window == 256


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({}, "is no model folder"),
        ({"adapter_config.json": "{}"}, "is an adapter"),
        ({"model.gguf": "GGUF"}, "holds a GGUF file"),
        ({"tokenizer.json": "{}"}, "cannot be loaded"),
    ],
)
def test_a_folder_without_a_usable_tokenizer_is_told_apart(tmp_path: Path, files: dict[str, str], what: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ModelError, match=what) as caught:
        _load(tmp_path)
    assert caught.value.remedy


def test_a_path_that_is_not_there_is_not_asked_of_the_hub() -> None:
    with pytest.raises(ModelError, match=r"there is no folder \./nowhere"):
        _load("./nowhere")


def test_without_a_network_the_remedy_is_to_fetch_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="the hub cannot be reached") as caught:
        _load("nobody/has-this-one")
    assert "hf download" in caught.value.remedy


@pytest.mark.parametrize(
    ("status", "kind", "what"),
    [(403, "GatedRepoError", "is gated"), (404, "RepositoryNotFoundError", "has no model")],
)
def test_the_hubs_refusals_are_told_apart(monkeypatch: pytest.MonkeyPatch, status: int, kind: str, what: str) -> None:
    import httpx2
    import huggingface_hub.errors

    error_type = getattr(huggingface_hub.errors, kind)

    def refuse(self: object, name: str, timeout: int) -> None:
        raise error_type("no", response=httpx2.Response(status, request=httpx2.Request("GET", "http://localhost")))

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", refuse)
    with pytest.raises(ModelError, match=what) as caught:
        _load("org/secret-model")
    assert "hf auth login" in caught.value.remedy


def test_a_token_that_the_vocabulary_lacks_cannot_be_set(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no token '<pad>' for pad_token"):
        _load(write_model(tmp_path / "model"), pad_token="<pad>")


def test_a_template_that_refuses_the_messages_says_so(tmp_path: Path) -> None:
    target = _load(write_model(tmp_path / "model", "{{ raise_exception('no users here') }}"))
    with pytest.raises(ModelError, match="no users here") as caught:
        target.render([[{"role": "user", "content": "x"}]], opened=True)
    assert "--form plain" in caught.value.remedy


def test_a_tokenizer_that_would_cut_or_pad_by_itself_is_kept_from_it(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    rules = json.loads((folder / "tokenizer.json").read_text())
    rules["truncation"] = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    rules["padding"] = {
        "strategy": {"Fixed": 50}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
        "pad_token": "<|endoftext|>",
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(rules))
    (ids,) = _load(folder).encode(["The reader renews a loan of a book, please."], special=False)
    assert 4 < len(ids) < 50


def test_batches_encode_and_render_as_the_library_does_one_by_one(tmp_path: Path) -> None:
    target = _load(write_gemma(tmp_path / "gemma"))
    texts = ["Renew a loan.", "借书 ✓ <end_of_turn>", ""]
    assert target.encode(texts, special=True) == [target.tokenizer(text)["input_ids"] for text in texts]
    assert target.decode([[5, 6, 7]]) == [target.tokenizer.decode([5, 6, 7])]
    conversation = [{"role": "user", "content": "Renew."}]
    (text,) = target.render([conversation], opened=True)
    whole = target.tokenizer.apply_chat_template(conversation, add_generation_prompt=True, tokenize=True)["input_ids"]
    assert target.encode([text], special=False) == [whole]


def test_loading_says_nothing_and_needs_no_torch(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", CHATML)
    script = (
        "import sys; from core.preflight.options import PreflightOptions; from core.preflight.target import load_target;"
        f"load_target(PreflightOptions(model={str(folder)!r})); print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (shown.stdout, shown.stderr) == ("False\n", "")
