"""python -m tests.argilla_server.search [PORT]: prints its URL and serves until it is ended."""

from __future__ import annotations

import sys

from tests.argilla_server.search.server import SearchServer

if __name__ == "__main__":
    server = SearchServer(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(server.url, flush=True)
    server.serve_forever()
