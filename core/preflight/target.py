"""The model a dataset is meant for: its own tokenizer and chat template, from a folder or the hub. No torch is needed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from core.errors import WorkbenchError
from core.preflight.options import PreflightOptions

Message = dict[str, str]

_HUGE = 10**9
"""Tokenizers without a limit name a number above this as theirs."""
_ASK_HUB_SECONDS = 10
_IF_THERE = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
_FROM_CACHE = {"local_files_only": True, **_IF_THERE}


class ModelError(WorkbenchError):
    """The model's tokenizer or template cannot be loaded or used."""

    title: ClassVar[str] = "Model"


@dataclass(frozen=True, slots=True)
class Target:
    """Encodes and renders as TRL's trainer and vLLM's server do, in batches.

    `config` and `generation`: the model's config.json and generation_config.json, empty where there is none. `folder`: the
    model's, absolute; None for a name on the hub.
    """

    model: str
    tokenizer: Any
    config: Mapping[str, Any]
    generation: Mapping[str, Any]
    config_file: Path | None = None
    template_options: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def template(self) -> str:
        """The chat template's text, empty without one."""
        found = self.tokenizer.chat_template
        return str(found.get("default", "")) if isinstance(found, dict) else found or ""

    @property
    def window(self) -> int | None:
        """The longest sequence the model takes, None if nobody says."""
        for config in (self.config, self.config.get("text_config") or {}):
            if isinstance(found := config.get("max_position_embeddings"), int):
                return found
        limit = self.tokenizer.model_max_length
        return int(limit) if limit and limit < _HUGE else None

    @property
    def stops(self) -> frozenset[int]:
        """The ids a server ends its answer at: the tokenizer's EOS and those of generation_config.json (as vLLM does)."""
        named = self.generation.get("eos_token_id")
        ids = named if isinstance(named, list) else [named]
        return frozenset(one for one in (self.tokenizer.eos_token_id, *ids) if isinstance(one, int))

    @property
    def special(self) -> frozenset[int]:
        """The ids of control tokens."""
        added = self.tokenizer.added_tokens_decoder
        return frozenset(self.tokenizer.all_special_ids) | {id_ for id_, token in added.items() if token.special}

    def render(self, conversations: Sequence[Sequence[Message]], *, opened: bool, **options: Any) -> list[str]:
        """The chat template's text of each conversation; `opened`: with the beginning of the answer (generation prompt).

        Raises:
            ModelError: the template refuses the messages.
        """
        try:
            texts: list[str] = self.tokenizer.apply_chat_template(
                list(conversations), tokenize=False, add_generation_prompt=opened, **{**self.template_options, **options}
            )
        except Exception as error:  # a template may raise whatever it likes
            raise ModelError(
                f"the chat template of {self.model} cannot render a user's message and an answer: {error}",
                remedy="Take a model whose template takes [user, assistant], or train with `--form plain`.",
            ) from error
        return texts

    def encode(self, texts: Sequence[str], *, special: bool) -> list[list[int]]:
        """Token ids of each text; `special`: with the tokens that the tokenizer adds by itself."""
        if getattr(self.tokenizer, "is_fast", False):
            backend = self.tokenizer.backend_tokenizer
            return [one.ids for one in backend.encode_batch_fast(list(texts), add_special_tokens=special)]
        found: list[list[int]] = self.tokenizer(list(texts), add_special_tokens=special)["input_ids"]
        return found

    def decode(self, sequences: Sequence[Sequence[int]]) -> list[str]:
        if getattr(self.tokenizer, "is_fast", False):
            decoded: list[str] = self.tokenizer.backend_tokenizer.decode_batch(list(sequences), skip_special_tokens=False)
            return decoded
        texts: list[str] = self.tokenizer.batch_decode(sequences, clean_up_tokenization_spaces=False)
        return texts

    def fingerprint(self) -> str:
        """SHA-256 of the tokenizer's vocabulary and rules, in hex."""
        if getattr(self.tokenizer, "is_fast", False):
            text = self.tokenizer.backend_tokenizer.to_str()
        else:
            text = json.dumps(self.tokenizer.get_vocab(), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load_target(options: PreflightOptions) -> Target:
    """The tokenizer of `options.model`, with the tokens that the trainer will set.

    Raises:
        ModelError: `transformers` is not installed, or the model has no usable tokenizer, or cannot be reached.
    """
    transformers = _transformers()
    folder = Path(options.model).expanduser()
    is_folder = folder.is_dir()
    if is_folder:
        _require_tokenizer(folder)
    elif _looks_like_a_path(options.model):
        raise ModelError(
            f"there is no folder {options.model}", remedy="Name a model's folder, or its name on the hub (org/name)."
        )
    source = str(folder) if is_folder else options.model
    try:
        if not is_folder and transformers.utils.hub.cached_file(source, "tokenizer_config.json", **_FROM_CACHE) is None:
            _require_on_hub(source)
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=is_folder, trust_remote_code=False)
    except Exception as error:  # the library raises OSError, ValueError, KeyError and bare Exception for files it cannot use
        raise _why_not(options.model, is_folder, error) from error
    for name, wanted in (("pad_token", options.pad_token), ("eos_token", options.eos_token)):
        if wanted is not None:
            _set_token(tokenizer, name, wanted)
    if getattr(tokenizer, "is_fast", False):  # a tokenizer.json may say to cut or to pad; no trainer lets it
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()
    config_file = _file_of(transformers, source, "config.json")
    generation = _json_of(_file_of(transformers, source, "generation_config.json"))
    return Target(
        options.model, tokenizer, _json_of(config_file), generation, config_file, dict(options.template_options),
        Path(os.path.abspath(folder)) if is_folder else None,
    )  # fmt: skip


