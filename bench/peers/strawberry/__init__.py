"""Plain Strawberry and Tortoise on the same tables: a peer to measure against, never part of the product."""
