# What TestCommands runs before the commands of a page. ROOT is the root of a host's files, PROGRAM the program.
set -euo pipefail
service=''
trap '[ -z "$service" ] || kill -KILL "$service"' EXIT
trap 'exit 1' TERM

sudo() {
  [ "$1" != -u ] || shift 2
  "$@"
}

useradd() { [ "$1 ${*: -1}" = "--system waitboard" ]; }

# install leaves out the owner and the group, which only root may set.
install() {
  local arguments=()
  while [ $# -gt 0 ]; do
    case $1 in
    -g | -o) shift ;;
    *) arguments+=("$1") ;;
    esac
    shift
  done
  command install "${arguments[@]}"
}

curl() { command curl --silent --show-error --fail "$@"; echo; }

# A live backup may find a file that was just replaced.
tar() { command tar "$@" || [ $? = 1 ]; }

go() {
  [ "$*" = build ] || { echo "go $* is not known here"; return 1; }
  cp "$PROGRAM" ./waitboard
}

# url FOR prints where the service listens, once it does.
url() { sed -n "s/.* msg=listening for=$1 url=\([^ ]*\).*/\1/p" "$ROOT/log" | grep . ; }

# serve PROGRAM FILE starts the service, and waits until it is ready.
serve() {
  end TERM # a reader pressed Ctrl-C
  grep -q ^listen: "$2" || printf 'listen: 127.0.0.1:0\nadmin: localhost:0\n' >>"$2"
  : >"$ROOT/log"
  "$1" serve --config "$2" >"$ROOT/log" 2>&1 &
  service=$!
  until PUBLIC=$(url public) && ADMIN=$(url admin) && "$1" ready "$PUBLIC" >/dev/null 2>&1; do
    kill -0 "$service" || { cat "$ROOT/log"; return 1; }
    sleep 0.05
  done
}

# systemctl does what systemd does with deploy/waitboard.service.
systemctl() {
  case $* in
  daemon-reload) ;;
  "enable --now waitboard" | "start waitboard")
    mkdir -p -m 700 "$ROOT/var/lib/waitboard"
    serve "$ROOT/usr/bin/waitboard" "$ROOT/etc/waitboard/waitboard.yaml"
    ;;
  "stop waitboard") end TERM ;;
  "kill --signal SIGKILL waitboard") end KILL ;;
  "restart waitboard") systemctl stop waitboard && systemctl start waitboard ;;
  *) echo "systemctl $* is not known here"; return 1 ;;
  esac
}

# end SIGNAL ends the service, if it runs.
end() {
  [ -n "$service" ] || return 0
  kill "-$1" "$service"
  wait "$service" || [ "$1" = KILL ]
  service=''
}
