"""`python -m benchmarks [NAME …]`."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Run the modules named, or every one that has a `run`."""
    known = sorted(each.name for each in pkgutil.iter_modules(benchmarks.__path__) if each.name != "__main__")
    unknown = set(sys.argv[1:]) - set(known)
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in sys.argv[1:] or known:
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "run"):
            print(f"== {name}", flush=True)
            module.run()


if __name__ == "__main__":
    main()
