# Sourced by ./run and ./test: finds Python 3.11 or newer, makes .venv from a lock file, once per lock, and compiles what
# changed: a centre is five processes, and each would compile all of it for itself.
# Usage: make_environment LOCK   (in the project's folder)

find_python() {
  for name in "${SHOUWANG_PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
    "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { command -v "$name"; return; }
  done
  echo "shouwang: needs Python 3.11, found $(python3 --version 2>&1 || echo none); install Python 3.11 or set SHOUWANG_PYTHON to one" >&2
  return 1
}

make_environment() {
  _make_environment "$1" || return
  .venv/bin/python -m compileall -q -j 0 src || true  # a folder that cannot be written to costs time, nothing else
}

_make_environment() {
  lock=$1 stamp=.venv/.made-from-$(basename "$1")
  wanted=$(cat "$lock" pyproject.toml | sha256sum | cut -c1-64)
  [ -x .venv/bin/shouwang ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
  python=$(find_python) || return 2
  echo "Making the environment in .venv (once; $(grep -c '==' "$lock") packages) …" >&2
  if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    "$python" -m venv .venv 2>.venv-error || {
      echo "shouwang: could not make .venv: $(tail -1 .venv-error); on Debian install python3-venv, and check the disk" >&2
      rm -f .venv-error; return 2; }
    rm -f .venv-error
  fi
  .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r "$lock" |
    grep --line-buffered -E '^(Collecting|Installing|Successfully)' | cut -c1-100 >&2
  [ "${PIPESTATUS[0]}" = 0 ] || { echo "shouwang: packages could not be installed; check the network and the disk, then run again" >&2; return 2; }
  # The package itself is put on the path as it lies here: nothing to build, and an edit counts at once.
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  echo "$PWD/src" > "$site/shouwang.pth"
  printf '#!%s\nfrom shouwang.shell.main import main\n\nmain()\n' "$PWD/.venv/bin/python" > .venv/bin/shouwang
  chmod +x .venv/bin/shouwang
  echo "$wanted" > "$stamp"
}
