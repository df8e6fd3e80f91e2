"""周报各章 Sections of the weekly report: one module each, in the order of ①–⑨, each a function of the ledger."""
