"""Pictures of the conversation for its designers: `make map`."""
