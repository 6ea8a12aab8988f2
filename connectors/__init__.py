"""Doors between the engine and what a town hall already uses: one folder for each."""
