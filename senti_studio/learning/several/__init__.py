"""A training over several processes of one machine, one for each graphics card (docs/adr/0008)."""
