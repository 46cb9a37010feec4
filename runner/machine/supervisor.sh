#!/bin/bash
# The supervisor: the part of the runner that lives on a machine (and, the same file, on the workstation).
#
# It starts a step under a terminal of its own, so that the step outlives the connection and the runner, and keeps
# what happened in files until they are collected. It needs bash, coreutils, util-linux, grep and findutils:
# what every Debian has.
#
#   bash supervisor.sh serve ROOT WORK UNITS   one request of the runner, read from stdin (see `serve`)
#   bash supervisor.sh supervise DIR           runs the job in DIR; started by `serve_start`, detached
#   bash supervisor.sh stage DIR               inside the terminal: prepares it, runs the script
#   bash supervisor.sh reap MARK DIR SIGNAL    signals everything that carries a job's marks
#
# ROOT holds `jobs/ID/`, one directory a job, mode 0700:
#
#   job      boot id, limit (ms), window, working directory     script   the text, as `bash -euo pipefail script`
#   session  PATH, HOME and the like of the login               env      exports for the script (may hold secrets)
#   out      what the terminal showed: raw bytes, no more       timing   "seconds bytes" for each piece of it
#   in       FIFO, read by the terminal                         ctl      FIFO, read by the supervisor
#   alive    FIFO that the supervisor holds open: end of file on it means that the supervisor is gone
#   pid      of the supervisor      stage   of the session leader in the terminal      unit   systemd's, if any
#   status   "exited|timeout|stopped STATUS MILLISECONDS BYTES SHA256": written last, flushed, then renamed
#
# No `status` and no supervisor: the machine was restarted under the job (or somebody killed the supervisor).
#
# When the script has ended, the step has ended: that is its status and duration. Processes that it left behind in
# its session keep the terminal for LINGER ms more at most (so that a `tee` can write its last line); then the
# terminal is hung up, as when its window is closed. What ignores that (nohup, setsid) goes on living.

umask 077
self=${BASH_SOURCE[0]}
readonly LINGER=2000  # ms that what is left behind may keep the terminal
readonly PATIENCE=5000 # ms between SIGTERM and SIGKILL at the time limit
readonly SILENCE=90    # s without a word from the runner after which a channel ends (it sends one each 20 s)

# --- Talking to the runner: words on stderr, marked; the bytes of a step on stdout.

say() { printf '\001kfs %s\n' "$*" >&2; }

boot_id() { read -r REPLY </proc/sys/kernel/random/boot_id; }

# Milliseconds since boot: a clock that no step can set.
clock() {
  read -r REPLY _ </proc/uptime
  REPLY=$((10#${REPLY/./} * 10))
}

# One request, then the end. The request and its data come on stdin, so that nothing shows in a process list.
serve() {
  root=$1 work=$2 units=$3
  mkdir -p "$root/jobs" "$root/new" 2>/dev/null
  printf '\001kfs\n' # what a login script may have printed ends here
  say ready
  read -r -t 3600 verb words || exit 0
  # shellcheck disable=SC2086 # the words of a request are file-name safe
  case $verb in
    facts | start | attach | talk | stop | jobs | forget | timing | capture) "serve_$verb" $words ;;
    lock) serve_lock "$words" ;;
    *) say failed "unknown request $verb" ;;
  esac
  exit 0
}

serve_facts() {
  local machine=
  [[ -r /etc/machine-id ]] && read -r machine </etc/machine-id
  boot_id
  say facts "$REPLY" "$(id -un)" "${HOSTNAME:-localhost}" "$machine"
}

# --- Start: ID LIMIT COLUMNS ROWS ENVBYTES SCRIPTBYTES, then that many bytes of each, then a line `go`.

