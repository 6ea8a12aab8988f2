"""Running pathways with a moved clock: scenarios that administrators write, and forecasts."""
