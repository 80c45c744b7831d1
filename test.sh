#!/usr/bin/env bash
# Runs every check of the project. It installs what the checks need and this machine lacks.
#
#   ./test.sh              everything, as CI does
#   ./test.sh --quick      no race detector, no linter: while you work
#   ./test.sh --fuzz 60s   everything, and each fuzzer for that long
set -euo pipefail
cd "$(dirname "$0")"

quick= fuzz=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=1 ;;
    --fuzz) fuzz=${2:?--fuzz needs a time, such as 60s}; shift ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift
done

step() { printf '\n== %s\n' "$*"; }

# Go itself is the one tool that has to be there; the linter is built from its pinned version in tools/go.mod.
command -v go >/dev/null || { echo "test.sh: install Go first: https://go.dev/doc/install" >&2; exit 1; }
if [ -z "$quick" ] && ! command -v cc >/dev/null; then # the race detector needs a C compiler
  step "installing gcc"
  { apt-get update -qq && apt-get install -y -qq gcc libc6-dev; } >/dev/null
fi

if ! command -v chromium >/dev/null; then # the tests of package browser need it; without it they are skipped
  step "installing chromium"
  { apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core fonts-noto-cjk; } >/dev/null || echo "test.sh: no Chromium, so nothing is tried in a browser" >&2
fi

if [ -n "$quick" ]; then
  step "go vet"
  go vet ./...
  step "go test"
  go test ./...
  exit
fi

step "go vet"
go vet ./...

step "go mod tidy leaves no difference"
go mod tidy -diff
(cd tools && go mod tidy -diff)

step "golangci-lint"
go tool -modfile=tools/go.mod golangci-lint run ./...

step "generated files are current"
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
cp -R docs web/dist "$generated"
go generate ./...
diff -r "$generated/docs" docs && diff -r "$generated/dist" web/dist || { echo "test.sh: go generate changed these files; commit them" >&2; exit 1; }

step "go test -race"
go test -race -timeout 10m ./...

if [ -n "$fuzz" ]; then
  for package in $(go list ./...); do
    for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
      step "$name in $package for $fuzz"
      go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzz" -fuzzminimizetime 5s "$package"
    done
  done
fi

step "all passed"
