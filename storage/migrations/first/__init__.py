"""The first schema, table by table. It is history: what changes after a release is a revision of its own."""
