"""A real Argilla server on the loopback interface for tests: `python -m tests.argilla_server` to try things by hand."""

from tests.argilla_server.annotator import Annotator
from tests.argilla_server.people import ANN, BOB, CEM, OWNER, PEOPLE, WORKSPACE, Person
from tests.argilla_server.server import LocalArgilla, argilla_server

__all__ = ["ANN", "BOB", "CEM", "OWNER", "PEOPLE", "WORKSPACE", "Annotator", "LocalArgilla", "Person", "argilla_server"]
