"""The schema, as small functions in order. Applied names are kept by sqlite-utils in `_sqlite_migrations`.

Words: a *conversation* is one test (file + name + occurrence). A *face* is what one kind of file says of it. A *user
step* is one user message in its place: its `key` is a digest of all earlier turns and its own text, so a step survives
moved lines and renamed neighbours, and a changed turn makes new steps from there on. Its `basis` is a digest of that
key and of its commands: verdicts and decisions hold while the basis they were made on is the current one.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("workbench")


@migrations()
def m001_conversations(db: Database) -> None:
    for statement in (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        """CREATE TABLE ingest (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, reviewer TEXT NOT NULL,
            paths TEXT NOT NULL, summary TEXT NOT NULL DEFAULT '{}') STRICT""",
        """CREATE TABLE source (
            id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
            ingest_id INTEGER NOT NULL REFERENCES ingest(id), preamble TEXT) STRICT""",
        """CREATE TABLE conversation (
            id INTEGER PRIMARY KEY, file TEXT NOT NULL, name TEXT NOT NULL, occurrence INTEGER NOT NULL DEFAULT 1,
            line INTEGER, transcript TEXT NOT NULL DEFAULT '[]', active INTEGER NOT NULL DEFAULT 1,
            UNIQUE (file, name, occurrence)) STRICT""",
        """CREATE TABLE face (
            id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL REFERENCES conversation(id),
            kind TEXT NOT NULL CHECK (kind IN ('test', 'annotation', 'label', 'row')),
            source_id INTEGER NOT NULL REFERENCES source(id), ingest_id INTEGER NOT NULL REFERENCES ingest(id),
            line INTEGER NOT NULL, lines TEXT NOT NULL DEFAULT '[]', digest TEXT NOT NULL, body TEXT NOT NULL,
            UNIQUE (conversation_id, kind, source_id)) STRICT""",
        "CREATE INDEX face_source ON face (source_id)",
        """CREATE TABLE user_step (
            id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL REFERENCES conversation(id),
            ordinal INTEGER NOT NULL, turn_index INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL,
            line INTEGER, is_button INTEGER NOT NULL DEFAULT 0, skip TEXT,
            ingested_commands TEXT, unparsed TEXT, commands TEXT, basis TEXT NOT NULL,
            active INTEGER NOT NULL DEFAULT 1, UNIQUE (conversation_id, ordinal, key)) STRICT""",
        """CREATE TABLE step_flow (
            step_id INTEGER NOT NULL REFERENCES user_step(id), flow TEXT NOT NULL,
            origin TEXT NOT NULL CHECK (origin IN ('commands', 'context')),
            PRIMARY KEY (step_id, flow, origin)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX step_flow_flow ON step_flow (flow, step_id)",
        # The long texts stand last: a scan that needs only the short columns does not read them.
        """CREATE TABLE prompt (
            step_id INTEGER PRIMARY KEY REFERENCES user_step(id), source_id INTEGER NOT NULL REFERENCES source(id),
            line INTEGER, known INTEGER NOT NULL DEFAULT 0, template_sha256 TEXT, skeleton TEXT, reason TEXT,
            history_start INTEGER, history_end INTEGER, message_start INTEGER, message_end INTEGER,
            context TEXT, stored TEXT) STRICT""",
        # A fine-tuning row that repeats what the project knows already, by digest of its prompt and completion.
        """CREATE TABLE row_evidence (
            digest TEXT PRIMARY KEY, step_id INTEGER NOT NULL REFERENCES user_step(id), rephrased_text TEXT)
            STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@migrations()
def m002_review(db: Database) -> None:
    for statement in (
        # state, verdict and edited_text are derived from the logs below, in the transaction that appends to them.
        """CREATE TABLE rephrasing (
            id INTEGER PRIMARY KEY, step_id INTEGER NOT NULL REFERENCES user_step(id),
            conversation_id INTEGER NOT NULL REFERENCES conversation(id), ordinal INTEGER NOT NULL,
            position INTEGER NOT NULL, text TEXT NOT NULL, source_id INTEGER REFERENCES source(id), line INTEGER,
            active INTEGER NOT NULL DEFAULT 1, verdict TEXT CHECK (verdict IN ('same', 'different', 'ambiguous')),
            verdict_id INTEGER, state INTEGER NOT NULL DEFAULT 0, decision_id INTEGER, edited_text TEXT) STRICT""",
        """CREATE INDEX rephrasing_queue ON rephrasing
            (conversation_id, ordinal, position, id, state, verdict, step_id) WHERE active = 1""",
        "CREATE INDEX rephrasing_step ON rephrasing (step_id)",
        """CREATE TABLE verdict (
            id INTEGER PRIMARY KEY, rephrasing_id INTEGER NOT NULL REFERENCES rephrasing(id),
            verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'ambiguous')),
            reasons TEXT NOT NULL DEFAULT '[]', commands TEXT, basis TEXT NOT NULL,
            ingest_id INTEGER REFERENCES ingest(id)) STRICT""",
        "CREATE INDEX verdict_rephrasing ON verdict (rephrasing_id)",
        # Append-only: what people did. Rows of one key press share a group; an undo or redo is a row that names one.
        """CREATE TABLE decision (
            id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, at TEXT NOT NULL, reviewer TEXT NOT NULL,
            surface TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN
                ('accept', 'reject', 'skip', 'flag', 'edit', 'add', 'correct', 'undo', 'redo')),
            rephrasing_id INTEGER REFERENCES rephrasing(id), step_id INTEGER REFERENCES user_step(id),
            reason TEXT, text TEXT, commands TEXT, basis TEXT, target_group INTEGER) STRICT""",
        "CREATE INDEX decision_rephrasing ON decision (rephrasing_id, id) WHERE rephrasing_id IS NOT NULL",
        "CREATE INDEX decision_step ON decision (step_id, id) WHERE step_id IS NOT NULL",
        "CREATE INDEX decision_members ON decision (group_id)",
        """CREATE TRIGGER decision_is_append_only BEFORE UPDATE ON decision
            BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END""",
        """CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
            BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END""",
        # Derived from the log: 0 in force, 1 undone (can be redone), 2 undone and overtaken by a later decision.
        """CREATE TABLE decision_group (
            id INTEGER PRIMARY KEY, reviewer TEXT NOT NULL, status INTEGER NOT NULL DEFAULT 0) STRICT""",
        "CREATE INDEX decision_group_reviewer ON decision_group (reviewer, status, id)",
    ):
        db.execute(statement)


@migrations()
def m003_exports(db: Database) -> None:
    db.execute(
        """CREATE TABLE export (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, reviewer TEXT NOT NULL, out TEXT NOT NULL,
            parameters TEXT NOT NULL, summary TEXT NOT NULL, manifest_sha256 TEXT NOT NULL) STRICT"""
    )


@migrations()
def m004_views(db: Database) -> None:
    """For people who open the file with sqlite-utils or Datasette."""
    db.execute(
        """CREATE VIEW turn AS
        SELECT c.id AS conversation_id, c.file, c.name, t.key AS position,
               t.value ->> '$.kind' AS kind, t.value ->> '$.text' AS text, t.value ->> '$.line' AS line
        FROM conversation c, json_each(c.transcript) t WHERE c.active = 1"""
    )
    db.execute(
        """CREATE VIEW review AS
        SELECT r.id, c.file, c.name, r.ordinal AS user_step, s.text AS original, coalesce(r.edited_text, r.text) AS text,
               r.verdict, v.reasons,
               CASE r.state WHEN 0 THEN 'undecided' WHEN 1 THEN 'accept' WHEN 2 THEN 'reject' WHEN 3 THEN 'skip'
                            WHEN 4 THEN 'flag' ELSE 'stale' END AS state,
               d.reviewer, d.at, d.reason
        FROM rephrasing r JOIN conversation c ON c.id = r.conversation_id JOIN user_step s ON s.id = r.step_id
        LEFT JOIN verdict v ON v.id = r.verdict_id LEFT JOIN decision d ON d.id = r.decision_id WHERE r.active = 1"""
    )


@migrations()
def m005_coverage(db: Database) -> None:
    # The report stands last: status and overview read the summary only.
    db.execute(
        """CREATE TABLE coverage_run (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, summary TEXT NOT NULL, report TEXT NOT NULL) STRICT"""
    )


@migrations()
def m006_llm(db: Database) -> None:
    for statement in (
        # One row per question to a model, by the hash of all that determines its answer: what is answered is never asked
        # again, and the ledger is a sum over it. Request and response are JSON, zlib-compressed: prompts repeat themselves.
        """CREATE TABLE llm_call (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL,
            base_url TEXT NOT NULL, sample INTEGER NOT NULL, item TEXT NOT NULL, at TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('answered', 'failed')), attempts INTEGER NOT NULL, seconds REAL NOT NULL,
            prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
            exact_tokens INTEGER NOT NULL, cost REAL, currency TEXT, finish_reason TEXT, failure TEXT, answer TEXT,
            request BLOB NOT NULL, response BLOB) STRICT""",
        "CREATE INDEX llm_call_stage ON llm_call (stage, role, model)",
        "CREATE INDEX llm_call_failed ON llm_call (id) WHERE state = 'failed'",
        """CREATE TABLE stage_run (
            id INTEGER PRIMARY KEY, stage TEXT NOT NULL, at TEXT NOT NULL, finished_at TEXT, reviewer TEXT NOT NULL,
            parameters TEXT NOT NULL, report TEXT NOT NULL DEFAULT '{}') STRICT""",
        # What the latest annotation of a test came to. `failures`: each with its diff, for a test that was left out.
        """CREATE TABLE annotation (
            conversation_id INTEGER PRIMARY KEY REFERENCES conversation(id), run_id INTEGER NOT NULL REFERENCES stage_run(id),
            outcome TEXT NOT NULL CHECK (outcome IN ('annotated', 'kept', 'failed', 'not run')),
            test_digest TEXT NOT NULL, failures TEXT NOT NULL DEFAULT '[]') STRICT""",
        # Where a rephrasing of the rephrase stage comes from; those of files and by hand have no row here.
        """CREATE TABLE generated (
            rephrasing_id INTEGER PRIMARY KEY REFERENCES rephrasing(id), run_id INTEGER NOT NULL REFERENCES stage_run(id),
            call_key TEXT NOT NULL, style TEXT NOT NULL DEFAULT '{}') STRICT""",
        # Generated texts that were not taken. `twin_id`: of the rephrasing they repeat, NULL: the original text.
        """CREATE TABLE dropped (
            id INTEGER PRIMARY KEY, step_id INTEGER NOT NULL REFERENCES user_step(id), run_id INTEGER NOT NULL
            REFERENCES stage_run(id), call_key TEXT NOT NULL, text TEXT NOT NULL, reason TEXT NOT NULL,
            twin_id INTEGER REFERENCES rephrasing(id), similarity REAL, UNIQUE (step_id, call_key, text)) STRICT""",
        # `judged_text`: the wording that was judged, NULL: the rephrasing's own. `calls`: keys of the answers behind it.
        "ALTER TABLE verdict ADD COLUMN judged_text TEXT",
        "ALTER TABLE verdict ADD COLUMN run_id INTEGER REFERENCES stage_run(id)",
        "ALTER TABLE verdict ADD COLUMN calls TEXT NOT NULL DEFAULT '[]'",
    ):
        db.execute(statement)


@migrations()
def m007_datasets(db: Database) -> None:
    for statement in (
        # `address`: digest of rows, template, code version and parameters. Rows are files (core/dataset/folder.py); a version
        # that was not finished is not complete and is not shown. `latest_at`: when a build last came to it.
        """CREATE TABLE dataset (
            id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, at TEXT NOT NULL, latest_at TEXT NOT NULL DEFAULT '',
            reviewer TEXT NOT NULL, parameters TEXT NOT NULL,
            dialect TEXT NOT NULL, template TEXT NOT NULL, template_sha256 TEXT NOT NULL,
            code_version TEXT NOT NULL, train INTEGER NOT NULL, val INTEGER NOT NULL, holdout INTEGER NOT NULL,
            complete INTEGER NOT NULL DEFAULT 0, summary TEXT NOT NULL) STRICT""",
        # `row`: its line in the part's file, from 1.
        """CREATE TABLE data_point (
            dataset_id INTEGER NOT NULL REFERENCES dataset(id), part TEXT NOT NULL CHECK (part IN ('train', 'val', 'holdout')),
            row INTEGER NOT NULL, step_id INTEGER NOT NULL REFERENCES user_step(id), variant INTEGER NOT NULL,
            rephrasing_id INTEGER REFERENCES rephrasing(id), verdict_id INTEGER REFERENCES verdict(id),
            decision_id INTEGER REFERENCES decision(id), PRIMARY KEY (dataset_id, part, row)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX data_point_step ON data_point (step_id, dataset_id)",
        # Composed, and not in the dataset. The twin is the data point it repeats.
        """CREATE TABLE left_out_point (
            dataset_id INTEGER NOT NULL REFERENCES dataset(id), number INTEGER NOT NULL,
            step_id INTEGER NOT NULL REFERENCES user_step(id), variant INTEGER NOT NULL,
            rephrasing_id INTEGER REFERENCES rephrasing(id), reason TEXT NOT NULL, twin_step_id INTEGER
            REFERENCES user_step(id), twin_variant INTEGER, PRIMARY KEY (dataset_id, number)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX left_out_point_step ON left_out_point (step_id, dataset_id)",
        """CREATE TABLE preflight (
            id INTEGER PRIMARY KEY, dataset_id INTEGER NOT NULL REFERENCES dataset(id), at TEXT NOT NULL,
            model TEXT NOT NULL, passed INTEGER NOT NULL, parameters TEXT NOT NULL, report TEXT NOT NULL) STRICT""",
        """CREATE TABLE holdout_use (
            id INTEGER PRIMARY KEY, dataset_id INTEGER NOT NULL REFERENCES dataset(id), at TEXT NOT NULL,
            reviewer TEXT NOT NULL, purpose TEXT NOT NULL) STRICT""",
        # Digest of where the conversation stands before the message (core/dataset/states.py); worked out with the prompt.
        "ALTER TABLE prompt ADD COLUMN state TEXT",
        "UPDATE prompt SET template_sha256 = NULL",
        "ALTER TABLE export ADD COLUMN dataset_id INTEGER REFERENCES dataset(id)",
        "ALTER TABLE export ADD COLUMN format TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(statement)


@migrations()
def m008_team(db: Database) -> None:
    for statement in (
        # How likely a person would not take the rephrasing (review/ambiguity.py). `fingerprint`: of what the score was made
        # from; where it differs from now, the score is out of date.
        """CREATE TABLE ambiguity (
            rephrasing_id INTEGER PRIMARY KEY REFERENCES rephrasing(id), score REAL NOT NULL,
            reasons TEXT NOT NULL DEFAULT '[]', fingerprint TEXT NOT NULL) STRICT""",
        "CREATE INDEX ambiguity_score ON ambiguity (score)",
        # What is handed to the team at once. `overlap`: answers wanted of each record. `place`: JSON, where it is (server,
        # workspace and dataset, or a file). `pulled_at`: when answers were last asked for; `last_activity`: what the server
        # said then of its latest change.
        """CREATE TABLE team_round (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, surface TEXT NOT NULL CHECK (surface IN ('argilla', 'pack')),
            at TEXT NOT NULL, reviewer TEXT NOT NULL, overlap INTEGER NOT NULL, place TEXT NOT NULL DEFAULT '{}',
            parameters TEXT NOT NULL DEFAULT '{}', pulled_at TEXT, last_activity TEXT) STRICT""",
        # One rephrasing as the team sees it. `external_id`: ours, the same on every machine. `text`, `basis`: the wording and
        # the step's basis that were handed out; where either has changed, what is answered does not count. `pushed_at`: NULL
        # until the server has confirmed it. `outcome`: review/team/models.Outcome; `decided_group`: the team's own decision.
        """CREATE TABLE team_record (
            id INTEGER PRIMARY KEY, round_id INTEGER NOT NULL REFERENCES team_round(id),
            rephrasing_id INTEGER NOT NULL REFERENCES rephrasing(id), external_id TEXT NOT NULL, text TEXT NOT NULL,
            basis TEXT NOT NULL, score REAL, server_id TEXT, pushed_at TEXT,
            outcome TEXT NOT NULL DEFAULT 'waiting', detail TEXT NOT NULL DEFAULT '', decided_group INTEGER,
            UNIQUE (round_id, external_id)) STRICT""",
        "CREATE INDEX team_record_rephrasing ON team_record (rephrasing_id)",
        "CREATE INDEX team_record_outcome ON team_record (outcome, rephrasing_id)",
        # What one row of the decision log, an annotator's answer, says beyond the log's own columns. Such a row has no
        # decision_group: it decides nothing by itself. `in_force`: the annotator's latest on this record. `text`: as it should
        # be worded. `unread_commands`: what was written for commands and cannot be read as such. `answered_at`: when the
        # annotator answered; the log's `at` is when it came in.
        """CREATE TABLE team_answer (
            decision_id INTEGER PRIMARY KEY REFERENCES decision(id), record_id INTEGER NOT NULL REFERENCES team_record(id),
            annotator TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('submitted', 'discarded', 'withdrawn')),
            decision TEXT CHECK (decision IN ('accept', 'reject', 'unsure')), text TEXT, commands TEXT, comment TEXT,
            answered_at TEXT NOT NULL, in_force INTEGER NOT NULL DEFAULT 1, unread_commands TEXT) STRICT""",
        "CREATE INDEX team_answer_record ON team_answer (record_id, in_force)",
        "CREATE INDEX team_answer_annotator ON team_answer (annotator, in_force)",
        # The team came to something else than what was decided here. `decision_id`: the decision that stayed in force.
        """CREATE TABLE team_conflict (
            id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL REFERENCES team_record(id), at TEXT NOT NULL,
            outcome TEXT NOT NULL, detail TEXT NOT NULL, decision_id INTEGER NOT NULL REFERENCES decision(id),
            settled_at TEXT) STRICT""",
        "CREATE INDEX team_conflict_record ON team_conflict (record_id)",
    ):
        db.execute(statement)
