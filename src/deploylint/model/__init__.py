"""What the files state, as Values: the only thing a rule ever sees."""
