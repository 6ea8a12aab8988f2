"""What can happen to a case: commands, events, decide, fold."""
