"""How busy the machine is: what a rule says in seconds is meant for one that does nothing else."""

import time

SPIN_S = 0.02  # of processor time


def slowed_down() -> float:
    """How many times longer than its processor time some work takes now: 1 on a machine that does nothing else."""
    began, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < SPIN_S:
        pass
    return max(1.0, (time.monotonic() - began) / SPIN_S)
