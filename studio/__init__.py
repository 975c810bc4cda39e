"""The designers' page at /studio: what was not understood, conversations, where people leave."""
