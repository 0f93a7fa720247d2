"""The query compiler: document → plan → SQL statements."""
