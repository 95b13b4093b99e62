"""python -m tests.llm_server [--latency-ms 50] [--port 0] [--per-minute 0] [--text ANSWER]: prints its base URL and serves."""

from __future__ import annotations

import argparse
import asyncio
import json

from tests.llm_server.limits import RateLimit
from tests.llm_server.server import LlmServer
from tests.llm_server.wire import Reply, Seen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--per-minute", type=int, default=0, help="answer 429 to more requests than that; 0: no limit")
    parser.add_argument("--text", default="StartFlow(transfer_money)")
    given = parser.parse_args()
    bodies: set[int] = set()
    repeated = asked = 0

    def script(body: object) -> str:
        return given.text  # type: ignore[no-any-return]

    def route(seen: Seen) -> Reply | None:
        nonlocal repeated, asked
        if not seen.path.endswith("/counts"):
            asked += 1
            digest = hash(seen.raw)
            repeated += digest in bodies
            bodies.add(digest)
            return None
        refused = server.rate_limit.refused if server.rate_limit else 0
        counts = {"requests": asked, "refused": refused, "repeated": repeated, "most_in_flight": server.most_in_flight}
        return Reply(200, json.dumps(counts).encode(), {"connection": "close"})

    limit = RateLimit(given.per_minute) if given.per_minute else None
    server = LlmServer(script, latency=given.latency_ms / 1000, rate_limit=limit, route=route, remember=False)

    async def serve() -> None:
        listening = await server.start(given.port)
        print(server.base_url, flush=True)
        await listening.serve_forever()

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
