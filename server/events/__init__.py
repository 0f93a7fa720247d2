"""The event log (a transactional outbox): appended inside the writing transaction, read in order by every process."""
