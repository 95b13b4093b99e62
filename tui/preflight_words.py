"""A preflight's options typed in the app: the words of the command line, read by the command line's own parser."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import cast

from core.errors import UsageError
from core.preflight.options import PreflightOptions

EXAMPLE = "--pad-token '<|x|>' --max-length 2048 --waive balance"
_REMEDY = f"Write them as after `workbench preflight --model …`, for instance {EXAMPLE}."


def preflight_options(model: str, words: str) -> PreflightOptions:
    """`model`: a folder or a name on the hub; `words`: all other options, as a shell would take them.

    Raises:
        UsageError: the model is a folder that is not there, or the words are no options of a preflight.
    """
    import typer
    from typer.main import get_command

    from core.preflight.cost import read_recipe
    from core.preflight.names import known_checks
    from tui.cli import preflight as command_line

    _require_folder(model)
    parser = typer.Typer()
    parser.command(add_help_option=False)(command_line.preflight)  # its help would be printed over the app
    wrong_usage = cast("type[typer.BadParameter]", typer.BadParameter.__base__)  # click's, wherever this Typer has it from
    try:
        given = get_command(parser).make_context("preflight", shlex.split(words)).params
    except ValueError as error:
        raise UsageError(f"the options cannot be read: {error}", remedy=_REMEDY) from error
    except wrong_usage as error:
        raise UsageError(error.format_message(), remedy=_REMEDY) from error
    if given["model"] or given["as_json"] or given["dataset"] != "latest":
        raise UsageError(
            "the options name a model, a dataset or --json",
            remedy="The model stands in the line above, the dataset is the one at the cursor, and tab 6 shows the report.",
        )
    if given["recipe"] is not None:
        read_recipe(given["recipe"])
    return PreflightOptions(
        model=model,
        max_length=given["max_length"],
        cut_side=given["cut_side"].value,
        form=given["form"].value,
        pad_token=given["pad_token"],
        eos_token=given["eos_token"],
        template_options=command_line.template_options_of(list(given["template_option"])),
        waived=known_checks(given["waive"]),
        recipe=given["recipe"],
        prices=command_line.prices_of(list(given["price"])),
    )


def _require_folder(model: str) -> None:
    """What can only be a folder is looked for at once; any other name may be the hub's."""
    folder = Path(model).expanduser()
    if (folder.is_absolute() or model.startswith(".") or model.count("/") > 1) and not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise UsageError(f"the folder {model} {what}", remedy="Name a model's folder, or its name on the hub (org/name).")
