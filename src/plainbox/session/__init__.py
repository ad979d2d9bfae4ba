"""A session: a journal of events, the state that folds from it, and the folder it lives in."""