serve_start() {
  local id=$1 dir="$root/new/$1.$$.$RANDOM" go=
  mkdir "$dir" || { say failed "cannot write in $root"; return; }
  if ! { head -c "$5" >"$dir/env" && head -c "$6" >"$dir/script" && read -r go && [[ $go == go ]]; }; then
    rm -rf "$dir" # the link broke, or the disk is full: nothing runs
    say failed "the step did not arrive whole"
    return
  fi
  if [[ ! -d $root/jobs/$id ]]; then
    describe "$@"
    launch "$dir" "$id"
  fi
  [[ -d $dir ]] && rm -rf "$dir"
  if [[ -d $root/jobs/$id ]]; then
    read -r boot _ <"$root/jobs/$id/job"
    say started "$boot"
    serve_attach "$id" 0
  else
    say failed "the supervisor did not start"
  fi
}

describe() {
  boot_id
  printf '%s %s %s %s %s\n' "$REPLY" "$2" "$3" "$4" "$work" >"$dir/job"
  local name
  for name in PATH HOME USER LOGNAME SHELL LANG LC_ALL; do
    [[ -v $name ]] && printf 'export %s=%q\n' "$name" "${!name}"
  done >"$dir/session"
  : >"$dir/out"
  mkfifo "$dir/in" "$dir/ctl" "$dir/alive" "$dir/ready"
}

# Detached, in the surest way there is: a systemd unit (then its cgroup tells what belongs to the step), by way of
# root where that needs no password, or by the user's own manager where it outlives the login (lingering);
# without systemd, a session of its own.
launch() {
  local dir=$1 unit="kfs-$2" word='' run=(bash "$self" supervise "$1" "$2")
  local properties=(--quiet --collect --no-ask-password --unit="$unit" --service-type=exec
    -p KillMode=process -p OOMPolicy=continue -p StandardOutput=null -p StandardError=null)
  exec 6<>"$dir/ready"
  if [[ -d /run/systemd/system && $units != none ]]; then
    printf '%s\n' "$unit" >"$dir/unit"
    launch_unit </dev/null >/dev/null 2>&1 6>&- && read -r -t 15 -u 6 word
  fi
  if [[ -z $word && -d $dir ]]; then
    rm -f "$dir/unit"
    setsid "${run[@]}" </dev/null >/dev/null 2>&1 6>&- &
    read -r -t 15 -u 6 word
  fi
  exec 6>&-
}

launch_unit() {
  local as=(--uid="$(id -u)" --gid="$(id -g)")
  if [[ $units == system ]]; then
    if ((UID == 0)); then
      systemd-run "${properties[@]}" "${run[@]}" && return
    else
      sudo -n systemd-run "${properties[@]}" "${as[@]}" "${run[@]}" && return
    fi
  fi
  [[ -e /var/lib/systemd/linger/$(id -un) ]] || return
  export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$UID}
  systemd-run --user "${properties[@]}" "${run[@]}"
}

# --- The supervisor itself. One loop, woken by a word on `ctl` or by the clock.

