from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.assistant.models import CommandGenerator
from core.assistant.reading import load_assistant, read_assistant
from core.errors import AssistantError
from tests.core.assistant.small import write

FLOW = "flows:\n  {0}:\n    description: d\n    steps: []\n"
CONFIG = "language: zh\npipeline:\n- name: CompactLLMCommandGenerator\n"


def test_an_assistant_is_put_together_from_files_in_any_layout(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "config.yml": CONFIG,
            "endpoints.yml": "model_groups: []\naction_endpoint:\n  url: http://localhost:5055/webhook\n",
            "data/deep/er/a.yml": FLOW.format("a"),
            "data/b.yaml": FLOW.format("b") + "slots:\n  s: {type: text}\n",
            "domain/one.yml": "slots:\n  t: {type: bool}\nactions: [action_x]\n",
            "domain/sub/two.yml": "responses:\n  utter_x: [{text: x}]\nactions: [action_y]\n",
            "data/nlu.yml": "version: '3.1'\nnlu:\n- intent: x\n  examples: |\n    - y\n",
            "prompts/notes.md": "flows: none of this is read",
        },
    )
    assistant = load_assistant(root)
    assert list(assistant.flows) == ["b", "a"]  # data/b.yaml comes before data/deep/er/a.yml
    assert (set(assistant.slots), set(assistant.responses)) == ({"s", "t"}, {"utter_x"})
    assert assistant.actions == {"action_x", "action_y"}
    assert (assistant.language, assistant.generator.name) == ("zh", "CompactLLMCommandGenerator")
    assert assistant.action_endpoint == "http://localhost:5055/webhook"
    assert assistant.root == str(root)
    assert assistant.flows["a"].where.path == "data/deep/er/a.yml"


def test_files_that_are_no_part_of_the_assistant_are_left_alone(tmp_path: Path) -> None:
    broken = "flows: [\n"
    root = write(
        tmp_path,
        {
            "flows.yml": FLOW.format("a"),
            ".workbench/flows.yml": broken,
            ".venv/flows.yml": broken,
            "my_env/pyvenv.cfg": "",
            "my_env/flows.yml": broken,
            "node_modules/flows.yml": broken,
            "models/flows.yml": broken,
            "e2e_tests/flows.yml": broken,
            "output/2_rephrasings/x.yml": "conversations: []\nflows: [\n",
            "more_tests/x.yml": "test_cases: []\nslots: 5\n",
            "compose.yml": "services: {a: [}\n",
            "template.yml": "{{ jinja }}\n",
        },
    )
    read = read_assistant(root)
    assert (list(read.assistant.flows), read.problems, read.warnings) == (["a"], (), ())


def test_a_single_file_is_an_assistant_too(tmp_path: Path) -> None:
    file = write(tmp_path, {"some/all.yml": FLOW.format("a")}) / "some" / "all.yml"
    flow = load_assistant(file).flows["a"]
    assert flow.where.path == "all.yml"


def test_places_can_be_named_relative_to_another_folder(tmp_path: Path) -> None:
    root = write(tmp_path, {"assistants/one/flows.yml": FLOW.format("a")}) / "assistants" / "one"
    assert load_assistant(root, base=tmp_path).flows["a"].where.path == "assistants/one/flows.yml"


def test_json_is_yaml(tmp_path: Path) -> None:
    text = '{"flows": {"a": {"description": "d", "steps": [{"action": "utter_x"}]}}}'
    assert list(load_assistant(write(tmp_path, {"flows.yml": text})).flows) == ["a"]


def test_aliases_and_merge_keys_are_written_out(tmp_path: Path) -> None:
    text = """\
        slots:
          base: &base {type: text, mappings: [{type: controlled}]}
          other: {<<: *base, initial_value: x}
        flows:
          a:
            steps: &steps
            - collect: base
          b:
            steps: *steps
        """
    assistant = load_assistant(write(tmp_path, {"all.yml": text}))
    assert assistant.slots["other"].mappings == ("controlled",)
    assert [step.id for step in assistant.flows["b"].steps] == ["0_collect_base"]


def test_every_problem_of_every_file_is_reported_in_one_pass(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "a.yml": "flows:\n  a: {steps: 1}\n  b: {steps: 2}\n",
            "b.yml": "slots: 'x\n",
            "c.yml": "responses: x\n",
            "d.yml": "- just a list\n",
        },
    )
    (root / "e.yml").write_bytes(b"flows:\n  caf\xe9: {steps: []}\n")
    read = read_assistant(root)
    assert [f"{problem.where}: {problem.what}" for problem in read.problems] == [
        "a.yml:2:14: `steps` must be a list, found",
        "a.yml:3:14: `steps` must be a list, found",
        "b.yml:1:8: a quote or bracket never closed in",
        "c.yml:1:12: `responses` must be a mapping of keys, found",
        "e.yml:2:6: the file is not UTF-8: byte",
    ]
    with pytest.raises(AssistantError) as caught:
        load_assistant(root)
    assert caught.value.problems == read.problems
    assert "5 problems" in str(caught.value)


