"""A messenger emulator: plays Viber and VK towards the bot, and two phones towards people."""
