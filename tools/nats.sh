#!/usr/bin/env bash
# A real NATS server for tests: `tools/nats.sh start DIR [PORT]` prints its address, `tools/nats.sh stop DIR` ends it;
# `tools/nats.sh install` sees that there is one.
set -eu
export PATH="$PATH:/usr/sbin"  # where Debian puts it
install() {
  command -v nats-server >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "nats: not installed; install Debian's package nats-server" >&2; exit 3; }
  { timeout 60 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 180 apt-get install -y -qq --no-install-recommends nats-server; } >&2 ||
    { echo "nats: Debian's package nats-server could not be installed" >&2; exit 3; }
}
case ${1:-} in
  install) install ;;
  start)
    install
    dir=$2
    mkdir -p "$dir"
    port=${3:-$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}
    nats-server --addr 127.0.0.1 --port "$port" --pid "$dir/pid" --log "$dir/log" >/dev/null 2>&1 &
    for _ in $(seq 600); do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "nats://127.0.0.1:$port"; exit 0; fi
      sleep 0.1
    done
    echo "nats: does not answer; see $dir/log" >&2
    exit 3 ;;
  stop) [ ! -f "$2/pid" ] || kill "$(cat "$2/pid")" 2>/dev/null || true ;;
  *) echo "usage: tools/nats.sh install | start DIR [PORT] | stop DIR" >&2; exit 2 ;;
esac
