"""Fuzzing: grammars that write nearly valid text, targets that read any text, and runners that bring the two together."""
