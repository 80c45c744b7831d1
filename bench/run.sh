#!/usr/bin/env bash
# Measures waitboard next to other servers, with many widgets, as several replicas, with history, with many streams, and its estimates in simulated call
# centers; prints tables. Loopback only, about 40 minutes, most of them for history.
#
#   bench/run.sh                  five rounds
#   bench/run.sh --rounds 9       more rounds
#   bench/run.sh --only servers   one part: servers, scale, cluster, history, streams or estimate
#
# The server has one core and the load the other, so the machine needs two. Ratios are of pairs of the same round, as median (quartiles). A
# ratio whose quartiles are more than 15 % apart is not printed: "too noisy" means that the machine had other work. Processor time is steadier.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
if [[ "$*" != *estimate* ]]; then
  for package in wrk nginx caddy; do command -v $package >/dev/null || missing+=("${package/nginx/nginx-light}"); done
  command -v valkey-server >/dev/null || command -v redis-server >/dev/null || missing+=(redis-server)
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  { apt-get -o DPkg::Lock::Timeout=300 update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null
fi
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
go build -o "$programs" . ./bench/bare
go build -o "$programs/bench" ./bench
taskset -c 1 "$programs/bench" --programs "$programs" "$@"
