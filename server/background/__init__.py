"""The loops that run beside the requests, each started and stopped by installation.py."""
