# The supervisor itself: DIR ID UNITS. One loop, woken by a word on `ctl` or by the clock.
#
# When the script has ended, the step has ended: that is its status and duration. Processes that it left behind in
# its session may keep the terminal for LINGER ms more (so that a `tee` can write its last line); then the
# terminal is hung up, as when its window is closed. What ignores that (nohup, setsid) goes on living.

umask 077
dir=$1 id=$2 units=$3 root=${1%/new/*} here=${BASH_SOURCE[0]%/*}
readonly LINGER=2500   # ms that what is left behind may keep the terminal; stage.sh gives up a little earlier
readonly PATIENCE=5000 # ms between SIGTERM and SIGKILL at the time limit

# Milliseconds since boot, in `now`: a clock that no step can set.
clock() {
  read -r now _ </proc/uptime
  now=$((10#${now/./} * 10))
}

# The step's terminal: script(1) copies it to `out`, and `in` to it. Its stdout has the bytes without the header
# and footer that its log would have. A shell's background jobs ignore Ctrl-C, and systemd's services a broken pipe:
# the step shall not.
in_terminal() {
  SHELL=/bin/bash KFS_SUPERVISOR=$here KFS_SPOOL=$dir env --default-signal=INT,QUIT,PIPE script --quiet --return --echo always \
    --log-out /dev/null --log-timing "$dir/timing" --command '. "$KFS_SUPERVISOR/stage.sh"' \
    <>"$dir/in" >&3 2>"$dir/err" 3>&- 7>&- &
  echo $! >"$dir/terminal"
  wait $!
  echo "gone $?" >&7
}

signal_all() {
  # shellcheck source=/dev/null
  . "$here/reap.sh"
  signal_job "$1"
}

# A stop that comes with the start: lets the script begin, so that the signal finds it.
settle() {
  local tries
  for tries in {1..100}; do
    [[ -s $dir/stage ]] && ((tries > 5)) && break
    read -r -t 0.02 _ <>"$dir/ready" # nobody writes there any more: a short sleep
  done
}

# A word came.
heard() {
  case $1 in
    main)
      status=$2 phase=left ended=$now deadline=$((now + LINGER))
      digest # script waits 10 ms for more output: time enough, as a rule
      ;;
    gone) status=${status:-$2} phase=gone ;;
    TERM | KILL)
      [[ $phase == run ]] && how=stopped phase=stopping
      ((now - began > 1000)) || settle
      signal_all "$1"
      ;;
  esac
}

# The time has come: for the limit, for force, for the hang-up.
overdue() {
  deadline=$((now + PATIENCE))
  # A word that arrives as the clock strikes can be lost, half read. Then it is the process that tells.
  if [[ $phase != run ]] && ! kill -0 "$(<"$dir/terminal")" 2>/dev/null; then
    heard gone 137
    return
  fi
  case $phase in
    run) how=timeout phase=stopping && signal_all TERM ;;
    stopping) signal_all KILL ;;
    left) phase=hangup && kill -TERM "$(<"$dir/terminal")" ;;
    hangup) kill -KILL "$(<"$dir/terminal")" ;;
  esac
}

# Bytes of output, in `size`: how far the descriptor that script has from us has got.
measure() {
  read -r _ size <"/proc/$$/fdinfo/3"
}

# Begins to compute the digest of the output so far; it comes on 4.
digest() {
  measure
  digested=$size
  exec 4< <(exec sha256sum <"$dir/out" 9>&- 7>&- 3>&-)
}

# In one write. What the step has written is flushed first: a file that `install` has just made is empty for up to half
# a minute if the power goes, and a step that is said to have ended must have ended for good. (Not on the workstation,
# whose file system may have gigabytes of others waiting.) Whoever waits is woken at once (9 is closed); then our own
# files are flushed. If the power goes in between, the runner has been told the truth, or finds no status and says
# "interrupted", which errs on the safe side.
record() {
  local sum
  [[ $units != system || ! -e $dir/unit ]] || sync --file-system /
  [[ -e $dir/stage ]] || cat "$dir/err" >&3 # no terminal was to be had: say why
  measure
  ((digested == size)) || digest
  read -r sum _ <&4
  echo "${how:-exited} $status $((${ended:-$now} - began)) $size $sum ." >"$dir/status"
  exec 9>&-
  sync "$dir/out" "$dir/timing" "$dir/status" "$dir"
}

# Descriptors: 3 the output, 4 its digest, 6 ready, 7 ctl, 9 alive.
exec 9<>"$dir/alive" 6<>"$dir/ready" 7<>"$dir/ctl"
read -r _ limit _ _ work <"$dir/job"
echo $$ >"$dir/pid"
# The rename is the claim: of two starts of one job, one wins.
if ! mv -T "$dir" "$root/jobs/$id" 2>/dev/null; then
  echo taken >&6
  exit
fi
dir=$root/jobs/$id
trap 'sync "$dir/out" "$dir/timing"; exit 0' TERM # the machine goes down: leave no status
cd "$work" || cd /
how='' status='' ended='' digested=-1 phase=run
exec 3>"$dir/out"
clock
began=$now deadline=$((now + limit))
in_terminal 6>&- 9>&- &
echo ready >&6
exec 6>&-
sync "$dir"/{job,script,session,env,pid} "$dir" "$root/jobs" 3>&- 7>&- 9>&- &
while [[ $phase != gone ]]; do
  clock
  if ((now >= deadline)); then
    overdue
  else
    printf -v left '%d.%03d' $(((deadline - now) / 1000)) $(((deadline - now) % 1000))
    read -r -t "$left" -u 7 word rest && clock && heard "$word" "$rest"
  fi
done
record
