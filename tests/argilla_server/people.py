"""Who is known to the server of the tests."""

from __future__ import annotations

from dataclasses import dataclass

WORKSPACE = "team"


@dataclass(frozen=True, slots=True)
class Person:
    """`role` is Argilla's: `owner` sees and changes everything, `annotator` answers."""

    name: str
    role: str = "annotator"
    password: str = "12345678"

    @property
    def api_key(self) -> str:
        return f"{self.name}.apikey"


OWNER = Person("owner", role="owner")
ANN, BOB, CEM = Person("ann"), Person("bob"), Person("cem")
PEOPLE = (OWNER, ANN, BOB, CEM)
