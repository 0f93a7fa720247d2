"""Measures the server beside its peers: same PostgreSQL, same data, same rows left behind, one core each."""
