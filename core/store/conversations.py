"""Conversations and their faces: found or made, updated only when their content changed, rebuilt once at the end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.conversations.identity import digest, step_keys
from core.conversations.merge import Label, apply_labels, merge_turns
from core.conversations.models import Turn, TurnKind
from core.store.faces import labels_from_json, labels_to_json, turns_from_json, turns_to_json
from core.store.steps import StepWriter

Key = tuple[str, str, int]
"""file, name, occurrence"""

_RANK = {"annotation": 0, "test": 1, "row": 2, "label": 3}


@dataclass(frozen=True, slots=True)
class _Face:
    kind: str
    source_id: int
    ingest_id: int
    line: int
    turns: Sequence[Turn] = ()
    labels: Sequence[Label] = ()


class ConversationStore:
    """The conversations one ingest touches. Used inside its transaction; call `rebuild` once at the end."""

    def __init__(self, connection: sqlite3.Connection, ingest_id: int) -> None:
        self._connection = connection
        self._ingest_id = ingest_id
        self._ids: dict[Key, int] = {
            (file, name, occurrence): id_
            for id_, file, name, occurrence in connection.execute("SELECT id, file, name, occurrence FROM conversation")
        }
        self._files: dict[int, str] = {id_: key[0] for key, id_ in self._ids.items()}
        self._paths: dict[int, str] = {}
        self._next_id = max(self._ids.values(), default=0) + 1
        self._new: set[int] = set()
        self._added: set[int] = set()
        self._dirty: set[int] = set()
        self._faces: dict[int, list[_Face]] = {}
        self._seen: dict[int, set[tuple[int, str]]] = {}
        self.added = self.changed = self.retired = self.unchanged = 0
        self.unplaced: list[tuple[int, Label]] = []

    def find(self, key: Key) -> int | None:
        return self._ids.get(key)

    def find_or_add(self, key: Key) -> int:
        id_ = self._ids.get(key)
        if id_ is None:
            id_ = self._ids[key] = self._next_id
            self._next_id += 1
            self._new.add(id_)
            self._files[id_] = key[0]
            self._connection.execute("INSERT INTO conversation (id, file, name, occurrence) VALUES (?, ?, ?, ?)", (id_, *key))
        return id_

    def same_named(self, file: str, name: str) -> dict[int, int]:
        """The occurrence of each conversation of a name, in order."""
        return dict(
            self._connection.execute(
                "SELECT id, occurrence FROM conversation WHERE file = ? AND name = ? ORDER BY occurrence", (file, name)
            ).fetchall()
        )

    def renumber(self, file: str, name: str, occurrences: Mapping[int, int]) -> None:
        """Give all conversations of a name their occurrences anew."""
        for old in self.same_named(file, name).values():
            del self._ids[file, name, old]
        self._ids.update({(file, name, occurrence): id_ for id_, occurrence in occurrences.items()})
        for sign in (-1, 1):  # no two may have the same number in between
            self._connection.executemany(
                "UPDATE conversation SET occurrence = ? WHERE id = ?",
                [(sign * occurrence, id_) for id_, occurrence in occurrences.items()],
            )

    def steps_of(self, conversation_id: int) -> tuple[set[str], list[str]]:
        """The keys of all steps a conversation ever had, and what its user says now."""
        pending = [face.turns for face in self._faces.get(conversation_id, []) if face.kind != "label"]
        rows = self._connection.execute(
            "SELECT key, text, active FROM user_step WHERE conversation_id = ? ORDER BY ordinal", (conversation_id,)
        ).fetchall()
        keys = {key for key, _, _ in rows}
        for turns in pending:
            keys.update(step_keys((turn.kind.value, turn.text) for turn in turns))
        now = [turn.text for turn in pending[-1] if turn.kind is TurnKind.USER] if pending else []
        return keys, now or [text for _, text, active in rows if active]

    def put_turns(
        self,
        conversation_id: int,
        kind: str,
        source_id: int,
        line: int,
        turns: Sequence[Turn],
        extra: Mapping[str, object],
    ) -> None:
        """What a file says of a conversation, in full. Lines are refreshed; all else only if it changed."""
        lines = [turn.line for turn in turns]
        body = turns_to_json(turns, dict(extra))
        if self._put(conversation_id, kind, source_id, line, json.dumps(lines), body):
            self._faces.setdefault(conversation_id, []).append(_Face(kind, source_id, self._ingest_id, line, turns=turns))

    def put_labels(self, conversation_id: int, source_id: int, line: int, labels: Sequence[Label]) -> None:
        if self._put(conversation_id, "label", source_id, line, "[]", labels_to_json(labels)):
            self._faces.setdefault(conversation_id, []).append(_Face("label", source_id, self._ingest_id, line, labels=labels))

    def _put(self, conversation_id: int, kind: str, source_id: int, line: int, lines: str, body: str) -> bool:
        """Returns whether the content is new."""
        self._seen.setdefault(source_id, set()).add((conversation_id, kind))
        content = digest(body)
        old = None
        if conversation_id not in self._new:
            old = self._connection.execute(
                "SELECT id, digest, lines FROM face WHERE conversation_id = ? AND kind = ? AND source_id = ?",
                (conversation_id, kind, source_id),
            ).fetchone()
        if old is not None and old[1] == content:
            if old[2] != lines:  # moved lines: refresh them, and nothing else
                self._connection.execute("UPDATE face SET line = ?, lines = ? WHERE id = ?", (line, lines, old[0]))
                self._dirty.add(conversation_id)
            return False
        self._connection.execute(
            "INSERT INTO face (conversation_id, kind, source_id, ingest_id, line, lines, digest, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation_id, kind, source_id) DO UPDATE SET"
            " ingest_id = excluded.ingest_id, line = excluded.line, lines = excluded.lines, digest = excluded.digest,"
            " body = excluded.body",
            (conversation_id, kind, source_id, self._ingest_id, line, lines, content, body),
        )
        self._dirty.add(conversation_id)
        return True

    def drop_turns(self, conversation_id: int, kind: str, source_id: int) -> None:
        """Forget what a source said of one conversation."""
        dropped = self._connection.execute(
            "DELETE FROM face WHERE conversation_id = ? AND kind = ? AND source_id = ?", (conversation_id, kind, source_id)
        )
        if dropped.rowcount:
            self._dirty.add(conversation_id)

    def drop_unseen(self, source_id: int) -> None:
        """Forget what a file said of conversations it no longer holds."""
        seen = self._seen.get(source_id, set())
        for face_id, conversation_id, kind in self._connection.execute(
            "SELECT id, conversation_id, kind FROM face WHERE source_id = ?", (source_id,)
        ).fetchall():
            if (conversation_id, kind) not in seen:
                self._connection.execute("DELETE FROM face WHERE id = ?", (face_id,))
                self._dirty.add(conversation_id)

    def rebuild(self, writer: StepWriter) -> None:
        """Bring transcript and steps of every conversation whose faces changed up to date."""
        for conversation_id in sorted(self._dirty):
            is_new = conversation_id in self._new
            faces = self._faces.get(conversation_id, []) if is_new else self._load(conversation_id)
            spoken = sorted((f for f in faces if f.kind != "label"), key=lambda f: (-f.ingest_id, _RANK[f.kind], -f.source_id))
            if not spoken:
                self._retire(conversation_id, writer)
                continue
            turns: Sequence[Turn] = spoken[0].turns
            for face in spoken[1:]:
                turns = merge_turns(turns, face.turns)
            skips: dict[int, str] = {}
            for face in sorted((f for f in faces if f.kind == "label"), key=lambda f: (-f.ingest_id, -f.source_id)):
                turns, more_skips, unplaced = apply_labels(turns, face.labels)
                skips = {**more_skips, **skips}
                self.unplaced += [(conversation_id, label) for label in unplaced]
            own = next((face for face in spoken if self._path_of(face.source_id) == self._files[conversation_id]), None)
            writer.write(
                conversation_id,
                _with_lines_of(own.turns if own else (), turns),
                source_id=spoken[0].source_id,
                line=own.line if own else None,
                skips=skips,
                is_new=is_new,
            )
            if is_new:
                self.added += 1
                self._added.add(conversation_id)
            elif conversation_id not in self._added:
                self.changed += 1
        writer.flush()
        self._dirty.clear()
        self._new.clear()
        self._faces.clear()

    def _load(self, conversation_id: int) -> list[_Face]:
        faces = []
        for kind, source_id, ingest_id, line, lines, body in self._connection.execute(
            "SELECT kind, source_id, ingest_id, line, lines, body FROM face WHERE conversation_id = ?",
            (conversation_id,),
        ):
            if kind == "label":
                faces.append(_Face(kind, source_id, ingest_id, line, labels=labels_from_json(body)))
            else:
                turns, _ = turns_from_json(body, json.loads(lines))
                faces.append(_Face(kind, source_id, ingest_id, line, turns=turns))
        return faces

    def _path_of(self, source_id: int) -> str:
        path = self._paths.get(source_id)
        if path is None:
            (path,) = self._connection.execute("SELECT path FROM source WHERE id = ?", (source_id,)).fetchone()
            self._paths[source_id] = path
        return path

    def _retire(self, conversation_id: int, writer: StepWriter) -> None:
        active = self._connection.execute(
            "SELECT id FROM user_step WHERE conversation_id = ? AND active = 1", (conversation_id,)
        ).fetchall()
        writer.retire([row[0] for row in active])
        self._connection.execute("UPDATE conversation SET active = 0 WHERE id = ?", (conversation_id,))
        self.retired += 1


def _with_lines_of(own: Sequence[Turn], turns: Sequence[Turn]) -> list[Turn]:
    """Give user turns the lines they have in the test file itself, all other turns none.

    A conversation known only from an annotation of it has no lines: those of the annotation are of another file.
    """
    lines = [turn.line for turn in own if turn.kind is TurnKind.USER]
    out = []
    ordinal = 0
    for turn in turns:
        line = 0
        if turn.kind is TurnKind.USER:
            line = lines[ordinal] if ordinal < len(lines) else 0
            ordinal += 1
        out.append(turn if turn.line == line else replace(turn, line=line))
    return out
