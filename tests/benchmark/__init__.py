"""How fast bansou is, measured beside a floor that writes the same rows without it."""
