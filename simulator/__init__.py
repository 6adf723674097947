"""A made-up world in the landing format of SPEC 2: people, merchants, purchases, refunds, faults.

Same spec, same bytes. Memory grows with members, merchants and the rows of one file, never with days.
"""

from simulator.simulator import simulate
from simulator.spec import WorldSpec, WorldSummary

__all__ = ["WorldSpec", "WorldSummary", "simulate"]
