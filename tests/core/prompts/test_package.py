"""The package's names, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import core.prompts


def test_all_names_resolve() -> None:
    for name in dir(core.prompts):
        assert getattr(core.prompts, name).__name__ == name
    assert not hasattr(core.prompts, "nothing")


def test_jinja2_is_loaded_to_render_only() -> None:
    code = (
        "import sys, core.prompts; from core.prompts import build_context, align, SegmentCache;"
        "assert 'jinja2' not in sys.modules;"
        "core.prompts.load_template(); assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
