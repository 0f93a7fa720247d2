"""The servers that ours is measured beside, each with its own set-up."""
