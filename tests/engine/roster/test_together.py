"""OR-Tools and highspy carry HiGHS both, and have to live in one process (docs/adr/0008)."""
import subprocess
import sys

import pytest


@pytest.mark.parametrize("order", [
    ("highspy", "ortools.sat.python.cp_model"), ("ortools.sat.python.cp_model", "highspy"),
])  # fmt: skip
def test_both_solve_in_one_process(order):
    code = f"""
import importlib
for name in {order!r}:
    importlib.import_module(name)
import highspy
from ortools.sat.python import cp_model
lp = highspy.Highs()
lp.setOptionValue("output_flag", False)
lp.addVar(2, 3)
lp.run()
model = cp_model.CpModel()
model.add(model.new_bool_var("x") == 1)
print(lp.getModelStatus() == highspy.HighsModelStatus.kOptimal, cp_model.CpSolver().solve(model) == cp_model.OPTIMAL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "True"], done.stderr
