"""Declarations: a GraphQL field says where it comes from (schema-first resolvers, as data instead of functions)."""
