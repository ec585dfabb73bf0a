"""The data's path: a recording comes in as a file or an array and leaves as a rhythm. Needs numpy and LiteRT."""
