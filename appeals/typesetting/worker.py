"""The process that typesets one document: JSON in, PDF out. It knows nothing of Django."""

import json
import resource
import sys
from pathlib import Path

import typst

CPU_SECONDS = 60
MEMORY_BYTES = 4 * 2**30
FOLDER = Path(__file__).parent


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    asked = json.load(sys.stdin)
    pdf = typst.compile(
        FOLDER / asked["template"],
        root=FOLDER,
        sys_inputs={"data": json.dumps(asked["data"])},
        timestamp=asked["at"],
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
