"""What is allowed: pure functions over plain values. No database, no clock of their own; the time is an argument."""
