"""Masked-language-model training: an encoder reads comments without labels and becomes one for their kind."""
