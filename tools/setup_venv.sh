#!/bin/sh
# setup_venv.sh FOLDER EXTRA [PYTHON]: an environment with NeuroCanvas in it, changed only as far as
# it has to be. One that works is kept; one that is broken (its Python is gone, or its making was cut
# short) is made anew. FOLDER/pyproject.installed, a copy of pyproject.toml, says what is installed.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/debian.sh

venv=$1
extra=$2
python=${3:-}
stamp=$venv/pyproject.installed

works() {
    "$venv/bin/python" -c \
        'import sys, pip; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# A folder that was moved or copied takes an environment along that still leads to the old one.
leads_here() {
    bin=$(cd "$venv/bin" && pwd -P)
    found=$(cd / && "$bin/python" -c \
        'from importlib.util import find_spec; print(find_spec("neurocanvas").origin)' 2>/dev/null)
    [ "$found" = "$(pwd -P)/neurocanvas/__init__.py" ] || return 1
    IFS= read -r first <"$bin/neurocanvas" || return 1
    [ "$first" = "#!/bin/sh" ] && return 0 # so it begins where the path is long
    folder=${first#"#!"}
    [ "$(cd "${folder%/*}" 2>/dev/null && pwd -P)" = "$bin" ]
}

can_make_venv() {
    # shellcheck disable=SC2086  # no word where none was named
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1
}

# Debian keeps what `python -m venv` needs in a package of its own; other makers of Python do not.
need_venv_module() {
    can_make_venv && return 0
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if on_debian; then
        install_packages "the venv module of Python" "python$version-venv" && can_make_venv
    else
        echo "Python $version at $(command -v "$python") has no venv module; install it," \
            "or name another: make PYTHON=/path/to/python3" >&2
        return 1
    fi
}

make_venv() {
    python=$(sh tools/find_python.sh ${python:+"$python"}) || return 1
    need_venv_module || return 1
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
}

install_into() {
    echo "Installing NeuroCanvas and what it needs into $venv (some minutes the first time)"
    quiet=--quiet
    [ -t 1 ] && quiet=
    # shellcheck disable=SC2086  # no word where it is empty
    "$venv/bin/python" -m pip install $quiet --disable-pip-version-check -e ".[$extra]" && return 0
    echo "Installing into $venv failed for the reason above; the same command tries again" >&2
    return 1
}

if ! works; then
    make_venv || exit 1
fi
if ! cmp -s pyproject.toml "$stamp" || ! leads_here; then
    rm -f "$stamp"
    # What was read at the start is what gets installed and noted, whatever is edited meanwhile.
    install_into || exit 1
    cp pyproject.toml "$stamp" || exit 1
fi
touch "$stamp"
