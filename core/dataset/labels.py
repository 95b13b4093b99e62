"""Which commands a rephrasing is trained with: its step's, or those found for its own text.

The step's are the label, in their own words, wherever the verdict says that the rephrasing has them. Two kinds have their own:

- What a person accepted although its verdict is `different` or `ambiguous`: the commands found for it, if they are not the
  step's. If the answers agreed on none, the step's stay and nothing confirms them.
- What is `same` by a rule that looks at slots by name (`documented` mode, and trees of the recipe, whose rule that is) and yet
  has another value: with the step's value the label would contradict the text.
"""

from __future__ import annotations

from functools import lru_cache

from core.commands import Mode, from_json, same_commands

HAS_STEPS_COMMANDS = (
    "(v.run_id IS NOT NULL AND CASE v.verdict"
    " WHEN 'same' THEN v.run_id NOT IN (SELECT id FROM stage_run WHERE parameters ->> '$.mode' = 'documented')"
    " WHEN 'ambiguous' THEN NOT EXISTS (SELECT 1 FROM json_each(v.reasons) WHERE value LIKE 'value_near%') ELSE 0 END)"
)
"""SQL over verdict v: the stage that made it compared values too, with all it knows of slots and clock, and found the step's
commands, if perhaps in other words. What it found ambiguous for another reason than a nearly equal value has them."""

NO_COMMANDS = "[]"


@lru_cache(maxsize=65536)
def own_label(steps: str, found: str, *, is_same: bool) -> str | None:
    """`found` if it is a label of its own beside the step's, else None. Both are canonical JSON.

    Values are compared as `core.validation` does, but without the slots' types and the prompt's clock: this is for verdicts
    of files, and for values that differ by name alone. `is_same`: the verdict is `same`, so nothing but values may differ.
    """
    # Imported here: it reads dates and word lists, and hardly any export needs it.
    from core.validation.comparing import compare_commands
    from core.validation.models import StepFacts

    ours, theirs = from_json(steps), from_json(found)
    if is_same and not same_commands(ours, theirs, mode=Mode.DOCUMENTED):
        return None
    return None if compare_commands(ours, theirs, StepFacts("", ours)).relation.agrees else found
