#!/usr/bin/env bash
# Collects the texts of every room into its own locale folder (needs Debian's package gettext), then names what is untranslated.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
rooms=(log people workflow places units closures calls patrol cordon whatif beats roster brigades effects analysis replay wall linked watch sites matters exchange norms volunteers events channels mediation quality public phone drill alarms)
SHOUWANG_DATA=$(mktemp -d); export SHOUWANG_DATA; trap 'rm -rf "$SHOUWANG_DATA"' EXIT
collect() {
  mkdir -p locale
  for domain in django djangojs; do
    "$root/.venv/bin/django-admin" makemessages -v0 -d $domain -l zh_Hans --no-location -i 'static/vendor/*' "$@"
  done
}
cd "$root/src/shouwang/desk"
skip=(); for room in "${rooms[@]}"; do skip+=(-i "$room/*"); done
collect "${skip[@]}"
for room in "${rooms[@]}"; do (cd "$room" && collect); done
cd "$root" && .venv/bin/python tools/messages.py
