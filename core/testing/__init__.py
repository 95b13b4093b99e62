"""Running conversation tests against an assistant: expectations, sources of commands and custom actions, results."""
