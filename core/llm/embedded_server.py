"""The child process of `core.llm.embedded`: llama.cpp's server on a loopback port of its own choice.

    python -m core.llm.embedded_server MODEL ALIAS SLOTS CONTEXT THREADS

Prints `{"base_url": …}` when it listens, and ends when its standard input does: that is a pipe of its parent's, which the
kernel closes however the parent ends. Imports nothing of Workbench, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import select
import sys
import threading


def main(model: str, alias: str, slots: int, context: int, threads: int) -> None:
    """`context`: tokens of each of the `slots` that answer at the same time."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    from xllamacpp import CommonParams, Server  # type: ignore[import-untyped, import-not-found, unused-ignore]

    parameters = CommonParams()
    parameters.model.path = model
    parameters.model_alias = {alias}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    # Any page in a browser of this machine could read the answers otherwise.
    parameters.cors_origins = "http://127.0.0.1"
    parameters.ui = False
    parameters.use_jinja = True
    parameters.n_parallel = slots
    parameters.n_ctx = slots * context
    parameters.fit_params = False  # is for the memory of graphics cards
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.cache_ram_mib = 512  # of prompts that share a beginning; 8 GB unless told
    parameters.verbosity = 2  # warnings and errors: at 3 every answer has six lines
    try:
        server = Server(parameters)
    except RuntimeError:  # it has said why, on standard error
        sys.exit(1)
    print(json.dumps({"base_url": f"{server.listening_address}/v1"}), flush=True)
    threading.Event().wait()


def _end_with_parent(parent: int) -> None:
    """Watches the pipe, and the parent too: a process that the parent forked may hold the pipe open."""
    while os.getppid() == parent:
        if select.select([0], [], [], 1.0)[0] and not os.read(0, 4096):
            break
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
