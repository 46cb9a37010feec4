# Start: ID LIMIT COLUMNS ROWS ENVBYTES SCRIPTBYTES, then that many bytes of each, then a line `go`.
# Answers `started BOOTID`, then goes on as `attach` from the first byte.

serve_start() {
  local id=$1 dir=$spool boot
  receive "$5" "$6" || return
  if [[ ! -d $root/jobs/$id ]]; then
    describe "$@"
    launch "$dir" "$id"
  fi
  if [[ -d $root/jobs/$id ]]; then
    read -r boot _ <"$root/jobs/$id/job"
    say started "$boot"
    serve_attach "$id" 0
  else
    say failed "the supervisor did not start"
  fi
}

# ENVBYTES SCRIPTBYTES. If the link breaks, or the disk is full, nothing runs.
receive() {
  local go=''
  head -c "$1" >"$spool/env" && head -c "$2" >"$spool/script" && read -r go && [[ $go == go ]] && return
  say failed "it did not arrive whole; is the disk full? ($root)"
  return 1
}

describe() {
  local name boot
  read -r boot </proc/sys/kernel/random/boot_id
  printf '%s %s %s %s %s\n' "$boot" "$2" "$3" "$4" "$work" >"$dir/job"
  for name in PATH HOME USER LOGNAME SHELL LANG LC_ALL; do
    [[ -v $name ]] && printf 'export %s=%q\n' "$name" "${!name}"
  done >"$dir/session"
  : >"$dir/out"
}

# Detached, in the surest way there is: a systemd unit (then its cgroup tells what belongs to the step), by way of
# root where that needs no password, or by the user's own manager where it outlives the login (lingering);
# without systemd, a session of its own. The supervisor answers on `ready`.
launch() {
  local dir=$1 word='' run=(bash "$here/supervise.sh" "$1" "$2" "$units")
  exec 6<>"$dir/ready"
  if [[ -d /run/systemd/system && $units != none ]]; then
    echo "kfs-$2" >"$dir/unit"
    launch_unit "kfs-$2" </dev/null >/dev/null 2>&1 6>&- && read -r -t 15 -u 6 word
  fi
  if [[ -z $word && -d $dir ]]; then
    [[ ! -e $dir/unit ]] || rm "$dir/unit"
    setsid "${run[@]}" </dev/null >/dev/null 2>&1 6>&- &
    read -r -t 15 -u 6 word
  fi
  exec 6>&-
}

# KillMode=process: what a step leaves behind is treated as without systemd (see supervise.sh).
launch_unit() {
  local unit=(--quiet --collect --no-ask-password --unit="$1" --service-type=exec -p KillMode=process
    -p OOMPolicy=continue -p StandardOutput=null -p StandardError=null)
  if [[ $units == system ]]; then
    if ((UID == 0)); then
      systemd-run "${unit[@]}" "${run[@]}" && return
    else
      sudo -n systemd-run "${unit[@]}" --uid="$UID" --gid="${GROUPS[0]}" "${run[@]}" && return
    fi
  fi
  [[ -e /var/lib/systemd/linger/$(id -un) ]] || return
  XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$UID} systemd-run --user "${unit[@]}" "${run[@]}"
}
