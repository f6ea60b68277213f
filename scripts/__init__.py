"""Tools for those who build: each a few lines around what the product knows anyway."""
