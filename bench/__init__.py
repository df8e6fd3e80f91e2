"""测量 Measurements against peers and at size, run by hand: ``make bench`` or ``python -m bench.NAME``."""
