"""A real HTTP server on loopback that speaks the OpenAI API, with scripted answers and every fault a client may meet.

    with scripted_server(lambda body: "StartFlow(transfer)") as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="none")

`python -m tests.llm_server --latency-ms 50` runs one as a process of its own, for benches.
"""

from tests.llm_server import faults
from tests.llm_server.faults import Fault
from tests.llm_server.limits import RateLimit
from tests.llm_server.process import server_process
from tests.llm_server.server import LlmServer, scripted_server
from tests.llm_server.wire import Seen

__all__ = ["Fault", "LlmServer", "RateLimit", "Seen", "faults", "scripted_server", "server_process"]
