"""The log of what happened: appended inside the writing transaction, read once and in order by every process."""
