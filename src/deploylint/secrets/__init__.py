"""What is a secret: one judge for the variables, arguments, keys and texts of every kind of file.

`judge` decides for a name with its value; `names`, `values`, `tokens` and `urls` hold the tables that it decides by. How severe
a secret is at its place is for the rules to say.

Facts: docs/facts/secrets.md#one-judge.
"""
