"""Looking through labels that are likely wrong and through near-copies with different labels."""
