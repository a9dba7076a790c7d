"""From a start command to every process it runs, through scripts and wrappers."""
