# Inside the terminal, as the leader of its session: sets it up, runs the script, tells how that ended.
# Not in functions: what the session and the plan declare must be exported for the script.

trap : INT QUIT TERM HUP # those are for the script; the leader stays to tell
kfs_spool=$KFS_SPOOL
echo $$ >"$kfs_spool/stage"
read -r _ _ kfs_columns kfs_rows _ <"$kfs_spool/job"
stty columns "$kfs_columns" rows "$kfs_rows"
kfs_here=$KFS_SUPERVISOR
unset KFS_SUPERVISOR KFS_SPOOL
export TERM=xterm-256color KFS_JOB=${kfs_spool##*/}
# shellcheck source=/dev/null
. "$kfs_spool/session"
# shellcheck source=/dev/null
. "$kfs_spool/env"
BASH_ENV='$KFS_SUPERVISOR/tell.sh' KFS_SUPERVISOR=$kfs_here bash -euo pipefail "$kfs_spool/script"
kfs_status=$?
echo "main $kfs_status" 1<>"$kfs_spool/ctl"

# Whether another process of this session lives. Process ids are given in turn, so it is one of those between ours
# and the newest: a few after a short step, when they are tried one by one.
left_behind() {
  local last line pid candidates=()
  read -r _ _ _ _ last </proc/loadavg
  if ((last >= $$ && last - $$ < 100)); then
    for ((pid = $$ + 1; pid <= last; pid++)); do [[ -e /proc/$pid ]] && candidates+=("$pid"); done
  else
    candidates=(/proc/[0-9]*)
  fi
  for pid in "${candidates[@]##*/}"; do
    ((last >= $$ ? pid > $$ && pid <= last : pid > $$ || pid <= last)) || continue
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- ${line##*) }
    [[ $4 == "$$" && $1 != Z ]] && return 0
  done
  return 1
}

# When the leader goes, the kernel hangs up on the rest of its session.
read -r kfs_began _ </proc/uptime
while left_behind; do
  read -r -t 0.02 _ <>"$kfs_spool/ready" # a short sleep
  read -r kfs_now _ </proc/uptime
  ((10#${kfs_now/./} - 10#${kfs_began/./} < 200)) || break # hundredths of a second
done
exit "$kfs_status"
