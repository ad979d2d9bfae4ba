"""Programs for those who work on plainbox; nothing here is installed."""
