"""Push an exported `DatasetDict` to a Hugging Face hub: the rows, their lineage as a second configuration, and the card.

The token is that of the environment (HF_TOKEN) or of the library's own login. It is handed to the library and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import ProjectError, UsageError
from core.export.hugging_face import LINEAGE_FOLDER, quiet
from core.export.libraries import library
from core.llm.masking import masked

_WHAT_FOR = "--push-to-hub"
_SHARD = "200MB"
"""A shard is made in memory before it is sent."""


def check_hub(name: str) -> None:
    """What can be found wrong before anything is built or written.

    Raises:
        UsageError: the libraries are not installed, the name is none, or there is no token.
    """
    library("datasets", what_for=_WHAT_FOR)
    hub = library("huggingface_hub", what_for=_WHAT_FOR)
    try:
        library("huggingface_hub.utils", what_for=_WHAT_FOR).validate_repo_id(name)
    except ValueError as error:
        raise UsageError(f"`{name}` is no name of a repository: {error}", remedy="Use OWNER/NAME.") from error
    if not hub.get_token():
        raise UsageError(
            "there is no token for the Hugging Face hub",
            remedy="Run `hf auth login`, or set the environment variable HF_TOKEN.",
        )


def push_to_hub(out: Path, name: str, *, public: bool) -> str:
    """Push what `core.export.hugging_face` wrote to `out`. Returns the repository's address.

    A new repository is private unless `public`; one that exists is never made public or private.

    Raises:
        UsageError: the repository exists and is public, and `public` is not asked for.
        ProjectError: the hub refused or could not be reached; the folder stays.
    """
    check_hub(name)
    datasets, hub = library("datasets", what_for=_WHAT_FOR), library("huggingface_hub", what_for=_WHAT_FOR)
    errors = library("huggingface_hub.errors", what_for=_WHAT_FOR)
    token = hub.get_token()
    api = hub.HfApi(token=token)
    try:
        address = str(_repository(api, name, public))
        hub.utils.disable_progress_bars()
        api.upload_file(path_or_fileobj=out / "README.md", path_in_repo="README.md", repo_id=name, repo_type="dataset")
        with quiet(datasets):
            for folder, config in ((out, "default"), (out / LINEAGE_FOLDER, "lineage")):
                datasets.load_from_disk(str(folder)).push_to_hub(
                    name, config_name=config, private=not public, token=token, max_shard_size=_SHARD
                )
    except UsageError:
        raise
    except (errors.HfHubHTTPError, errors.LocalTokenNotFoundError, OSError, _transport_error()) as error:
        what = masked(" ".join(str(error).split()) or type(error).__name__, token)
        raise ProjectError(
            f"cannot push to {name}: {what}", remedy=f"The dataset lies in {out}; run the command again to push it again."
        ) from error
    return address


def _repository(api: Any, name: str, public: bool) -> Any:
    """The address of the repository, created if there is none."""
    if api.repo_exists(name, repo_type="dataset"):
        if not public and not api.repo_info(name, repo_type="dataset").private:
            raise UsageError(
                f"{name} is public, and your tests would be too; nothing was pushed",
                remedy="Name another repository, or say --public.",
            )
    else:
        api.create_repo(name, repo_type="dataset", private=not public)
    return f"{api.endpoint}/datasets/{name}"


def _transport_error() -> type[Exception]:
    """What the library's HTTP client raises when there is no connection."""
    client = library("huggingface_hub.utils", what_for=_WHAT_FOR)
    for name in ("httpx2", "httpx", "requests"):
        module = getattr(client._http, name, None)  # the library does not say which client it uses
        if module is not None:
            return module.HTTPError if name != "requests" else module.RequestException  # type: ignore[no-any-return]
    return OSError
