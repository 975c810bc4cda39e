"""Everything a conversation designer can break, found and told in Russian: `make check-talk`."""
