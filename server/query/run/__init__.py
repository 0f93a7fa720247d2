"""The executor: plan → rows → answer, as bytes or through graphql-core; shared answers."""
