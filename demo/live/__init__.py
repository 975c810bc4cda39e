"""`make talk`: what a designer saves is live in the open chat; mistakes are told on the page."""
