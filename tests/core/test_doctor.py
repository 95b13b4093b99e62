"""Checks of the environment and of projects."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from core import doctor, doctor_environment, doctor_project
from core.doctor import Check, run_checks
from core.project import Project


def by_name(project: Project | None) -> dict[str, Check]:
    return {check.name: check for check in run_checks(project)}


def test_a_new_project_has_no_failures(project: Project) -> None:
    checks = by_name(project)
    assert [check for check in checks.values() if check.level == "fail"] == []
    assert {"python", "sqlite", "yaml", "extras", "locale", "terminal", "configuration", "write access"} <= set(checks)
    assert {"disk space", "file system", "database", "prompt template"} <= set(checks)
    assert "no damage found" in checks["database"].finding


def test_every_warning_and_failure_has_a_remedy(project: Project) -> None:
    assert all(check.remedy for check in run_checks(project) if check.level != "ok")


def test_checks_leave_nothing_behind(project: Project) -> None:
    before = sorted(path.name for path in project.state_folder.iterdir() if "db-" not in path.name)
    run_checks(project)
    assert sorted(path.name for path in project.state_folder.iterdir() if "db-" not in path.name) == before


def test_without_a_project() -> None:
    assert by_name(None)["project"].level == "warn"


def test_wrong_configuration_names_the_line(project: Project) -> None:
    project.config_path.write_text("[project]\nname = 'a'\ncolour = 'red'\n", encoding="utf-8")
    check = by_name(Project(project.root))["configuration"]
    assert (check.level, f"{project.config_path}:3" in check.finding) == ("fail", True)


def test_wrong_configuration_is_told_once(project: Project) -> None:
    project.config_path.write_text("[project]\ncolour = 'red'\n", encoding="utf-8")
    checks = run_checks(Project(project.root))
    assert [check.name for check in checks if "colour" in check.finding] == ["configuration"]


def test_wrong_user_configuration(project: Project) -> None:
    Path(os.environ["WORKBENCH_CONFIG"]).write_text("reviewr = 'x'\n", encoding="utf-8")
    check = by_name(project)["user configuration"]
    assert (check.level, "reviewr" in check.finding) == ("fail", True)


def test_a_damaged_database_is_found(project: Project) -> None:
    project.database_path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    check = by_name(project)["database"]
    assert check.level == "fail"
    assert check.remedy


def test_a_missing_template_is_a_failure(project: Project) -> None:
    project.config_path.write_text("[project]\nprompt_template = 'nowhere.jinja2'\n", encoding="utf-8")
    check = by_name(Project(project.root))["prompt template"]
    assert check.level == "fail"
    assert "nowhere.jinja2" in check.finding


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_a_failure(project: Project) -> None:
    project.state_folder.chmod(0o555)
    assert doctor_project.write_access(project).level == "fail"


def test_a_file_system_that_may_not_be_written_is_not_tried(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr("tempfile.TemporaryDirectory", lambda **_: 1 / 0)  # never called
    assert doctor_project.file_system(project).level == "ok"


def test_no_state_folder_yet(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert doctor_project.write_access(project).level == "warn"
    assert doctor_project.database(project).level == "warn"


def test_network_file_system_is_a_warning(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_project, "file_system_of", lambda path: "nfs4")
    assert doctor_project.file_system(project).level == "warn"


def test_little_space(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_project, "LITTLE_SPACE", 10**18)
    assert doctor_project.disk_space(project).level == "warn"
    monkeypatch.setattr(doctor_project, "HARDLY_ANY_SPACE", 10**18)
    assert doctor_project.disk_space(project).level == "fail"


def test_the_teams_server_needs_a_key_which_is_never_shown(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "team server" not in by_name(project)
    project.config_path.write_text('[argilla]\nurl = "https://labels.example.org"\n', encoding="utf-8")
    monkeypatch.delenv("ARGILLA_API_KEY", raising=False)
    found = by_name(Project(project.root))["team server"]
    assert (found.level, "ARGILLA_API_KEY is not set" in found.finding) == ("warn", True)
    monkeypatch.setenv("ARGILLA_API_KEY", "owner.secret")
    found = by_name(Project(project.root))["team server"]
    assert (found.level, found.finding) == ("ok", "https://labels.example.org, key in ARGILLA_API_KEY")


def test_git_must_ignore_the_state_folder(project: Project) -> None:
    subprocess.run(["git", "init", "-q", str(project.root)], check=True)
    check = doctor_project.version_control(project)
    assert check is not None
    assert check.level == "ok"
    (project.state_folder / ".gitignore").unlink()
    check = doctor_project.version_control(project)
    assert check is not None
    assert check.level == "warn"


def test_old_sqlite_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_environment, "OLDEST_SQLITE", (99, 0, 0))
    assert doctor_environment.sqlite().level == "fail"


def test_tmux_clipboard_speaks_only_in_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    assert doctor_environment.tmux_clipboard() is None


def test_an_unforeseen_fault_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd() -> Check:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(doctor_environment, "CHECKS", (odd,))
    (check, _) = doctor.run_checks(None)
    assert (check.name, check.level) == ("odd", "warn")


def test_data_is_plain_json(project: Project) -> None:
    assert json.loads(json.dumps([check.as_data() for check in run_checks(project)]))[0]["name"] == "python"