def test_a_flow_defined_twice_is_a_problem_and_the_first_slot_or_response_counts(tmp_path: Path) -> None:
    part = "slots:\n  s: {{type: {}}}\nresponses:\n  utter_x: [{{text: {}}}]\n"
    root = write(
        tmp_path,
        {"a.yml": FLOW.format("f") + part.format("text", "one"), "b.yml": FLOW.format("f") + part.format("bool", "two")},
    )
    read = read_assistant(root)
    assert [str(problem) for problem in read.problems] == [
        "b.yml:2:3: the flow is defined twice; a.yml:2:3 counts `f`. Remove one of the two."
    ]
    assert [str(warning) for warning in read.warnings] == [
        "b.yml:6:3: the slot is defined twice; a.yml:6:3 counts `s`. Remove one of the two.",
        "b.yml:8:3: the response is defined twice; a.yml:8:3 counts `utter_x`. Remove one of the two.",
    ]
    assert read.assistant.slots["s"].type == "text"
    assert read.assistant.responses["utter_x"].variations[0].text == "one"


def test_a_folder_around_one_assistant_stands_for_it(tmp_path: Path) -> None:
    write(tmp_path, {"template/config.yml": CONFIG, "template/data/flows.yml": FLOW.format("a")})
    assistant = load_assistant(tmp_path)
    assert assistant.root == str(tmp_path / "template")
    assert assistant.flows["a"].where.path == "template/data/flows.yml"


def test_assistants_below_an_assistant_are_not_mixed_into_it(tmp_path: Path) -> None:
    write(tmp_path, {"data/flows.yml": FLOW.format("a"), "old/config.yml": CONFIG, "old/data/flows.yml": FLOW.format("a")})
    read = read_assistant(tmp_path)
    assert read.problems == ()
    assert read.others == (tmp_path / "old",)


def test_where_there_is_no_assistant_or_more_than_one_the_error_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"readme.yml": "a: 1\n"})
    with pytest.raises(AssistantError, match="no assistant in"):
        read_assistant(tmp_path)
    with pytest.raises(AssistantError, match="no such file or folder"):
        read_assistant(tmp_path / "missing")
    for name in ("one", "two"):
        write(tmp_path, {f"{name}/config.yml": CONFIG, f"{name}/domain.yml": "slots: {}\n"})
    with pytest.raises(AssistantError, match="holds 2 assistants"):
        read_assistant(tmp_path)


def test_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    root = write(tmp_path, {"data/flows.yml": FLOW.format("a")})
    os.symlink(root, root / "data" / "again")
    assert list(load_assistant(root).flows) == ["a"]


@pytest.mark.parametrize(
    ("pipeline", "generator"),
    [
        ("[]", CommandGenerator()),
        (
            "[{name: NLUCommandAdapter}, {name: SearchReadyLLMCommandGenerator}]",
            CommandGenerator("SearchReadyLLMCommandGenerator"),
        ),
        (
            "[{name: my.module.OwnCommandGenerator, prompt: a.jinja2}]",
            CommandGenerator("my.module.OwnCommandGenerator", "a.jinja2"),
        ),
        ("[{name: my.Own, prompt_template: a.jinja2}]", CommandGenerator("my.Own", "a.jinja2")),
        (
            "[{name: LLMCommandGenerator, user_input: {max_characters: 9}, flow_retrieval: {active: false},"
            " include_date_time: false, timezone: Asia/Tokyo, llm: {model_group: x}}]",
            CommandGenerator("LLMCommandGenerator", None, 9, False, False, "Asia/Tokyo"),
        ),
    ],
)
def test_the_command_generator_of_the_configuration(tmp_path: Path, pipeline: str, generator: CommandGenerator) -> None:
    root = write(tmp_path, {"config.yml": f"pipeline: {pipeline}\n", "flows.yml": FLOW.format("a")})
    assert load_assistant(root).generator == generator


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("pipeline: x", "`pipeline` must be a list, found `x`"),
        ("pipeline: [x]", "a component must be a mapping of keys, found `x`"),
        (
            "pipeline: [{name: ACommandGenerator, user_input: {max_characters: many}}]",
            "`max_characters` must be a whole number",
        ),
        ("pipeline: [{name: ACommandGenerator, flow_retrieval: {active: 5}}]", "`active` must be true or false"),
        ("action_endpoint: [x]", "`action_endpoint` must be a mapping"),
    ],
)
def test_a_configuration_of_wrong_types_is_a_problem(tmp_path: Path, config: str, problem: str) -> None:
    read = read_assistant(write(tmp_path, {"config.yml": f"{config}\n", "flows.yml": FLOW.format("a")}))
    assert [problem in str(found) for found in read.problems] == [True]


def test_of_two_configurations_the_first_counts(tmp_path: Path) -> None:
    root = write(
        tmp_path, {"config/a.yml": CONFIG, "config/b.yml": CONFIG.replace("Compact", "Other"), "flows.yml": FLOW.format("a")}
    )
    read = read_assistant(root)
    assert read.assistant.generator.name == "CompactLLMCommandGenerator"
    (warning,) = read.warnings
    assert "a second command generator; the one of config/a.yml:3:1 is used" in str(warning)
