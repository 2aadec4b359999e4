"""The labelling page: one comment, one key."""
