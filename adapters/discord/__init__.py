"""Discord: documented JSON in, embeds and components out."""
