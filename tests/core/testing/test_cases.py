"""Finding and reading tests, with fixtures, metadata and stubs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError, UsageError
from core.testing.cases import LoadedTest, TestSet, failed_first, load_tests
from core.testing.selection import Selector, parse_keyword
from tests.core.testing.small import write

TWO = """
    test_cases:
    - test_case: one
      steps:
      - user: hello
    - test_case: two
      steps:
      - user: bye
    """


def names(tests: tuple[LoadedTest, ...]) -> list[str]:
    return [f"{test.file}::{test.case.name}" for test in tests]


def found(folder: Path, *selectors: Selector, keyword: str = "") -> TestSet:
    return load_tests(
        selectors or (Selector(folder),),
        folder,
        shown_as=lambda path: path.relative_to(folder).as_posix(),
        keyword=parse_keyword(keyword) if keyword else None,
    )


def load(folder: Path, *selectors: Selector, keyword: str = "") -> tuple[LoadedTest, ...]:
    return found(folder, *selectors, keyword=keyword).tests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, {"e2e/b.yml": TWO, "e2e/sub/a.yaml": TWO, "data/flows.yml": "flows: {}", "notes.txt": "test_cases:"})


def test_a_folder_gives_the_tests_of_all_its_test_files(folder: Path) -> None:
    assert names(load(folder)) == ["e2e/b.yml::one", "e2e/b.yml::two", "e2e/sub/a.yaml::one", "e2e/sub/a.yaml::two"]


def test_a_name_selects_within_a_file_or_a_folder(folder: Path) -> None:
    assert names(load(folder, Selector(folder / "e2e/b.yml", "two"))) == ["e2e/b.yml::two"]
    assert names(load(folder, Selector(folder / "e2e", "two"))) == ["e2e/b.yml::two", "e2e/sub/a.yaml::two"]


def test_a_test_named_twice_is_run_once(folder: Path) -> None:
    chosen = load(folder, Selector(folder / "e2e/b.yml", "two"), Selector(folder / "e2e/b.yml"))
    assert names(chosen) == ["e2e/b.yml::two", "e2e/b.yml::one"]


def test_k_looks_at_file_and_name(folder: Path) -> None:
    assert names(load(folder, keyword="sub and one")) == ["e2e/sub/a.yaml::one"]
    with pytest.raises(UsageError, match="no test matches -k"):
        load(folder, keyword="three")


def test_what_does_not_exist_is_an_error_that_names_it(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.yml"):
        load(folder, Selector(folder / "gone.yml"))
    with pytest.raises(UsageError, match="no test `tow`") as caught:
        load(folder, Selector(folder / "e2e", "tow"))
    assert "Did you mean `two`?" in caught.value.remedy
    with pytest.raises(UsageError, match="there is no test in"):
        load(folder, Selector(folder / "data"))


def test_tests_that_failed_go_first_both_groups_in_order(folder: Path) -> None:
    tests = load(folder)
    ordered = failed_first(tests, frozenset({("e2e/b.yml", "two", 1), ("e2e/sub/a.yaml", "two", 1)}))
    assert names(ordered) == ["e2e/b.yml::two", "e2e/sub/a.yaml::two", "e2e/b.yml::one", "e2e/sub/a.yaml::one"]


def test_names_that_repeat_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, {"t.yml": TWO.replace("two", "one")})
    assert [test.key for test in load(tmp_path)] == [("t.yml", "one", 1), ("t.yml", "one", 2)]


def test_every_problem_of_every_file_is_reported_at_once(folder: Path) -> None:
    write(folder, {"e2e/bad.yml": "test_cases:\n- test_case: x\n  steps:\n  - bto: hi\n"})
    write(folder, {"e2e/worse.yml": "test_cases:\n- test_case: y\n  fixtures: [gone]\n  steps:\n  - user: hi\n"})
    tests = found(folder)
    assert [(problem.where.path, problem.where.line) for problem in tests.problems] == [
        ("e2e/bad.yml", 4),
        ("e2e/worse.yml", 2),
    ]
    assert [test.case.name for test in tests.tests if not test.broken] == ["one", "two", "one", "two"]
    assert {test.case.name: "e2e/" in test.broken for test in tests.tests if test.broken} == {"x": True, "y": True}


def test_only_the_tests_a_problem_stands_in_are_broken(tmp_path: Path) -> None:
    good = "- test_case: {}\n  steps:\n  - user: hi\n"
    text = "test_cases:\n" + good.format("a") + "- test_case: b\n  steps:\n  - bto: hi\n" + good.format("c")
    write(tmp_path, {"t.yml": text})
    assert {test.case.name: bool(test.broken) for test in load(tmp_path)} == {"a": False, "b": True, "c": False}


def test_where_no_test_can_be_read_its_problems_are_the_error(tmp_path: Path) -> None:
    write(tmp_path, {"bad.yml": "test_cases: 5\n"})
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert [problem.where.line for problem in caught.value.problems] == [1]


FIXTURES = {
    "conftest.yml": "fixtures:\n- member:\n  - level: basic\n  - name: Ida\n- root: [{a: 1}]\n",
    "e2e/conftest.yaml": "fixtures:\n- member: [{level: gold}]\n- folder: [{b: 'no'}]\n",
    "e2e/t.yml": """
        fixtures:
        - folder: [{b: yes}, {c: true}]
        test_cases:
        - test_case: all
          fixtures: [root, member, folder]
          steps: [{user: hi}]
        """,
}


def test_fixtures_of_the_nearest_file_win(tmp_path: Path) -> None:
    write(tmp_path, FIXTURES)
    (test,) = load(tmp_path)
    assert test.slots == {"a": 1, "level": "gold", "b": "yes", "c": True}  # `yes` is text in YAML 1.2


def test_a_single_file_sees_the_conftests_on_its_path(tmp_path: Path) -> None:
    write(tmp_path, FIXTURES)
    (test,) = load(tmp_path, Selector(tmp_path / "e2e/t.yml"))
    assert test.slots["a"] == 1


def test_a_conftest_above_the_assistant_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, FIXTURES)
    (problem,) = load_tests([Selector(tmp_path / "e2e")], tmp_path / "e2e").problems
    assert (problem.what, problem.offending) == ("test `all` uses an unknown fixture", "root")


@pytest.mark.parametrize("name", ["t.yml", "conftest.yml"])
def test_a_fixture_defined_twice_in_one_file_is_a_problem(tmp_path: Path, name: str) -> None:
    twice = "fixtures:\n- a: [{x: 1}]\n- a: [{x: 2}]\n"
    tests = "test_cases:\n- test_case: t\n  steps: [{user: hi}]\n"
    write(tmp_path, {"t.yml": (twice if name == "t.yml" else "") + tests, "conftest.yml": twice if name != "t.yml" else ""})
    assert [problem.what for problem in found(tmp_path).problems] == ["a fixture that is defined twice"]


@pytest.mark.parametrize(
    ("written", "is_wrong"),
    [
        ('"2026-01-31T09:30:00+01:00"', False),
        ('"2026-01-31"', False),
        ('"2026-01-31 09:30:00"', False),
        ("2026-01-31T09:30:00Z", False),
        ("next tuesday", True),
        ("20", True),
    ],
)
def test_a_mocked_time_must_be_one(tmp_path: Path, written: str, is_wrong: bool) -> None:
    test = "test_cases:\n- test_case: t\n  fixtures: [now]\n  steps: [{user: hi}]\n"
    write(tmp_path, {"t.yml": f"fixtures:\n- now: [{{mocked_datetime: {written}}}]\n{test}"})
    if not is_wrong:
        assert isinstance(load(tmp_path)[0].slots["mocked_datetime"], str)
        return
    assert "`mocked_datetime`" in found(tmp_path).problems[0].what


def test_metadata_of_a_step_is_merged_over_that_of_its_test(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "t.yml": """
                metadata:
                - phone: {device: phone, place: home}
                - desk: {place: desk}
                test_cases:
                - test_case: t
                  metadata: phone
                  steps:
                  - user: one
                  - user: two
                    metadata: desk
                  - user: three
                    metadata: [desk, phone]
                """
        },
    )
    (test,) = load(tmp_path)
    phone, desk = {"device": "phone", "place": "home"}, {"device": "phone", "place": "desk"}
    assert test.metadata == (phone, desk, phone)


def test_stubs_of_the_test_win_and_validations_cannot_be_stubbed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "t.yml": """
                stub_custom_actions:
                  action_a: {events: [], responses: [{text: general}]}
                  mine::action_a: {responses: [{text: own}]}
                  other::action_b: {}
                  validate_x: {}
                test_cases:
                - test_case: mine
                  steps: [{user: hi}]
                - test_case: yours
                  steps: [{user: hi}]
                """
        },
    )
    mine, yours = load(tmp_path)
    assert [list(stub.responses) for stub in mine.stubs.values()] == [[{"text": "own"}]]
    assert [list(stub.responses) for stub in yours.stubs.values()] == [[{"text": "general"}]]
    assert mine.stubs.keys() == {"action_a"}
    assert "validate_x" in mine.warnings[0]
