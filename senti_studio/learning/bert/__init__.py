"""BERT: encoders of transformers with a new head; the library is imported by runs that need it."""
