"""Messages as lines in files, for whatever a town hall already has that can read a folder."""
