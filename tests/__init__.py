"""The tests mirror the packages; they enter by the doors production uses."""
