"""ASE's side of ase.test.ts: dynamics and relaxations of a structure over SocketIOCalculator, every configuration as JSON on standard output.

Usage: move_atoms.py STRUCTURE (unix NAME | port NUMBER)
"""
import json
import sys

import numpy as np
from ase import units
from ase.calculators.socketio import SocketIOCalculator
from ase.constraints import UnitCellFilter
from ase.io import read
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS

path, kind, where = sys.argv[1:]
start = read(path)


def record(atoms, frames):
    frames.append({
        "positions": atoms.positions.ravel().tolist(), "cell": atoms.cell[:].ravel().tolist(), "velocities": (atoms.get_velocities() * units.fs).ravel().tolist(),
        "energy": atoms.get_potential_energy(), "forces": atoms.get_forces().ravel().tolist(), "stress": atoms.get_stress(voigt=False).ravel().tolist(),
    })


out = {"dynamics": [], "relaxation": [], "cell_relaxation": []}
with SocketIOCalculator(timeout=20, **({"unixsocket": where} if kind == "unix" else {"port": int(where)})) as calculator:
    atoms = start.copy()
    atoms.calc = calculator
    k = np.arange(3 * len(atoms)).reshape(-1, 3)
    velocities = 0.01 * np.sin(5.0 * k)
    atoms.set_velocities((velocities - velocities.mean(axis=0)) / units.fs)
    dynamics = VelocityVerlet(atoms, timestep=1 * units.fs)
    dynamics.attach(record, 1, atoms, out["dynamics"])
    dynamics.run(20)

    atoms = start.copy()
    atoms.calc = calculator
    relaxation = BFGS(atoms, logfile=None)
    relaxation.attach(record, 1, atoms, out["relaxation"])
    out["relaxed"] = bool(relaxation.run(fmax=0.01, steps=100))

    atoms = start.copy()
    atoms.set_cell(atoms.cell[:] @ np.array([[1.03, 0.02, 0], [0, 0.98, 0.01], [0, 0, 1.01]]), scale_atoms=True)
    atoms.calc = calculator
    relaxation = BFGS(UnitCellFilter(atoms), logfile=None)
    relaxation.attach(record, 1, atoms, out["cell_relaxation"])
    out["cell_relaxed"] = bool(relaxation.run(fmax=0.02, steps=100))
json.dump(out, sys.stdout)
