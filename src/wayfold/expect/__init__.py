"""What is expected of a session's records, and what is shown where they are otherwise.

Knows no log and no compositor: records come from whoever holds them, as `pattern.Recorded` says.
"""
