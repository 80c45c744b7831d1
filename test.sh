#!/usr/bin/env bash
# Runs the checks of the project. Every check runs, whatever fails before it; a table at the end shows the results.
#
#   ./test.sh              before each push: vet, linter, generated files, all Go tests with the race detector, OpenAPI, types, Chromium
#   ./test.sh --quick      while you work: vet and the short Go tests; needs only Go
#   ./test.sh --full       what CI runs: also long tests, Firefox, WebKit, and a one-minute soak
#
# In addition to a level:
#
#   --soak 2h              faults, reloads and crowds for that long
#   --fuzz 60s             each fuzzer for that long
#
# As root with apt-get it installs missing tools. Otherwise it skips what needs them and says how to get them; it never asks for a password.
# With CI=true a skipped check is a failure. Exit code 0: nothing failed. 1: a check failed. 2: wrong arguments.

# This runs in bash 3.2 as well, which macOS has: no associative arrays, no mapfile, and no expansion of an empty array.
# shellcheck disable=SC2317 # run calls functions by name
set -u
cd "$(dirname "$0")" || exit 1

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' test.sh; }

wrong() {
  printf 'test.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

# A duration for go test is a number with a unit, or several of them.
duration() {
  local form='^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$'
  [[ ${2-} =~ $form ]] || wrong "$1 needs a duration, such as 60s"
}

level=usual soak='' fuzz=''
while [ $# -gt 0 ]; do
  case $1 in
    --quick | --full)
      [ "$level" = usual ] || [ "$level" = "${1#--}" ] || wrong "--quick and --full exclude each other"
      level=${1#--}
      ;;
    --soak) duration "$@"; soak=$2; shift ;;
    --fuzz) duration "$@"; fuzz=$2; shift ;;
    --help | -h) usage; exit ;;
    *) wrong "unknown argument: $1" ;;
  esac
  shift
done

# Go is the one tool that has to be there. The linter is built from its pinned version in tools/go.mod.
command -v go >/dev/null || { echo "test.sh: install Go first: https://go.dev/doc/install" >&2; exit 1; }

logs=$(mktemp -d "${TMPDIR:-/tmp}/waitboard-test.XXXXXX") || exit 1
passed=0 failed=0 skipped=0 table='' failures=''

# record RESULT SECONDS CHECK NOTE adds a line to the table.
record() {
  local line
  printf -v line '%-7s  %5s  %s%s\n' "$1" "$2" "$3" "${4:+: $4}"
  table=$table$line
}

# run CHECK COMMAND... runs one check. Its output is shown, and kept in a file for the summary.
run() {
  local name=$1 began=$SECONDS status log
  log=$logs/${name//[^A-Za-z0-9.-]/_}.log
  shift
  printf '\n== %s\n' "$name"
  "$@" 2>&1 </dev/null | tee "$log"
  status=${PIPESTATUS[0]}
  if [ "$status" = 0 ]; then
    passed=$((passed + 1))
    record passed "$((SECONDS - began))s" "$name"
  else
    failed=$((failed + 1))
    record FAILED "$((SECONDS - began))s" "$name" "exit code $status, output in $log"
    failures=$failures$name$'\t'$log$'\n'
  fi
  return "$status"
}

# skip CHECK WHY records a check that can't run here. CI has every tool, so that is a failure there.
skip() {
  if [ "${CI:-}" = true ]; then
    failed=$((failed + 1))
    record FAILED - "$1" "$2; CI skips nothing"
  else
    skipped=$((skipped + 1))
    record skipped - "$1" "$2"
  fi
  printf '\n== %s: SKIPPED, %s\n' "$1" "$2"
}

# summary ends the script: the failed tests and the end of each failed check's output, the table, and the counts alone on the last line.
summary() {
  local name log
  while IFS=$'\t' read -r name log; do
    [ -n "$name" ] || continue
    printf '\n== FAILED: %s, the end of %s\n' "$name" "$log"
    grep -E -m 40 '^ *(--- )?FAIL.' "$log"
    grep -v -e '^ok  ' -e '\[no test files\]' "$log" | tail -n 40
  done <<<"$failures"
  printf '\n%-7s  %5s  %s\n%s\n%d passed, %d failed, %d skipped\n' result time check "$table" "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ] || exit 1
  rm -rf "$logs"
  exit 0
}

interrupted() {
  failed=$((failed + 1))
  record FAILED "${SECONDS}s" interrupted "after so long in all"
  summary
}
trap interrupted INT TERM

updated=''

# install PACKAGE... installs Debian packages where that needs no password.
install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  printf '\n== installing %s\n' "$*"
  {
    [ -n "$updated" ] || DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq
    updated=1
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"
  } </dev/null >>"$logs/installing.log" 2>&1 || { tail -n 5 "$logs/installing.log"; return 1; }
}

# have COMMAND... checks that all commands are here.
have() {
  local name
  for name; do command -v "$name" >/dev/null || return 1; done
}

# need "PACKAGE..." ELSEWHERE COMMAND... makes sure of commands, and installs the packages for them. If it can't, why says what is missing.
need() {
  local packages=$1 elsewhere=$2
  shift 2
  have "$@" && return
  # shellcheck disable=SC2086 # one word for each package
  install $packages && have "$@" && return
  why="needs $*: apt-get install $packages, or $elsewhere"
  return 1
}

