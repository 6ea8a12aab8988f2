"""The command `bansou`: everything that the engine does, for people at a terminal and for programs."""
