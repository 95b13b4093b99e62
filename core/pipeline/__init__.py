"""The stages, each a plain function over stored rows: idempotent, resumable, nothing dropped silently."""
