"""What a person sees in a terminal while plainbox works."""