def _transformers() -> Any:
    # Read when the package is imported: no advice about torch, no bars between our lines.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        transformers = import_module("transformers")
    except ImportError as error:
        raise ModelError(
            "exact token counts need the package `transformers` (no torch)", remedy="pip install 'finetune-workbench[hf]'"
        ) from error
    transformers.logging.set_verbosity_error()
    import_module("huggingface_hub").logging.set_verbosity_error()
    return transformers


def _require_on_hub(name: str) -> None:
    """One question before the download, which without a network would be tried again for a minute."""
    import_module("huggingface_hub").HfApi().model_info(name, timeout=_ASK_HUB_SECONDS)


def _looks_like_a_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or os.sep * 2 in name or name.count("/") > 1 or "\\" in name


def _require_tokenizer(folder: Path) -> None:
    if any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json", "tekken.json")):
        return
    if (folder / "adapter_config.json").is_file():
        what, remedy = "is an adapter without a tokenizer", "Name the folder of the base model it was trained from."
    elif any(folder.glob("*.gguf")):
        what, remedy = "holds a GGUF file", "Training needs the original folder, with tokenizer.json and tokenizer_config.json."
    else:
        what, remedy = "is no model folder: it has no tokenizer.json", "Name the folder with config.json and tokenizer.json."
    raise ModelError(f"{folder} {what}", remedy=remedy)


def _set_token(tokenizer: Any, name: str, wanted: str) -> None:
    if wanted not in tokenizer.get_vocab():
        raise ModelError(
            f"the tokenizer has no token {wanted!r} for {name}", remedy="Name one of its vocabulary: a new one is not trained."
        )
    setattr(tokenizer, name, wanted)


def _why_not(model: str, is_folder: bool, error: Exception) -> ModelError:
    """The remedy for what the library says; its own texts run over many lines."""
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 10:
        chain.append(cause)
    names = {type(one).__name__ for one in chain}
    said = " ".join(str(one) for one in chain)
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    if is_folder:
        if "trust_remote_code" in said:
            return ModelError(
                f"the tokenizer in {model} runs code of its own", remedy="Workbench runs no model's code; convert it."
            )
        return ModelError(
            f"the tokenizer in {model} cannot be loaded: {first}", remedy="Copy the folder again, or save it anew."
        )
    if "GatedRepoError" in names or "gated repo" in said:
        return ModelError(
            f"{model} is gated on the hub", remedy="Accept its terms there, then log in: `hf auth login`, or set HF_TOKEN."
        )
    if names & {"OfflineModeIsEnabled", "LocalEntryNotFoundError", "ConnectError", "ConnectionError", "ConnectTimeout"} or (
        "couldn't connect" in said.lower()
    ):
        return ModelError(
            f"the hub cannot be reached for {model}, and nothing of it is cached here",
            remedy="Fetch its folder where there is a network (`hf download`, config and tokenizer files suffice) and name it.",
        )
    if "RepositoryNotFoundError" in names or "is not a valid model identifier" in said:
        return ModelError(
            f"the hub has no model {model}, or you may not see it",
            remedy="Check the name (org/name); for a private one log in: `hf auth login`, or set HF_TOKEN.",
        )
    return ModelError(f"the tokenizer of {model} cannot be loaded: {first}", remedy="Name a folder with its tokenizer files.")


def _file_of(transformers: Any, source: str, name: str) -> Path | None:
    try:
        path = transformers.utils.hub.cached_file(source, name, **_IF_THERE)
    except OSError:
        return None
    return Path(path) if path else None


def _json_of(file: Path | None) -> dict[str, Any]:
    """A JSON file of the model, {} if it has none."""
    try:
        found = json.loads(file.read_text("utf-8")) if file is not None else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
