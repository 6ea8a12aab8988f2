"""What wakes the engine. It only wakes; the database decides."""