supervise() {
  local dir=$1 id=$2 root=${1%/new/*} word rest how='' status='' phase=run
  read -r _ limit _ _ work <"$dir/job"
  exec 9<>"$dir/alive" 6<>"$dir/ready" 7<>"$dir/ctl"
  echo $$ >"$dir/pid"
  # The rename is the claim: of two starts of one job, one wins.
  if ! mv -T "$dir" "$root/jobs/$id" 2>/dev/null; then
    echo taken >&6
    exit
  fi
  dir=$root/jobs/$id
  sync "$dir"/{job,script,session,env} "$dir" "$root/jobs"
  trap 'sync "$dir/out" "$dir/timing"; exit 0' TERM # the machine goes down: leave no status
  cd "$work" || cd /
  clock
  local began=$REPLY ended='' deadline=$((REPLY + limit))
  in_terminal 9>&- 6>&- &
  echo ready >&6
  exec 6>&-
  while :; do
    clock
    if ((REPLY >= deadline)); then
      overdue
      continue
    fi
    printf -v word '%d.%03d' $(((deadline - REPLY) / 1000)) $(((deadline - REPLY) % 1000))
    read -r -t "$word" -u 7 word rest || continue
    case $word in
      main) status=$rest phase=left && clock && ended=$REPLY deadline=$((REPLY + LINGER + 500)) ;;
      gone) status=${status:-$rest} && break ;;
      TERM | KILL)
        [[ $phase == run ]] && how=stopped && phase=stopping
        ((REPLY - began > 1000)) || settle
        signal_all "$word"
        ;;
    esac
  done
  clock
  record "${how:-exited}" "$status" $((${ended:-$REPLY} - began))
}

# The step's terminal: script(1) copies it to `out`, and `in` to it.
in_terminal() {
  SHELL=/bin/bash KFS_SUPERVISOR=$self KFS_SPOOL=$dir script --quiet --return --echo always \
    --log-out /dev/null --log-timing "$dir/timing" --command 'exec bash "$KFS_SUPERVISOR" stage "$KFS_SPOOL"' \
    <>"$dir/in" >"$dir/out" 2>"$dir/err" 7>&- &
  echo $! >"$dir/terminal"
  wait $!
  echo "gone $?" >&7
}

# A stop that comes with the start: lets the script begin, so that the signal finds it.
settle() {
  local tries
  for tries in {1..100}; do
    [[ -s $dir/stage ]] && ((tries > 5)) && break
    read -r -t 0.02 _ <>"$dir/ready"
  done
}

# The clock says that something has to happen.
overdue() {
  case $phase in
    run)
      how=timeout phase=stopping
      signal_all TERM
      deadline=$((REPLY + PATIENCE))
      ;;
    stopping)
      signal_all KILL
      deadline=$((REPLY + PATIENCE))
      ;;
    left)
      phase=hangup
      kill -TERM "$(<"$dir/terminal")"
      deadline=$((REPLY + PATIENCE))
      ;;
    hangup)
      kill -KILL "$(<"$dir/terminal")"
      deadline=$((REPLY + PATIENCE))
      ;;
  esac
}

record() {
  local sum
  [[ $2 == "" || -e $dir/stage ]] || cat "$dir/err" >>"$dir/out" # no terminal to be had: say why
  sum=$(sha256sum <"$dir/out")
  printf '%s %s %s %s %s\n' "$1" "$2" "$3" "$(stat -c %s "$dir/out")" "${sum%% *}" >"$dir/status.new"
  sync "$dir/status.new" "$dir/out" "$dir/timing"
  mv -T "$dir/status.new" "$dir/status"
  sync "$dir"
}

# --- Inside the terminal, as the leader of its session.

stage_job() {
  trap : INT QUIT TERM HUP # those are for the script; the leader stays to tell how it ended
  dir=$KFS_SPOOL
  echo $$ >"$dir/stage"
  read -r _ _ columns rows work <"$dir/job"
  stty columns "$columns" rows "$rows"
  unset KFS_SUPERVISOR KFS_SPOOL
  export TERM=xterm-256color KFS_JOB=${dir##*/}
}

stage_ended() {
  exec 7<>"$dir/ctl"
  echo "main $1" >&7
  local began last
  clock
  began=$REPLY
  while left_behind; do
    clock
    ((REPLY - began > LINGER)) && break
    read -r -t 0.02 _ <>"$dir/ready" # nobody writes there any more: a short sleep
  done
  exit "$1"
}

# Whether another process of this session lives. Process ids grow, so only later ones are looked at.
left_behind() {
  local last line pid candidates=(/proc/[0-9]*)
  read -r _ _ _ _ last </proc/loadavg
  for pid in "${candidates[@]##*/}"; do
    ((pid != $$ && (pid > $$ || last < $$))) || continue
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- ${line##*) }
    [[ $4 == "$$" && $1 != Z ]] && return 0
  done
  return 1
}

# --- Attach: ID OFFSET. Bytes from OFFSET on stdout as they come; then `end …`. Meanwhile words are taken from stdin.

serve_attach() {
  local dir="$root/jobs/$1" waiter follower
  [[ -d $dir ]] || { say missing; return; }
  watch "$dir"
  { read -r -u 5; say_end "$dir"; } </dev/null >/dev/null &
  waiter=$!
  tail -c +$(($2 + 1)) -f -s 0.05 --pid="$waiter" "$dir/out" </dev/null 2>/dev/null 5<&- &
  follower=$!
  exec 5<&-
  listen
  kill "$waiter" "$follower" 2>/dev/null
}

# Talk: ID. Only the words.
serve_talk() {
  local dir="$root/jobs/$1"
  [[ -d $dir ]] || { say missing; return; }
  say talking
  listen
}

listen() {
  local word rest
  while read -r -t "$SILENCE" word rest; do
    case $word in
      input) type_in "$rest" ;;
      size) resize "${rest% *}" "${rest#* }" ;;
    esac
  done
}

