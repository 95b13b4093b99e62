"""Answers of a batch, line by line, become the same rows that single calls become."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx2
import openai

from core.errors import InputError, Location, Problem
from core.llm.batch_jobs import BatchedCall, Calls, Job
from core.llm.budget import cost_of
from core.llm.models import CallFailure, FailureKind, Usage
from core.llm.outcomes import Miss, from_exception, from_no_reply
from core.llm.roles import RoleSettings
from core.llm.wire import Reply, read_reply
from core.store.connection import read_meta, transaction, utc_now, write_meta
from core.store.llm_calls import CallRow, insert_call

_AT_ONCE: Final = 500
"""Rows in one transaction: others who write wait no longer than that takes."""
_AGAIN: Final = frozenset({"batch_expired", "batch_cancelled", "request_timeout"})
"""Codes of lines that were not worked on."""


@dataclass(slots=True)
class Imported:
    """`failed`: by key; `again`: those of them that another batch may answer. `unknown`: lines to no question of ours.

    `cost`: of those that have a price.
    """

    answered: int = 0
    cost: float = 0.0
    failed: dict[str, CallFailure] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A job, with its questions and the settings of its role as they are now."""

    job: Job
    calls: Calls
    settings: RoleSettings


def import_output(connection: sqlite3.Connection, output: Path, asked: Sequence[Asked]) -> Imported:
    """Store what stands in `output`. If the program ends meanwhile, the next call goes on behind the last stored line.

    Raises:
        InputError: a line is no JSON object with a `custom_id`; nothing of the file is stored then.
        StoreError: the database does not take it.
    """
    _check(output)
    with output.open("rb") as file:
        mark = f"batch {file_digest(file, 'sha256').hexdigest()}"
    found = Imported()
    with output.open("rb") as file:
        lines = (json.loads(line) for line in file if line.strip())
        done = int(read_meta(connection, mark) or 0)
        for line in islice(lines, done):
            _settle(found, _row(asked, line))
        while some := list(islice(lines, _AT_ONCE)):
            settled = [_row(asked, line) for line in some]
            with transaction(connection):
                for one in settled:
                    if one is not None:
                        insert_call(connection, one.row)
                done += len(some)
                write_meta(connection, mark, str(done))
            for one in settled:
                _settle(found, one)
    return found


@dataclass(frozen=True, slots=True)
class _Settled:
    row: CallRow
    miss: Miss | None


def _settle(found: Imported, settled: _Settled | None) -> None:
    if settled is None:
        found.unknown += 1
        return
    found.cost += settled.row.cost or 0.0
    if settled.miss is None:
        found.answered += 1
    else:
        miss, key = settled.miss, settled.row.key
        found.failed[key] = CallFailure(key, miss.kind, miss.what, miss.remedy, miss.status)
        if miss.retry:
            found.again.add(key)


def _check(output: Path) -> None:
    with output.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                is_good = not line.strip() or isinstance(json.loads(line)["custom_id"], str)
            except (ValueError, TypeError, KeyError):
                is_good = False
            if not is_good:
                fix = "Is it still being written or copied? Wait for that, and run this again."
                problem = Problem(Location(str(output), number), "no line of a batch's answers", fix)
                raise InputError("the answers of the batch cannot be read", (problem,))


def _row(asked: Sequence[Asked], line: Mapping[str, Any]) -> _Settled | None:
    """None if the line answers no question of ours."""
    key = str(line["custom_id"])
    one = next((one for one in asked if key in one.calls), None)
    if one is None:
        return None
    call, settings = one.calls[key], one.settings
    result = _result(settings, call, line)
    usage = result.usage or Usage(0, 0, exact=False)
    # What was not worked on is not paid; what is no price is no cost.
    full = cost_of(settings, usage) if result.usage is not None else None
    cost = None if full is None else full * (1 - settings.batch_discount)
    failure = None
    if isinstance(result, Miss):
        said = {"kind": result.kind.value, "what": result.what, "remedy": result.remedy, "status": result.status}
        failure = json.dumps(said, ensure_ascii=False)
    row = CallRow(
        key=key, stage=one.job.stage, role=one.job.role.value, model=one.job.model, base_url=one.job.base_url,
        sample=call.request.sample, item=call.request.item, at=utc_now(), state="failed" if failure else "answered",
        attempts=1, seconds=0.0, prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens,
        cached_tokens=usage.cached_tokens, exact_tokens=usage.exact,
        cost=cost, currency=None if cost is None else settings.currency,
        finish_reason=None if isinstance(result, Miss) else result.finish_reason, failure=failure,
        answer=None if isinstance(result, Miss) else result.text, request=call.body, response=result.raw or None,
    )  # fmt: skip
    return _Settled(row, result if isinstance(result, Miss) else None)


def _result(settings: RoleSettings, call: BatchedCall, line: Mapping[str, Any]) -> Reply | Miss:
    """OpenAI has a failed line's error in the body of its response; vLLM, and both for what was not worked on, in `error`."""
    response, error = line.get("response"), line.get("error")
    if not isinstance(response, Mapping):
        return _not_done(error)
    status, body = response.get("status_code") or 200, response.get("body")
    if body is None and error is not None:
        status, body = 500 if status == 200 else status, {"error": error}
    raw = json.dumps(body, ensure_ascii=False).encode()
    if status != 200:
        answer = httpx2.Response(status, content=raw, request=httpx2.Request("POST", "https://batch.invalid"))
        return from_exception(openai.APIStatusError("batch", response=answer, body=None), settings)
    reply = read_reply(settings, call.request, raw, "application/json")
    return reply if isinstance(reply, Reply) else from_no_reply(reply, httpx2.Headers())


def _not_done(error: Any) -> Miss:
    told = error if isinstance(error, Mapping) else {"message": error}
    code, message = str(told.get("code") or ""), str(told.get("message") or "the batch gave no reason")
    return Miss(
        FailureKind.TIMEOUT if code == "batch_expired" else FailureKind.SERVER,
        f"the batch did not answer it ({code or 'no code'}): {message}",
        "Run it again: only what is missing is asked.",
        retry=code in _AGAIN,
    )
