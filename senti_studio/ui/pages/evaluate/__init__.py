"""The Evaluate page: how good a model is, and on which comments it is wrong."""
