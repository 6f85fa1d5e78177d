"""The Ledger: events in, changes out, and the counters between."""
