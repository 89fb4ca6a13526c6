"""Play one replication, by the compiled core where it knows the policy, else by the readable one."""

from __future__ import annotations

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.simulate import _core
from shouwang.engine.simulate.events import Run
from shouwang.engine.simulate.model import Calls, Model
from shouwang.engine.simulate.reference import Simulation


def play(model: Model, calls: Calls, *, compiled: bool | None = None, trace: bool = False) -> Run:
    """Play the calls through the model until the last one is done, or nothing more can happen.

    compiled: which core; by default the compiled one, unless the policy is an object of one's own. Both give
    the same run, and the same trace to the last bit. Raises `BadInput`.
    """
    model.check_calls(calls)
    known = model.policy.compilable
    if compiled and not known:
        remedy = "Leave out `compiled`: the readable core takes any object."
        raise BadInput([Fault("policy", "the compiled core does not know this policy", None, remedy)])
    if known and compiled is not False:
        return _core.play(model, calls, trace)
    return Simulation(model, calls).run()
