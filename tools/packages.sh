#!/bin/sh
# Installs the Debian packages that are missing: as root with apt-get, else says which they are.
#   tools/packages.sh python3-venv     that package
#   tools/packages.sh                  what the tests need
set -eu

missing=${1:-}
need() { # package, command that succeeds when it is there
    sh -c "$2" >/dev/null 2>&1 || missing="$missing $1"
}
if [ $# -eq 0 ]; then
    need redis-server 'command -v redis-server'
    need postgresql 'command -v initdb || ls /usr/lib/postgresql/*/bin/initdb'
    need chromium 'command -v chromium'
    need fonts-noto-cjk 'ls /usr/share/fonts/opentype/noto/NotoSansCJK*'
    need tesseract-ocr-eng 'ls /usr/share/tesseract-ocr/*/tessdata/eng.traineddata'
    need tesseract-ocr-chi-sim 'ls /usr/share/tesseract-ocr/*/tessdata/chi_sim.traineddata'
    need nginx 'command -v nginx || test -x /usr/sbin/nginx'
    need systemd 'command -v systemd-analyze'
    need curl 'command -v curl'
    need gettext 'command -v xgettext && command -v msgmerge'
fi
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Please install these packages (named as in Debian):$missing" >&2
    exit 1
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
log=$(mktemp)
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install --yes --no-install-recommends $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
rm "$log"
