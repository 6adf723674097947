"""Hypothesis without deadlines: a loaded machine is no defect, and no test asserts a time."""

from hypothesis import settings

settings.register_profile("settlement", deadline=None)
settings.load_profile("settlement")
