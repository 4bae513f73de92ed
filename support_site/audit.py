"""Known faults (CVEs and the like) of the locked packages, asked of OSV. What cannot be asked is said, and fails nothing."""

import re
import sys
from pathlib import Path

import requests

OSV = "https://api.osv.dev/v1/querybatch"
PAGE = "https://osv.dev/vulnerability/"
WAIT_S = 10
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", re.MULTILINE)


def main(lock: str) -> int:
    packages = sorted(set(LOCKED.findall(Path(lock).read_text())))
    try:
        faults = known_faults(packages)
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        print(
            f"NOT LOOKED UP: {OSV} gave no answer ({type(error).__name__}). Whether the packages have known faults is not known."
        )
        return 0
    for name, found in faults.items():
        print(f"{name}: {', '.join(PAGE + one for one in found)}")
    print(
        f"{len(packages)} packages looked up, {f'{len(faults)} with known faults' if faults else 'no known faults'}."
    )
    return 1 if faults else 0


def known_faults(packages: list[tuple[str, str]]) -> dict[str, list[str]]:
    """By package. Raises what the call raises, and what an answer of another shape does."""
    asked = [
        {"package": {"ecosystem": "PyPI", "name": name}, "version": version} for name, version in packages
    ]
    answer = requests.post(OSV, json={"queries": asked}, timeout=WAIT_S)
    answer.raise_for_status()
    told = answer.json()["results"]
    if len(told) != len(asked):
        raise ValueError("Another number of answers than of questions.")
    return {
        f"{name} {version}": [fault["id"] for fault in one["vulns"]]
        for (name, version), one in zip(packages, told, strict=True)
        if one.get("vulns")
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
