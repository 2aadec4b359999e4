"""The Train page: choose a network, watch it learn, stop without losing anything."""
