"""The settings: each module builds one kind of place from a spec."""