# tidy checks that both go.mod files are complete.
tidy() { go mod tidy -diff && (cd tools && go mod tidy -diff); }

made=(docs handlers/openapi.json web/src web/dist web/npm)

# generated makes all generated files again. If nothing differs it puts the files back with their times, by which Go knows which tests to repeat.
generated() {
  local before=$logs/before path differ=''
  mkdir "$before" && tar cf - "${made[@]}" | tar xf - -C "$before" && go generate ./... || return 1
  for path in "${made[@]}"; do diff -r "$before/$path" "$path" || differ=1; done
  [ -z "$differ" ] || { echo "go generate changed these files; commit them"; return 1; }
  tar cf - -C "$before" "${made[@]}" | tar xpf -
}

# modules installs what the lock file lists, unless that is installed. Which registry it comes from is up to npm's configuration.
modules() {
  [ tools/node/node_modules/.package-lock.json -nt tools/node/package-lock.json ] ||
    npm ci --prefix tools/node --ignore-scripts --no-audit --no-fund --loglevel=error
}

redocly() {
  REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
    tools/node/node_modules/.bin/redocly lint --config tools/node/redocly.yaml handlers/openapi.json
}

# tests runs the tests of all packages but browser, and without the soak, which is a check of its own.
tests() {
  local packages
  packages=$(go list ./...) || return 1
  packages=$(grep -v '/browser$' <<<"$packages") || return 1
  # shellcheck disable=SC2086 # one word for each package
  go test -vet=off -timeout 20m -skip '^TestSoak$' "$@" $packages
}

# in_browser runs tests of package browser. They have the machine to themselves, since a browser needs it.
in_browser() {
  # shellcheck disable=SC2086 # no word, or one
  go test -vet=off $race -timeout 20m "$@" ./browser
}

# engine NAME runs the tests in another browser. It fails unless one of them has passed: a skipped test is not enough.
engine() {
  in_browser -v -run "^TestOtherEngines\$/^$1\$" | tee "$logs/engine.out"
  [ "${PIPESTATUS[0]}" = 0 ] && grep -q -e "--- PASS: .*/$1" "$logs/engine.out"
}

# soaking DURATION [-race] runs the soak.
soaking() {
  local span=$1
  shift
  WAITBOARD_FULL=1 WAITBOARD_SOAK=$span go test -vet=off -count=1 -timeout 0 -run '^TestSoak$' -v "$@" ./app
}

# fuzzers runs each fuzzer, as a check of its own.
fuzzers() {
  local package name names
  for package in $(go list ./...); do
    names=$(go test -vet=off -list '^Fuzz' "$package") || { run "fuzzers of $package" go vet "$package"; continue; }
    names=$(grep '^Fuzz' <<<"$names")
    for name in $names; do
      run "$name for $fuzz" go test -vet=off -run '^$' -fuzz "^$name\$" -fuzztime "$fuzz" -fuzzminimizetime 5s "$package"
    done
  done
}

# The race detector needs a C compiler, except on macOS. Without one the tests run, but not with it.
detector() {
  race=-race
  [ "$(uname)" != Darwin ] && [ "$(go env CGO_ENABLED)" != 1 ] || return 0
  install gcc libc6-dev && [ "$(go env CGO_ENABLED)" = 1 ] && return
  race=''
  skip "race detector" "needs a C compiler: apt-get install gcc libc6-dev"
}

node_checks() {
  why=''
  if need "nodejs npm" "brew install node" node npm; then run "npm ci" modules || why="npm ci failed"; fi
  if [ -n "$why" ]; then
    skip "OpenAPI (redocly)" "$why"
    skip "types (tsc)" "$why"
    skip "npm package" "$why"
    return
  fi
  run "OpenAPI (redocly)" redocly
  run "types (tsc)" tools/node/node_modules/.bin/tsc -p web
}

chromium_checks() {
  # The tests accept each of these; only the first has a package in Debian.
  if have chromium-browser || have google-chrome || need "chromium fonts-liberation" "brew install chromium" chromium; then
    run Chromium in_browser -skip '^TestOtherEngines$'
  else
    skip Chromium "$why"
  fi
}

other_browsers() {
  if have firefox || need firefox-esr "brew install firefox" firefox-esr; then
    run Firefox engine Firefox
  else
    skip Firefox "$why"
  fi
  if need "webkit2gtk-driver xvfb" "run it on Linux" WebKitWebDriver Xvfb; then
    run WebKit engine WebKit
  else
    skip WebKit "$why"
  fi
}

why='' race=''
unset WAITBOARD_FULL
[ "$level" != full ] || export WAITBOARD_FULL=1
run "go vet" go vet ./...
if [ "$level" = quick ]; then
  run "Go tests, short" tests -short
else
  detector
  run "go mod tidy" tidy
  run "generated files" generated
  run linter go tool -modfile=tools/go.mod golangci-lint run --allow-serial-runners ./...
  node_checks
  # shellcheck disable=SC2086 # no word, or one
  run "Go tests${race:+ with the race detector}" tests $race
  chromium_checks
fi
if [ "$level" = full ]; then
  other_browsers
  # shellcheck disable=SC2086 # no word, or one
  run "soak for 1m" soaking 1m $race
fi
[ -z "$soak" ] || run "soak for $soak" soaking "$soak"
[ -z "$fuzz" ] || fuzzers
summary
