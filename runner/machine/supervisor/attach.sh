# Attach: ID OFFSET. Bytes from OFFSET on stdout as they come, then `end …`. Meanwhile words are taken from stdin.

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

# Whether a status was recorded whole; it is in `status` then.
recorded() {
  status=''
  [[ -e $1/status ]] && read -r status <"$1/status"
  [[ $status == *' .' ]]
}

say_end() {
  local status
  if recorded "$1"; then
    say end "$status"
  else
    say end interrupted "$(stat -c %s "$1/out")"
  fi
}

resize() {
  local leader
  [[ -s $dir/stage ]] && read -r leader <"$dir/stage" && stty -F "/proc/$leader/fd/0" columns "$1" rows "$2" 2>/dev/null
}

# Stop: ID SIGNAL. The supervisor does it; where it is gone, this process does.
serve_stop() {
  local dir="$root/jobs/$1" id=$1 status
  [[ -d $dir ]] || { say missing; return; }
  if alive "$dir"; then
    echo "$2" 1<>"$dir/ctl"
  elif ! recorded "$dir"; then
    signal_job "$2"
  fi
  say stopped
}
