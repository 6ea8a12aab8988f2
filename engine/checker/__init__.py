"""What can be proved about a pathway before anybody depends on it; one module per group of findings."""
