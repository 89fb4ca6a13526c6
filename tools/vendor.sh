#!/usr/bin/env bash
# Fetches the front-end libraries again at the versions named in static/vendor/VERSIONS ("name version licence" per line), from
# the npm registry by its own client, and keeps of each only the files that pages load, with the licence.
set -eu
vendor=$(cd "$(dirname "$0")/../src/shouwang/desk/static/vendor" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # NAME: its package, unpacked in $work/NAME
  local version
  version=$(awk -v name="$1" '$1 == name { print $2 }' "$vendor/VERSIONS")
  [ -n "$version" ] || { echo "vendor: no version of $1 in VERSIONS" >&2; exit 2; }
  mkdir "$work/$1"
  (cd "$work" && tar -xzf "$(npm pack --silent "$1@$version")" -C "$1" --strip-components=1)
  echo "$1 $version"
}

keep() { # NAME FOLDER FILE…: copies files of a package into a folder of vendor
  local name=$1 folder=$vendor/$2
  shift 2
  mkdir -p "$folder"
  for file in "$@"; do cp "$work/$name/$file" "$folder/"; done
}

fetch maplibre-gl
keep maplibre-gl maplibre dist/maplibre-gl.mjs dist/maplibre-gl-worker.mjs dist/maplibre-gl-shared.mjs dist/maplibre-gl.css
cp "$work/maplibre-gl/LICENSE.txt" "$vendor/maplibre/LICENSE"
fetch htmx.org
keep htmx.org htmx dist/htmx.min.js LICENSE
fetch echarts
keep echarts echarts LICENSE NOTICE
cp "$work/echarts/dist/echarts.esm.min.mjs" "$vendor/echarts/"
