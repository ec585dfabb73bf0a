"""Builds and checks the Android package of the page, with the tools that Debian has."""
