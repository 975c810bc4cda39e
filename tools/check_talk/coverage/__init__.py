"""What no conversation test reaches: rules, stories, branches of forms, texts.

A rule is reached when a test goes through its steps one after another; a story when a test goes
through its steps in order, with other turns between them. A branch of a form is its beginning, each
of its questions, a question answered in between, leaving it, its end. A text is reached when a
test names it as a step, when a test's form asks it, or when a test of the actions or of the serving
process looked its words up to say them (tests/heard.py notes that). Of a text with own words for a
messenger, those words must have been looked up for that messenger.
"""
