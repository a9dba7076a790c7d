"""How a workload stops: the window, the way of the signal, and the timeline drawn of it."""
