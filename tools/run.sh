#!/usr/bin/env bash
# Serves the demo: an embedded database with twelve weeks of made-up history, on loopback only.
set -euo pipefail
port=$1
bin=$PWD/.venv/bin
export APP_ENV=demo
export INSTANCE_PATH=${INSTANCE_PATH:-$PWD/instance/demo}
unset DATABASE_URL
mkdir -p "$INSTANCE_PATH"
tools/system.sh run
if "$bin/python" - "$port" <<'P'
import socket, sys
with socket.socket() as s:
    sys.exit(s.connect_ex(("127.0.0.1", int(sys.argv[1]))) == 0)
P
then :; else echo "端口 $port 已被占用。换一个：make run PORT=8001" >&2; exit 1; fi
"$bin/flask" demo load --if-empty
"$bin/flask" jobs run >"$INSTANCE_PATH/jobs.log" 2>&1 &
jobs=$!
trap 'kill $jobs 2>/dev/null || true' EXIT
"$bin/flask" demo accounts --port "$port"
"$bin/gunicorn" 'wsgi:create_app()' --bind "127.0.0.1:$port" --worker-class gthread --workers 1 --threads 8 \
  --timeout 120 --error-logfile - --log-level warning
