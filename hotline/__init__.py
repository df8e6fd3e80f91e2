"""热线 Hotline: the 12345 half, from a complaint's intake to its archive."""
