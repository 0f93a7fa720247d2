"""Documents before they run: parsed, validated, limited and priced; an LRU cache of them, and persisted documents."""