# Opens fd 5 on `alive` such that reading it blocks while the supervisor lives. Opening a FIFO both ways never blocks.
watch() { exec 8<>"$1/alive" 5<"$1/alive" 8>&-; }

alive() {
  watch "$1"
  ! read -r -t 0 -u 5
}

say_end() {
  local line
  if [[ -e $1/status ]]; then
    read -r line <"$1/status"
    say end "$line"
  else
    say end interrupted "$(stat -c %s "$1/out")"
  fi
}

# Bytes arrive as \0ooo escapes, so that any byte fits in a line.
type_in() {
  [[ -p $dir/in ]] || return
  exec 8<>"$dir/in" 3>"$dir/in" 8>&-
  [[ -e $dir/status ]] || printf '%b' "$1" >&3
  exec 3>&-
}

resize() { stty -F "/proc/$(<"$dir/stage")/fd/0" columns "$1" rows "$2" 2>/dev/null; }

# --- Stop: ID SIGNAL. The supervisor does it; where it is gone, this process does.

serve_stop() {
  local dir="$root/jobs/$1" id=$1
  [[ -d $dir ]] || { say missing; return; }
  if alive "$dir"; then
    echo "$2" 1<>"$dir/ctl"
  elif [[ ! -e $dir/status ]]; then
    signal_all "$2"
  fi
  say stopped
}

# What root runs can only be signalled by root; where sudo wants a password, the terminal can still do it: its
# interrupt key and its hang-up come from the kernel.
signal_all() {
  if ((UID != 0)) && sudo -n true 2>/dev/null; then
    sudo -n bash "$self" reap "$id" "$dir" "$1"
  else
    reap "$id" "$dir" "$1"
  fi && return
  if [[ $1 == KILL && -e $dir/terminal ]]; then
    kill -TERM "$(<"$dir/terminal")" 2>/dev/null
  else
    type_in '\03'
  fi
}

