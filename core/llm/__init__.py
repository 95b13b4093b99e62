"""Questions to language models: one asynchronous client for every OpenAI-compatible endpoint."""
