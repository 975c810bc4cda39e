"""A small utility's billing for demonstrations and tests; the product never imports it."""
