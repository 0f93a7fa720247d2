"""The outside: HTTP's rules, signing in, pages, health and limits."""
