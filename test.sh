#!/usr/bin/env bash
# Runs every check of the project. It installs what the checks need and this machine lacks.
#
#   ./test.sh              everything, as CI does
#   ./test.sh --quick      no race detector, no linter, nothing that takes a minute by itself: while you work
#   ./test.sh --fuzz 60s   everything, and each fuzzer for that long
#   ./test.sh --soak 2h    everything, with faults, reloads and crowds for that long instead of two minutes
set -euo pipefail
cd "$(dirname "$0")"

quick= fuzz= soak=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=1 ;;
    --fuzz) fuzz=${2:?--fuzz needs a time, such as 60s}; shift ;;
    --soak) soak=${2:?--soak needs a time, such as 2h}; shift ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift
done

step() { printf '\n== %s\n' "$*"; }

# need COMMAND PACKAGE... installs the Debian packages that a missing command is in. It fails where that can't be done.
need() {
  command -v "$1" >/dev/null && return
  step "installing ${*:2}"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${@:2}"; } >/dev/null
}

# Go itself is the one tool that has to be there; the linter is built from its pinned version in tools/go.mod.
command -v go >/dev/null || { echo "test.sh: install Go first: https://go.dev/doc/install" >&2; exit 1; }

if [ -n "$quick" ]; then
  step "go vet"
  go vet ./...
  step "go test"
  go test -short ./...
  exit
fi

need cc gcc libc6-dev # for the race detector

step "go vet"
go vet ./...

step "go mod tidy leaves no difference"
go mod tidy -diff
(cd tools && go mod tidy -diff)

step "golangci-lint"
go tool -modfile=tools/go.mod golangci-lint run ./...

step "generated files are current"
made=(docs handlers/openapi.json web/src web/dist web/npm)
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
tar cf - "${made[@]}" | tar xf - -C "$before"
go generate ./...
for path in "${made[@]}"; do
  diff -r "$before/$path" "$path" || { echo "test.sh: go generate changed these files; commit them" >&2; exit 1; }
done

if { need node nodejs && need npm npm; } || [ "${CI:-}" = true ]; then
  step "npm ci"
  # The lock file has what is installed. It says nothing of where from: that is the business of whoever runs this.
  [ tools/node/node_modules/.package-lock.json -nt tools/node/package-lock.json ] ||
    npm ci --prefix tools/node --ignore-scripts --no-audit --no-fund --loglevel=error

  step "redocly lint"
  REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
    tools/node/node_modules/.bin/redocly lint --config tools/node/redocly.yaml handlers/openapi.json

  step "tsc"
  tools/node/node_modules/.bin/tsc -p web
else
  step "SKIPPED: redocly, tsc, axe, and tests of the npm package. They need Node.js, which is not here and could not be installed; CI runs them"
fi

# The browser tests look for it themselves: they fail without it where CI is true, and are skipped, loudly, elsewhere.
need chromium chromium fonts-liberation || step "SKIPPED: what needs a browser. Chromium is not here and could not be installed"
{ need firefox-esr firefox-esr || command -v firefox >/dev/null; } || step "SKIPPED: what is tried in Firefox, which is not here and could not be installed"
{ need WebKitWebDriver webkit2gtk-driver && need Xvfb xvfb; } || step "SKIPPED: what is tried in WebKit, which is not here or has no screen, and could not be installed"

step "go test -race"
go test -race -timeout 20m $(go list ./... | grep -v /browser$)

step "go test -race ./browser" # by itself: it waits for a browser that needs the machine
go test -race -timeout 10m ./browser

if [ -n "$soak" ]; then
  step "soaking for $soak"
  WAITBOARD_SOAK=$soak go test -count=1 -timeout 0 -run '^TestSoak$' -v ./app
fi

if [ -n "$fuzz" ]; then
  for package in $(go list ./...); do
    for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
      step "$name in $package for $fuzz"
      go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzz" -fuzzminimizetime 5s "$package"
    done
  done
fi

step "all passed"
