"""Office time: spans, office calendars, due instants, fiscal years and Japanese eras. Pure values."""
