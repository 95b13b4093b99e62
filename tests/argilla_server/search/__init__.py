"""What the Argilla server asks of its search engine, answered from memory.

Argilla needs an OpenSearch or Elasticsearch beside it, which no package registry carries. This package answers the calls of
`argilla_server/search_engine/opensearch.py` (2.8.0) and nothing else: no vectors, no relevance, no persistence. What it
does not know it refuses with status 400, so that a missing piece is seen and not guessed.
"""
