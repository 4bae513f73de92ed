"""Looks up known vulnerabilities of the locked packages at OSV. If OSV cannot be reached, it says so and does not fail."""

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
        vulnerable = known_vulnerabilities(packages)
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        print(
            f"NOT CHECKED: {OSV} did not answer ({type(error).__name__}). The packages may have known vulnerabilities."
        )
        return 0
    for name, found in vulnerable.items():
        print(f"{name}: {', '.join(PAGE + one for one in found)}")
    count = len(vulnerable) or "none"
    print(f"{len(packages)} packages checked, {count} with known vulnerabilities.")
    return 1 if vulnerable else 0


def known_vulnerabilities(packages: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Vulnerability ids by package. Raises the errors of the request, and of an answer in an unexpected format."""
    asked = [
        {"package": {"ecosystem": "PyPI", "name": name}, "version": version} for name, version in packages
    ]
    answer = requests.post(OSV, json={"queries": asked}, timeout=WAIT_S)
    answer.raise_for_status()
    results = answer.json()["results"]
    if len(results) != len(asked):
        raise ValueError("The number of answers differs from the number of packages.")
    return {
        f"{name} {version}": [found["id"] for found in one["vulns"]]
        for (name, version), one in zip(packages, results, strict=True)
        if one.get("vulns")
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
