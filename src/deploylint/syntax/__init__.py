"""Text in, tree with spans out. A parser knows no policy and imports nothing but `deploylint.text`."""
