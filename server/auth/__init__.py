"""Cryptography and protocols of signing in; knows no table."""
