"""Prompts of the command generator: templates, the contexts they print, and prompts taken apart again.

Names are resolved on first use, so that importing the package costs nothing and jinja2 is loaded only to render.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.prompts.context import Line as Line
    from core.prompts.context import PromptContext as PromptContext
    from core.prompts.context import build_context as build_context
    from core.prompts.context import conversation_text as conversation_text
    from core.prompts.invert import Inverted as Inverted
    from core.prompts.invert import NotInvertible as NotInvertible
    from core.prompts.invert import invert_prompt as invert_prompt
    from core.prompts.segments import SegmentCache as SegmentCache
    from core.prompts.segments import SegmentedPrompt as SegmentedPrompt
    from core.prompts.segments import Text as Text
    from core.prompts.segments import segment as segment
    from core.prompts.substitute import Alignment as Alignment
    from core.prompts.substitute import Mismatch as Mismatch
    from core.prompts.substitute import Substituted as Substituted
    from core.prompts.substitute import align as align
    from core.prompts.substitute import substitute_texts as substitute_texts
    from core.prompts.template import PromptTemplate as PromptTemplate
    from core.prompts.template import load_template as load_template
    from core.prompts.template import make_template as make_template

_MODULES = {
    "context": ("Line", "PromptContext", "build_context", "conversation_text"),
    "invert": ("Inverted", "NotInvertible", "invert_prompt"),
    "segments": ("SegmentCache", "SegmentedPrompt", "Text", "segment"),
    "substitute": ("Alignment", "Mismatch", "Substituted", "align", "substitute_texts"),
    "template": ("PromptTemplate", "load_template", "make_template"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
