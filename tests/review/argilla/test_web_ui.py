"""Argilla's own web page in headless Chromium: a round of the sample project pushed, answered there by hand, and pulled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from core.pipeline.ingest import ingest
from core.project import Project
from core.sample import copy_sample
from review.argilla.choosing import Wanted
from review.argilla.connection import connect
from review.argilla.pull import pull
from review.argilla.push import push
from review.team.models import Say, Status
from review.team.recording import answers_to
from review.team.rounds import all_rounds, records_of
from tests.argilla_server import ANN, OWNER, LocalArgilla
from tests.argilla_server.browser import browser
from tests.argilla_server.programs import entered_or_skipped
from tests.argilla_server.web_page import AnnotationPage
from tests.environments import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(300)]

PICTURE = ROOT / ".cache" / "argilla" / "annotation-page.png"


@pytest.fixture
def annotation_page(argilla: LocalArgilla) -> Iterator[AnnotationPage]:
    with ExitStack() as stack:
        yield AnnotationPage(entered_or_skipped(stack, browser()), argilla)


@pytest.fixture
def sample(argilla: LocalArgilla, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = copy_sample(tmp_path / "harbour")
    with project.config_path.open("a") as config:
        config.write(f'\n[argilla]\nurl = "{argilla.url}"\nworkspace = "{argilla.workspace}"\n')
    monkeypatch.setenv("ARGILLA_API_KEY", argilla.api_key)
    with closing(project.open()) as connection:
        ingest(project, connection, [project.root], reviewer="tester")
    return project


def test_what_ann_answers_on_the_page_arrives_and_her_discard_says_nothing_though_it_carries_the_suggestion(
    argilla: LocalArgilla, annotation_page: AnnotationPage, sample: Project
) -> None:
    with closing(connect(sample)) as server:
        pushed = push(sample, server, Wanted(limit=3))
    assert pushed.round is not None
    place = pushed.round.place

    annotation_page.sign_in(ANN)
    annotation_page.open_dataset(str(place["dataset"]))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    annotation_page.page.screenshot(PICTURE)
    accepted = annotation_page.shown()
    annotation_page.choose("Accept")
    annotation_page.submit()
    rejected = annotation_page.shown()
    annotation_page.choose("Reject")
    annotation_page.write("comment", "names another person")
    annotation_page.submit()
    discarded = annotation_page.shown()
    annotation_page.discard()

    sent = [
        response for record in argilla.annotator(OWNER).records(str(place["dataset_id"])) for response in record["responses"]
    ]
    (discard,) = (response for response in sent if response["status"] == "discarded")
    assert discard["values"]["decision"] == {"value": "reject"}

    with closing(connect(sample)) as server:
        pulled = pull(sample, server)
    assert pulled.total("added") == 3
    assert answers_in(sample) == {
        rephrasing_in(accepted, sample): ("ann", Status.SUBMITTED, Say.ACCEPT, None),
        rephrasing_in(rejected, sample): ("ann", Status.SUBMITTED, Say.REJECT, "names another person"),
        rephrasing_in(discarded, sample): ("ann", Status.DISCARDED, None, None),
    }


def answers_in(project: Project) -> dict[str, tuple[str, Status, Say | None, str | None]]:
    """Of the project's only round: rephrasing → its only answer."""
    with closing(project.open()) as connection:
        (round_,) = all_rounds(connection)
        found = {}
        for record in records_of(connection, round_.id):
            (answer,) = answers_to(connection, record.id)
            found[record.text] = (answer.annotator, answer.status, answer.decision, answer.comment)
        return found


def rephrasing_in(shown: str, project: Project) -> str:
    """Which record it was: the page shows each annotator an order of their own."""
    with closing(project.open()) as connection:
        (round_,) = all_rounds(connection)
        (found,) = (record.text for record in records_of(connection, round_.id) if record.text in shown)
        return found
