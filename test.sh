#!/usr/bin/env bash
# Runs the checks of the project. Every check runs, even after a failure. A table at the end shows the results.
#
#   ./test.sh              before each push: vet, linter, generated files, all Go tests with the race detector, OpenAPI, types, Chromium
#   ./test.sh --quick      while you work: vet and the short Go tests; needs only Go
#   ./test.sh --full       what CI runs: also long tests, nginx, Varnish, Caddy, WordPress, Prometheus, Firefox, WebKit, and a one-minute soak
#
# In addition to a level:
#
#   --soak 2h              faults, reloads and crowds for that long
#   --fuzz 60s             each fuzzer for that long
#
# As root with apt-get it installs missing tools. Otherwise it skips their checks and shows how to install them. It never asks for a password.
# With CI=true a skipped check is a failure. Exit code 0: nothing failed. 1: a check failed. 2: wrong arguments.

# This also runs in bash 3.2, which macOS has: no associative arrays, no mapfile, and no expansion of an empty array.
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

# Go is the only required tool. The linter is built from its pinned version in tools/go.mod.
command -v go >/dev/null || { echo "test.sh: install Go first: https://go.dev/doc/install" >&2; exit 1; }

logs=$(mktemp -d "${TMPDIR:-/tmp}/waitboard-test.XXXXXX") || exit 1
passed=0 failed=0 skipped=0 table='' failures=''

# record RESULT SECONDS CHECK NOTE adds a line to the table.
record() {
  local line
  printf -v line '%-7s  %5s  %s%s\n' "$1" "$2" "$3" "${4:+: $4}"
  table=$table$line
}

# run CHECK COMMAND... runs one check, shows its output, and saves it for the summary.
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

# skip CHECK WHY records a check that can't run. In CI it is a failure, because CI has every tool.
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

# summary ends the script. It prints the failed tests, the end of each failed check's output, the table, and the counts as the last line.
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
  record FAILED "${SECONDS}s" interrupted "total time"
  summary
}
trap interrupted INT TERM

updated=''

# install PACKAGE... installs Debian packages if that needs no password.
install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  printf '\n== installing %s\n' "$*"
  {
    [ -n "$updated" ] || DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq
    updated=1
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"
  } </dev/null >>"$logs/installing.log" 2>&1 || { tail -n 5 "$logs/installing.log"; return 1; }
}

# have COMMAND... checks that all commands exist.
have() {
  local name
  for name; do command -v "$name" >/dev/null || return 1; done
}

# need "PACKAGE..." ELSEWHERE COMMAND... checks for commands, and installs their packages. If it can't, it sets why to what is missing.
need() {
  local packages=$1 elsewhere=$2
  shift 2
  have "$@" && return
  # shellcheck disable=SC2086 # one word for each package
  install $packages && have "$@" && return
  why="needs $*: apt-get install $packages, or $elsewhere"
  return 1
}

# tidy checks that the go.mod files of the program and its tools are complete.
tidy() { go mod tidy -diff && (cd tools && go mod tidy -diff) && (cd tools/release && go mod tidy -diff); }

made=(docs handlers/openapi.json web/src web/dist web/npm)

# generated generates all files again. If nothing differs, it restores the files with their times, so that Go's test cache stays valid.
generated() {
  local before=$logs/before path differ=''
  mkdir "$before" && tar cf - "${made[@]}" | tar xf - -C "$before" && go generate ./... || return 1
  for path in "${made[@]}"; do diff -r "$before/$path" "$path" || differ=1; done
  [ -z "$differ" ] || { echo "go generate changed these files; commit them"; return 1; }
  tar cf - -C "$before" "${made[@]}" | tar xpf -
}

# modules installs the packages of the lock file, unless they are installed. npm's configuration decides the registry.
modules() {
  [ tools/node/node_modules/.package-lock.json -nt tools/node/package-lock.json ] ||
    npm ci --prefix tools/node --ignore-scripts --no-audit --no-fund --loglevel=error
}

redocly() {
  REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
    tools/node/node_modules/.bin/redocly lint --config tools/node/redocly.yaml handlers/openapi.json
}

# tests runs the tests of all packages but browser and neighbors, without the soak.
tests() {
  local packages
  packages=$(go list ./...) || return 1
  packages=$(grep -v -e '/browser$' -e '/neighbors$' <<<"$packages") || return 1
  # shellcheck disable=SC2086 # one word for each package
  go test -vet=off -timeout 20m -skip '^TestSoak$' "$@" $packages
}

# in_browser runs tests of package browser, alone, because a browser needs the whole machine.
in_browser() {
  # shellcheck disable=SC2086 # no word, or one
  go test -vet=off $race -timeout 20m "$@" ./browser
}

# engine NAME runs the tests in another browser. It fails unless at least one has passed: skipped tests don't count.
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

# fuzzers runs each fuzzer as a separate check.
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

# The race detector needs a C compiler, except on macOS. Without one the tests run without the detector.
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

# rules checks the example configuration of Prometheus, and its alerts by their own tests.
rules() (
  cd deploy/prometheus && promtool check config --syntax-only prometheus.yaml && promtool check rules alerts.yaml && promtool test rules alerts_test.yaml
)

chromium_checks() {
  # The tests accept any of these; only chromium has a package in Debian.
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

# neighbors tests with the software that stands next to the service. Each missing program is a check that its tests skip.
neighbors() {
  need "nginx-light" "brew install nginx" nginx || skip nginx "$why"
  need "varnish" "brew install varnish" varnishd || skip Varnish "$why"
  need "caddy" "brew install caddy" caddy || skip Caddy "$why"
  if ! have mariadbd php || [ ! -e /usr/share/wordpress/wp-load.php ]; then
    # WordPress's package depends on a web server; with nginx it takes that one.
    install nginx-light php-cli php-mysql mariadb-server-core wordpress wordpress-theme-twentytwentythree ||
      skip WordPress "needs Debian's: apt-get install php-cli php-mysql mariadb-server-core wordpress wordpress-theme-twentytwentythree"
  fi
  run neighbors go test -vet=off -timeout 20m ./neighbors
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
  # The linter reads the spelling of Go files only.
  run spelling go tool -modfile=tools/go.mod misspell -locale US -error README.md CHANGELOG.md CONTRIBUTING.md docs deploy examples web/npm/README.md
  run "workflow (actionlint)" go tool -modfile=tools/release/go.mod actionlint .github/workflows/release.yaml
  node_checks
  # Tests of several replicas run a real engine; without one they are skipped.
  have valkey-server || need redis-server "brew install valkey" redis-server || skip "several replicas" "$why"
  # Tests of alerts run promtool, and those of neighbors Prometheus; Debian has both in one package.
  if need prometheus "brew install prometheus" promtool; then run "Prometheus (promtool)" rules; else skip "Prometheus (promtool)" "$why"; fi
  # A test installs the Debian package, and checks its unit.
  [ "$level" != full ] || need "systemd adduser" "run it on Debian" systemd-analyze adduser || skip "Debian package" "$why"
  # shellcheck disable=SC2086 # no word, or one
  run "Go tests${race:+ with the race detector}" tests $race
  chromium_checks
fi
if [ "$level" = full ]; then
  neighbors
  other_browsers
  # shellcheck disable=SC2086 # no word, or one
  run "soak for 1m" soaking 1m $race
fi
[ -z "$soak" ] || run "soak for $soak" soaking "$soak"
[ -z "$fuzz" ] || fuzzers
summary
