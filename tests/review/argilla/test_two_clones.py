"""Two clones of a project and one server: nothing goes out twice unasked, and the answers reach both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from core.errors import UsageError
from review.argilla.adopting import Adopted
from review.argilla.choosing import Wanted
from review.argilla.faults import ArgillaError, Fault
from review.decisions import DecisionLog
from review.team.models import Outcome
from tests.argilla_server import ANN, BOB
from tests.review.argilla.handed import Handed, make_project

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
def clone(handed: Handed) -> Iterator[Handed]:
    """Has one conversation more than the other, under the same name."""
    project = make_project(handed.project.root, conversations=4, url=handed.stack.url, name=handed.project.name)
    clone = Handed(handed.stack, project)
    yield clone
    clone.close()


def datasets(handed: Handed) -> list[str]:
    return [one.name for one in handed.server.datasets() if one.name.startswith(f"{handed.project.name}-")]


def test_a_round_of_another_clone_is_not_handed_out_again_unasked(handed: Handed, clone: Handed) -> None:
    handed.push()
    with pytest.raises(ArgillaError, match="another clone of this project has handed out") as caught:
        clone.push()
    assert caught.value.fault is Fault.TAKEN
    assert f"pull --adopt {handed.project.name}-round-1" in caught.value.remedy
    assert datasets(handed) == [f"{handed.project.name}-round-1"]
    again = clone.push(Wanted(round_name="mine", limit=3))  # nothing of what was refused is taken
    assert (again.is_new, again.sent) == (True, 3)


def test_a_round_that_another_clone_has_only_begun_is_not_made_twice(handed: Handed, clone: Handed) -> None:
    handed.push(cancelled=lambda: len(datasets(handed)) == 1)
    assert handed.on_server() == []
    with pytest.raises(ArgillaError, match="another clone"):
        clone.push()


@pytest.mark.parametrize("name", ["round-1", "{project}-round-1"])
def test_a_round_of_another_clone_is_adopted_with_its_answers(handed: Handed, clone: Handed, name: str) -> None:
    handed.push()
    for who in (ANN, BOB):
        handed.says(who, 1, "reject")
    pulled = clone.pull(adopting=name.format(project=handed.project.name))
    assert pulled.adopted == Adopted("round-1", 12, 12, ())
    assert (pulled.total("added"), pulled.decided, pulled.total("unknown")) == (2, 1, 0)
    assert (clone.outcome(1), clone.round().overlap) == (Outcome.REJECT, 2)
    assert {one.external_id: one.server_id for one in clone.records()} == {
        one.external_id: one.server_id for one in handed.records()
    }
    handed.says(ANN, 2, "accept")
    assert clone.pull().total("added") == 1
    rest = clone.push()
    assert (rest.is_new, rest.sent) == (True, 4)  # what the other clone does not have


def test_records_that_are_worded_otherwise_here_are_reported(handed: Handed, clone: Handed) -> None:
    handed.push()
    with closing(clone.project.open()) as connection:
        DecisionLog(connection, "bo", "app").edit(1, "keep it longer", accept=False)
    adopted = clone.pull(adopting="round-1").adopted
    assert adopted == Adopted("round-1", 11, 11, (handed.record(1).external_id,))
    with closing(clone.project.open()) as connection:
        DecisionLog(connection, "bo", "app").undo()
    assert clone.pull(adopting="round-1").adopted == Adopted("round-1", 12, 1, ())


def test_an_adopted_round_whose_name_is_taken_here_gets_another(handed: Handed) -> None:
    handed.push()
    clone = Handed(handed.stack, make_project(handed.project.root, conversations=3, url=handed.stack.url))
    with closing(clone):
        clone.push()
        assert clone.pull(adopting=f"{handed.project.name}-round-1").adopted == Adopted("round-1 (2)", 12, 12, ())


def test_two_rounds_of_one_clone_whose_names_are_one_to_the_server_are_two_datasets(handed: Handed) -> None:
    handed.push(Wanted(round_name="a b", limit=2))
    assert handed.push(Wanted(round_name="a-b", limit=2)).sent == 2
    assert datasets(handed) == [f"{handed.project.name}-a-b", f"{handed.project.name}-a-b-2"]


def test_ones_own_round_is_only_pulled(handed: Handed) -> None:
    handed.push()
    assert handed.pull(adopting="round-1").adopted == Adopted("round-1", 12, 0, ())


def test_what_is_no_round_of_this_project_is_not_adopted(handed: Handed) -> None:
    other = Handed(handed.stack, make_project(handed.project.root, conversations=1, url=handed.stack.url, test="other"))
    with closing(other):
        other.push()
        with pytest.raises(UsageError, match="none of its 4 records is of a rephrasing here"):
            handed.pull(adopting=f"{other.project.name}-round-1")
        with pytest.raises(UsageError, match="handed out no `nothing`") as caught:
            handed.pull(adopting="nothing")
    assert "There:" in caught.value.remedy
