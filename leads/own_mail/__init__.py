"""Mail between one colleague and one person: written here, filed from the colleague's own program, and answered."""
