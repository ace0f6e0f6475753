#!/bin/sh
# find_python.sh [NAME...]: prints the command of a Python that NeuroCanvas runs on. Without names:
# python3 where it will do, otherwise the newest that will. Says in one line where there is none.
set -u

NEEDED='import sys; raise SystemExit(sys.version_info < (3, 11))'
[ $# -gt 0 ] || set -- python3 python3.14 python3.13 python3.12 python3.11 python

# A name on the PATH may be a shim without an interpreter behind it, so each one is run.
for name in "$@"; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$NEEDED" >/dev/null 2>&1; then
        echo "$name"
        exit 0
    fi
done
echo "NeuroCanvas needs Python 3.11 or newer and found none as $*;" \
    "name one: make PYTHON=/path/to/python3" >&2
exit 1
