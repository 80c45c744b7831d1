#!/usr/bin/env bash
# Measures waitboard beside what else could serve the same, with many widgets, and with many streams; prints tables. Loopback only, about
# eight minutes.
#
#   bench/run.sh                  five rounds
#   bench/run.sh --rounds 9       more of them
#   bench/run.sh --only servers   one part: servers, scale or streams
#
# The server has one core and the load the other, so the machine needs two and should have nothing else to do.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for package in wrk nginx caddy; do command -v $package >/dev/null || missing+=("${package/nginx/nginx-light}"); done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null
fi
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
go build -o "$programs" . ./bench/bare
go build -o "$programs/linked" -tags linked ./bench/bare
go build -o "$programs/bench" ./bench
taskset -c 1 "$programs/bench" --programs "$programs" "$@"
