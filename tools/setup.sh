#!/usr/bin/env bash
# Makes the virtual environment from the locked requirements. uv does it in seconds; pip is the fallback.
set -euo pipefail
python=$1 venv=$2 stamp=$3
if [ -z "$python" ]; then
  echo "需要 Python 3.11 或更新。Debian/Ubuntu：apt-get install python3 python3-venv" >&2
  exit 1
fi
exec 9>"${TMPDIR:-/tmp}/lexiang-setup-$(id -u).lock"
flock 9
[ -e "$stamp" ] && exit 0
echo "准备运行环境（首次约一两分钟）…"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" 2>"${TMPDIR:-/tmp}/lexiang-venv.$$"; then
    cat "${TMPDIR:-/tmp}/lexiang-venv.$$" >&2
    echo "建不了虚拟环境。Debian/Ubuntu：apt-get install python3-venv" >&2
    exit 1
  fi
fi
install_with_uv() {
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==0.13.9" &&
    "$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python" --require-hashes -r requirements-dev.txt
}
install_with_uv || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
rm -f "$venv"/.dev-*
touch "$stamp"
