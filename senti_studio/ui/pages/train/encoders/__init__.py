"""The encoder that a BERT begins with: the shelf on the Train page, and what can be done about it."""
