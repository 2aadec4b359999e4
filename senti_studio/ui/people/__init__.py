"""What a window offers to several people who label one project."""
