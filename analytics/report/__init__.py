"""周报 Weekly report: one object built from plain records, reconciled, and rendered in several forms."""
