"""A made-up platform, server, rule and output format, each in one file, which know deploylint as any other package would."""
