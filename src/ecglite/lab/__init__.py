"""The maker's path: databases come in, a small, quantised, proven model leaves. Needs the `lab` extra."""
