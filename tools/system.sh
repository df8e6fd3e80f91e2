#!/usr/bin/env bash
# Finds what cannot come from PyPI: a CJK font; for tests also PostgreSQL and Chromium. Installs it as root on
# Debian or Ubuntu, else says exactly what to install.
set -euo pipefail
purpose=${1:-run}
missing=()
has_font() { command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh family | grep -qi 'Noto Sans CJK\|Source Han Sans\|WenQuanYi'; }
has_font || missing+=(fonts-noto-cjk fontconfig)
if [ "$purpose" = test ]; then
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing+=(postgresql)
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing+=(chromium)
fi
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "安装系统软件包：${missing[*]}（约 170 MB，只装一次）…"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  exit 0
fi
echo "缺少系统软件包：${missing[*]}。Debian/Ubuntu 请执行：sudo apt-get install ${missing[*]}" >&2
if [ "$purpose" = test ]; then exit 1; fi
echo "没有中文字体时网页照常，报告的图表会给出提示而不能生成。" >&2
