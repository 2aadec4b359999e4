"""Classify page: new files in, classified CSV out."""
