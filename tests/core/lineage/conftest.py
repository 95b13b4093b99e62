from __future__ import annotations

import pytest

from core.dataset.models import DatasetVersion, LeftOutPoint
from core.project import Project
from tests.core.dataset.versions import small_version
from tests.core.lineage.small import two_tests
from tests.core.pipeline.small import decide


@pytest.fixture
def ferry(project: Project) -> Project:
    """Two tests, with rephrasings; a person has accepted one and rejected one."""
    two_tests(project)
    decide(project, "accept", "I need a pair of island tickets")
    decide(project, "reject", "one ticket to the island")
    return project


@pytest.fixture
def version(ferry: Project) -> DatasetVersion:
    """A dataset of it: the cabin in val, one rephrasing left out as a near-duplicate."""
    return small_version(ferry, val=["rents a cabin"], without={"the island, twice please": LeftOutPoint.NEAR})
