"""The query engine: a selection becomes SQL, its rows become the answer. It knows no aggregate by name."""
