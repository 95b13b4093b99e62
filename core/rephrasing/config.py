"""`--rephrase-config FILE`: the reference's YAML (`prompt_template`, `llm`) as settings of the rephraser.

`llm` is a model's settings, or `{model_group: ID}` of the project's `endpoints.yml`. Keys that Workbench has no use for
are problems with line and column: ignored, they would do nothing without a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from yaml.nodes import MappingNode, Node

from core.errors import InputError
from core.llm.models import Role
from core.llm.roles import RoleSettings
from core.project import Project
from core.yaml.findings import Findings, did_you_mean
from core.yaml.nodes import fields_of, is_null, items_of, key_node, plain, shown
from core.yaml.source import load_mapping

ENDPOINTS: Final = "endpoints.yml"

_SETTINGS: Final[Mapping[str, str]] = {
    "model": "model",
    "model_name": "model",
    "deployment": "model",
    "api_base": "base_url",
    "api_version": "api_version",
    "temperature": "temperature",
    "top_p": "top_p",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "seed": "seed",
    "timeout": "timeout",
    "request_timeout": "timeout",
}
"""The reference's names and ours. Azure's `deployment` is what its API takes for the model."""
_PROVIDERS: Final = {"openai": "openai", "azure": "azure", "self-hosted": "openai", "embedded": "embedded"}
_KNOWN: Final = (*_SETTINGS, "provider", "api_type", "type", "api_key", "use_chat_completions_endpoint")
_VARIABLE: Final = re.compile(r"\s*\$\{(?P<name>\w+)\}\s*")


@dataclass(frozen=True, slots=True)
class RephraseConfig:
    """What the file says; None: nothing, so that the project's own settings apply."""

    prompt: Path | None = None
    role: RoleSettings | None = None


def load_config(path: Path, project: Project) -> RephraseConfig:
    """`prompt_template` is looked for beside the file, then in the project's folder.

    Raises:
        InputError: the file cannot be read or something is wrong in it; carries every problem with its place.
    """
    findings = Findings(project.relative(path))
    root = _mapping_in(path, findings)
    config = RephraseConfig()
    if root is not None:
        fields = _known_fields(root, ("prompt_template", "llm"), findings)
        config = RephraseConfig(
            _template(fields.get("prompt_template"), path, project, findings), _llm(fields.get("llm"), project, findings)
        )
    if findings.problems:
        raise InputError(
            f"{findings.path} cannot be used: {len(findings.problems)} problem{'s' * (len(findings.problems) > 1)}",
            tuple(findings.problems),
            remedy="Mend the file; nothing was asked.",
        )
    return config


def with_rephraser(project: Project, role: RoleSettings) -> Project:
    """The same project with another rephraser; its files stay as they are."""
    settings = project.settings
    llm = settings.llm.model_copy(update={Role.REPHRASER.value: role})
    changed = Project(project.root)
    vars(changed)["settings"] = settings.model_copy(update={"llm": llm})  # a cached property takes the place of the file's
    return changed


def _mapping_in(path: Path, findings: Findings) -> MappingNode | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.problem_at(None, None, f"the file cannot be read: {error.strerror}", "Check the path.")
        return None
    return load_mapping(data, findings)


def _known_fields(node: MappingNode, known: tuple[str, ...], findings: Findings) -> dict[str, Node]:
    fields = fields_of(node, findings)
    for name in fields:
        if name not in known:
            findings.problem(key_node(node, name), "unknown key", did_you_mean(name, known), name)
    return {name: value for name, value in fields.items() if name in known and not is_null(value)}


def _template(node: Node | None, config: Path, project: Project, findings: Findings) -> Path | None:
    if node is None:
        return None
    name = plain(node, findings)
    if not isinstance(name, str):
        findings.problem(node, "`prompt_template` must be a path, found", "Name a file.", shown(node))
        return None
    found = next((folder / name for folder in (config.parent, project.root) if (folder / name).is_file()), None)
    if found is None:
        findings.problem(node, "there is no such template", "Name a file beside this one, or in the project's folder.", name)
    return found


def _llm(node: Node | None, project: Project, findings: Findings) -> RoleSettings | None:
    if node is None:
        return None
    if not isinstance(node, MappingNode):
        findings.problem(
            node, "`llm` must be a mapping of keys, found", "Write `provider:` and `model:` below it.", shown(node)
        )
        return None
    group = fields_of(node, findings).get("model_group")
    if group is None:
        return _role(node, findings)
    _known_fields(node, ("model_group",), findings)
    return _model_of_group(group, project, findings)


def _model_of_group(group: Node, project: Project, findings: Findings) -> RoleSettings | None:
    """The first model of the group: Workbench spreads no calls over several."""
    wanted = plain(group, findings)
    endpoints = Findings(ENDPOINTS)
    root = _mapping_in(project.root / ENDPOINTS, endpoints)
    groups = fields_of(root, endpoints).get("model_groups") if root is not None else None
    for item in items_of(groups, "model_groups", endpoints) if groups is not None else ():
        fields = fields_of(item, endpoints) if isinstance(item, MappingNode) else {}
        if "id" in fields and plain(fields["id"], endpoints) == wanted and "models" in fields:
            models = items_of(fields["models"], "models", endpoints)
            if models and isinstance(models[0], MappingNode):
                role = _role(models[0], endpoints)
                findings.adopt(endpoints)
                return role
    findings.adopt(endpoints)
    findings.problem(
        group, f"{ENDPOINTS} has no model group", "Add it below `model_groups:`, or write the model here.", shown(group)
    )
    return None


def _role(node: MappingNode, findings: Findings) -> RoleSettings | None:
    before = len(findings.problems)
    fields = _known_fields(node, _KNOWN, findings)
    values: dict[str, Any] = {}
    places: dict[str, Node] = {}
    for name, value in fields.items():
        if name in _SETTINGS:
            values[_SETTINGS[name]] = plain(value, findings)
            places[_SETTINGS[name]] = value
    provider = next((fields[name] for name in ("provider", "api_type", "type") if name in fields), None)
    if provider is not None:
        values["provider"] = _PROVIDERS.get(str(plain(provider, findings)), "")
        if not values["provider"]:
            fix = "Use `openai`, `azure`, or `self-hosted` with `api_base`: any endpoint that speaks OpenAI's API."
            findings.problem(provider, "a provider that Workbench cannot ask", fix, shown(provider))
    if "api_key" in fields:
        variable = _VARIABLE.fullmatch(str(plain(fields["api_key"], findings)))
        if variable is None:  # not quoted in the message: it may be a real one
            findings.problem(fields["api_key"], "a key that stands in the file", "Write `${NAME}` and set that variable.")
        else:
            values["api_key_env"] = variable["name"]
    if "use_chat_completions_endpoint" in fields and plain(fields["use_chat_completions_endpoint"], findings) is False:
        values["api"] = "completions"
    if "model" not in values and values.get("provider") != "embedded":
        findings.problem(node, "no model is named", "Add `model:`.")
    if len(findings.problems) > before:
        return None
    try:
        return RoleSettings(**values)
    except ValidationError as error:
        for issue in error.errors():
            place = places.get(str(issue["loc"][0]), node)
            findings.problem(place, f"{issue['msg'].lower()}, found", "Mend the value.", shown(place))
        return None
