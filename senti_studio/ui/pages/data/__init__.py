"""The data page: every comment of the project in one table."""