# Signals every process of a job; fails if one of them could not be signalled.
reap() {
  local mark=$1 dir=$2 signal=$3 pid refused=0
  for _ in {1..20}; do
    refused=0
    members "$mark" "$dir"
    ((${#found[@]})) || break
    for pid in "${!found[@]}"; do
      kill -s "$signal" "$pid" 2>/dev/null || { [[ -e /proc/$pid ]] && refused=1; }
    done
    if [[ $signal != KILL ]]; then
      kill -s CONT "${!found[@]}" 2>/dev/null
      break
    fi
    ((refused)) && break
    sleep 0.02
  done
  return $refused
}

# Sets `found`: by the mark in the environment, the session or the terminal, or the unit's cgroup; and all
# descendants of those. Never the supervisor's own processes.
members() {
  local mark=$1 dir=$2 pid line leader='' supervisor='' tty='' grown=1
  local -A parent=() session=()
  found=()
  [[ -e $dir/stage ]] && leader=$(<"$dir/stage")
  [[ -e $dir/pid ]] && supervisor=$(<"$dir/pid")
  for pid in /proc/[0-9]*; do
    pid=${pid##*/}
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- ${line##*) }
    [[ $1 == Z ]] && continue
    parent[$pid]=$2 session[$pid]=$4
    [[ $pid == "$leader" ]] && tty=$5
    [[ -n $leader && $4 == "$leader" ]] && found[pid]=1
    [[ -n $tty && $tty != 0 && $5 == "$tty" ]] && found[pid]=1
  done
  while IFS=/ read -r _ _ pid _; do
    found[pid]=1
  done < <(grep -lzxFs "KFS_JOB=$mark" /proc/[0-9]*/environ)
  in_unit "$dir" "$supervisor"
  while ((grown)); do
    grown=0
    for pid in "${!parent[@]}"; do
      [[ -z ${found[pid]} && -n ${found[${parent[$pid]}]} ]] && found[pid]=1 grown=1
    done
  done
  for pid in "${!found[@]}"; do
    case $pid in "$leader" | "$supervisor" | "$$") unset "found[$pid]" && continue ;; esac
    [[ -z ${session[$pid]} || ${session[$pid]} == "$supervisor" ]] && unset "found[$pid]"
  done
}

in_unit() {
  local group pid
  [[ -e $1/unit && -r /proc/$2/cgroup ]] || return
  while IFS=: read -r _ _ group; do
    [[ $group == */"$(<"$1/unit").service" ]] || continue
    while read -r pid; do found[pid]=1; done < <(find "/sys/fs/cgroup$group" -name cgroup.procs -exec cat {} +)
  done <"/proc/$2/cgroup"
}

# --- What is kept here.

serve_jobs() {
  local dir boot
  find "$root/new" -mindepth 1 -maxdepth 1 -mmin +60 -exec rm -rf {} +
  for dir in "$root"/jobs/*/; do
    dir=${dir%/}
    [[ -e $dir/job ]] || continue
    read -r boot _ <"$dir/job"
    if alive "$dir"; then
      say job next "${dir##*/}" "$boot" running
    else
      say job next "${dir##*/}" "$boot" ended
      say_end "$dir"
    fi
  done
  say job none
}

serve_forget() {
  if [[ ! -d $root/jobs/$1 ]]; then
    say finished
  elif alive "$root/jobs/$1"; then
    say failed "job $1 still runs"
  else
    rm -rf "${root:?}/jobs/$1" && say finished
  fi
}

serve_timing() {
  cat "$root/jobs/$1/timing" 2>/dev/null
  say finished
}

# --- The lock: held as long as its holder's channel lives and speaks. OWNER is one line of text.

serve_lock() {
  exec 9>>"$root/lock"
  if flock -n 9; then
    printf '%s\n' "$1" >"$root/lock"
    say locked
    while read -r -t "$SILENCE" _; do :; done
    : >"$root/lock"
  else
    sleep 0.05 # the holder may be about to write its name
    say held "$(<"$root/lock")"
  fi
}

# --- Capture: MARK SECONDS ENVBYTES SCRIPTBYTES, then the bytes, then `go`. No terminal; the last 64 KiB of output.
# The channel bounds it: when the limit passes, or the runner closes it or goes away, everything it started is killed.

serve_capture() {
  local id=$1 dir="$root/new/$1" go='' runner
  mkdir "$dir" || { say failed "cannot write in $root"; return; }
  if head -c "$3" >"$dir/env" && head -c "$4" >"$dir/script" && read -r go && [[ $go == go ]]; then
    capture_run &
    runner=$!
    read -r -t "$2" go
    (($? > 128)) && say timeout
    [[ $go == 'enough' ]] || capture_end
    wait "$runner"
  else
    say failed "the script did not arrive whole"
  fi
  rm -rf "$dir"
}

capture_run() {
  {
    (
      cd "$work" || exit 1
      # shellcheck source=/dev/null
      . "$dir/env"
      KFS_JOB=$id exec setsid --wait bash -euo pipefail "$dir/script" </dev/null 2>&1
    )
    say status $?
  } | tail -c 65536 >"$dir/output"
  say printed "$(stat -c %s "$dir/output")"
  cat "$dir/output"
}

capture_end() {
  signal_all TERM
  for _ in {1..10}; do
    members "$id" "$dir"
    ((${#found[@]})) || return
    sleep 0.05
  done
  signal_all KILL
}

case $1 in
  serve) serve "$2" "$3" "$4" ;;
  supervise) supervise "$2" "$3" ;;
  reap) reap "$2" "$3" "$4" ;;
  stage)
    # Not in a function: what the session and the plan declare must be exported for the script.
    stage_job
    # shellcheck source=/dev/null
    . "$dir/session" && . "$dir/env"
    bash -euo pipefail "$dir/script"
    stage_ended $?
    ;;
esac
exit
