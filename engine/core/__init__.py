"""Pure values and functions: no SQL, no YAML, no clock, no randomness, no logging."""
