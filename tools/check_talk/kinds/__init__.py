"""The kinds of problems, one small module each.

Every module has `check(project, code)`, which yields what it finds. The shape of the files comes
first: a project whose files have the wrong shape is not looked at any further.
"""
