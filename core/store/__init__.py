"""The SQLite database of a project: migrations, connections, and one module per aggregate."""
