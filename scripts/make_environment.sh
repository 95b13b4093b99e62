#!/bin/sh
# Create a virtual environment and install this project into it, in editable form.
#   make_environment.sh FOLDER EXTRAS [PACKAGE]
# PACKAGE is installed without its dependencies: a model's file that comes as a package.
# Uses uv where it is found. Needs Python 3.11 or newer; on Debian and Ubuntu it installs python3-venv if it may.
set -eu
folder=$1
extras=$2
bare=${3:-}

find_python() {
    for name in "${WORKBENCH_PYTHON:-}" python3.13 python3.12 python3.11 python3.14 python3 python; do
        [ -n "$name" ] || continue
        command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

if ! python=$(find_python); then
    echo "Workbench needs Python 3.11 or newer and found none." >&2
    echo "Install one (Debian/Ubuntu: apt install python3; macOS: brew install python) or name it: WORKBENCH_PYTHON=/path/to/python make test" >&2
    exit 1
fi

if command -v uv >/dev/null 2>&1; then
    [ -x "$folder/bin/python" ] || uv venv --quiet --python "$python" "$folder"
    uv pip install --quiet --python "$folder/bin/python" --editable ".[$extras]"
    [ -z "$bare" ] || uv pip install --quiet --python "$folder/bin/python" --no-deps "$bare"
    exit 0
fi

if [ ! -x "$folder/bin/pip" ]; then
    rm -rf "$folder"
    if ! "$python" -m venv "$folder" 2>/dev/null; then
        # Debian and Ubuntu ship Python without ensurepip; python3-venv brings it.
        rm -rf "$folder"
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
            echo "Installing python$version-venv ..." >&2
            apt-get update -qq
            apt-get install -y -qq "python$version-venv" >/dev/null
        else
            echo "This Python cannot create virtual environments. Install python3-venv (sudo apt install python$version-venv) or uv, then run make again." >&2
            exit 1
        fi
        "$python" -m venv "$folder"
    fi
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
[ -z "$bare" ] || "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$bare"
