"""Argilla's web page as an annotator uses it."""

from __future__ import annotations

from tests.argilla_server.browser import Page
from tests.argilla_server.people import Person
from tests.argilla_server.server import LocalArgilla


class AnnotationPage:
    """From signing in to answering. `shown` tells the records apart: a text that only that record has."""

    def __init__(self, page: Page, server: LocalArgilla) -> None:
        self.page = page
        self._server = server

    def sign_in(self, person: Person) -> None:
        self.page.open(self._server.url)
        self.page.type("//input[@name='Username']", person.name)
        self.page.type("//input[@name='Password']", person.password)
        self.page.click("//button[@type='submit' and not(@disabled)]")
        self.page.wait_for_text("Your datasets")

    def open_dataset(self, name: str) -> None:
        """From the list of datasets."""
        self.page.click(f"//*[normalize-space(text())='{name}']")
        self.page.wait_for_text("Submit")

    def choose(self, label: str) -> None:
        """A label by how it begins. One that is filled in already stays: a click would take it away."""
        option = f"//*[@role='button' and starts-with(@aria-label, '{label}')]"
        if not self.page.is_checked(f"{option}//input"):
            self.page.click(f"{option}//label")

    def write(self, question: str, text: str) -> None:
        self.page.type(f"//*[@aria-label='Question: {question}']//*[@contenteditable='true']", text)

    def submit(self) -> None:
        self._leave("//button[contains(@class, 'button--submit') and not(@disabled)]")

    def discard(self) -> None:
        self._leave("//button[contains(@class, 'button--discard') and not(@disabled)]")

    def shown(self) -> str:
        """The record's fields as they can be read."""
        return str(self.page.script("return document.querySelector('.record .fields')?.innerText ?? ''"))

    def _leave(self, button: str) -> None:
        before = self.shown()
        self.page.click(button)
        self.page.wait_for(lambda: self.shown() != before, "the next record")
