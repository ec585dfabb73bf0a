"""How real the simulated recordings are: four experiments, each beside real recordings."""
