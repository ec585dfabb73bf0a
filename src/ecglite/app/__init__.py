"""The phone app on a computer: its page is built once, with simulated examples, and served to this machine alone."""
