"""The labelling assistant: a linear model over character n-grams that learns along while somebody labels."""
