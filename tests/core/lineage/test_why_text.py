"""A rephrasing, or words that users say."""

from __future__ import annotations

from core.dataset.models import DatasetVersion, LeftOutPoint
from core.project import Project
from tests.core.dataset.versions import small_version
from tests.core.lineage.small import asked, lines
from tests.core.pipeline.small import put, query, take


def test_a_rephrasing_tells_its_origin_its_verdict_its_step_and_its_rows(ferry: Project, version: DatasetVersion) -> None:
    (use,) = asked(ferry, "Friday night")["uses"]
    assert use["rephrasing"]["origin"]["place"] == "labels.jsonl:2"
    assert use["step"]["text"] == "next Friday"
    assert use["became"]["rows"] == ["val:3"]


def test_one_that_was_left_out_names_its_twin(ferry: Project, version: DatasetVersion) -> None:
    assert "left out: near-duplicate of train:1" in lines(ferry, "the island, twice please")


def test_a_verdict_shows_its_reasons_and_what_was_found(ferry: Project, version: DatasetVersion) -> None:
    told = lines(ferry, "on Saturday")
    assert "value_changed: Friday → Saturday" in told
    assert "commands found for it: set slot cabin_night Saturday" in told
    assert "no row: verdict different" in told


def test_words_of_several_tests_show_all_their_steps(ferry: Project, version: DatasetVersion) -> None:
    uses = asked(ferry, "next Friday")["uses"]
    assert [(use["rephrasing"], use["became"]["rows"]) for use in uses] == [(None, ["val:2"]), (None, ["train:3"])]


def test_what_is_said_too_often_is_counted(ferry: Project) -> None:
    case = "- test_case: case {n}\n  steps:\n  - user: hello there\n  - bot: ok\n"
    put(ferry, "e2e_tests/many.yml", "test_cases:\n" + "".join(case.format(n=n) for n in range(13)))
    found = asked(ferry, "hello there")
    assert (len(found["uses"]), found["more"]) == (10, 3)


def test_one_that_is_gone_from_the_project_still_tells_its_rows(ferry: Project, version: DatasetVersion) -> None:
    path = ferry.root / "rephrasings/tickets.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("    - on Friday\n", "    - Friday it is\n"), encoding="utf-8")
    take(ferry, "rephrasings/tickets.yml")
    (use,) = asked(ferry, "on Friday")["uses"]
    assert (use["rephrasing"]["active"], use["became"]["rows"]) == (False, ["train:4"])
    newer = small_version(ferry, without={"nothing": LeftOutPoint.EXACT})
    id_ = query(ferry, "SELECT id FROM rephrasing WHERE text = 'on Friday'")[0][0]
    assert "no row: no longer part of the project" in lines(ferry, f"#{id_}", dataset=newer.name)
