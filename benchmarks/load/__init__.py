"""Two thousand residents in ten minutes, with a rush that is more than the bot can do at once."""
