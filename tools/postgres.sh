#!/usr/bin/env bash
# A real PostgreSQL for tests: `tools/postgres.sh start DIR [its options]` prints its address, `tools/postgres.sh stop DIR` ends it.
set -eu
binaries() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
as_server() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

case ${1:-} in
  start)
    dir=$2
    if [ -z "$(binaries)" ]; then
      [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "postgres: not installed; install Debian's package postgresql" >&2; exit 3; }
      { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >&2
    fi
    bin=$(binaries)
    mkdir -p "$dir/socket"
    if [ "$(id -u)" = 0 ]; then chown -R postgres "$dir"; chmod 711 "$(dirname "$dir")"; fi
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    [ -d "$dir/db" ] || as_server "$bin/initdb" -D "$dir/db" -U shouwang -A trust -E UTF8 --locale=C >/dev/null
    as_server "$bin/pg_ctl" -D "$dir/db" -w -s -l "$dir/log" -o "-p $port -k $dir/socket -c listen_addresses=127.0.0.1 -c max_connections=200 ${*:3}" start >&2
    as_server "$bin/createdb" -h 127.0.0.1 -p "$port" -U shouwang shouwang 2>/dev/null || true
    echo "postgres://shouwang@127.0.0.1:$port/shouwang" ;;
  stop)
    as_server "$(binaries)/pg_ctl" -D "$2/db" -m fast -s stop || true ;;
  *) echo "usage: tools/postgres.sh start|stop DIR" >&2; exit 2 ;;
esac
