"""Running a session: what to do next, how to do it, and how to take it up again."""
