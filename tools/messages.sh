#!/usr/bin/env bash
# Collects the texts of every room into its own locale folder (needs Debian's package gettext), then names what is untranslated.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
rooms=(log people workflow places units calls patrol public phone drill)
collect() {
  mkdir -p locale
  for domain in django djangojs; do
    "$root/.venv/bin/django-admin" makemessages -v0 -d $domain -l zh_Hans --no-location --no-obsolete -i 'static/vendor/*' "$@"
  done
}
cd "$root/src/shouwang/desk"
skip=(); for room in "${rooms[@]}"; do skip+=(-i "$room/*"); done
collect "${skip[@]}"
for room in "${rooms[@]}"; do (cd "$room" && collect); done
cd "$root" && .venv/bin/python - <<'PY'
import pathlib, sys, polib
bad = [f"{p}: {e.msgid!r}" for p in pathlib.Path("src/shouwang/desk").glob("**/*.po")
       for e in polib.pofile(str(p)) if not e.translated()]
print("\n".join(bad) or "every text is translated")
sys.exit(bool(bad))
PY
