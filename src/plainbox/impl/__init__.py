"""Names that the old documentation promises; nothing is implemented here."""
