"""The five lessons, each data and one pure function."""
