# The supervisor: the part of the runner that lives on a machine (and, the same files, on the workstation).
#
# It starts a step under a terminal of its own, so that the step outlives the connection and the runner, and keeps
# what happened in files until they are collected. It needs bash, coreutils, util-linux, grep and findutils:
# what every Debian has.
#
#   bash serve.sh ROOT WORK UNITS     one request of the runner, read from stdin. ROOT: where things are kept;
#                                     WORK: where steps run; UNITS: systemd units to use, `system`, `user` or `none`
#   bash supervise.sh DIR ID UNITS    runs the job in DIR; detached, started by start.sh
#   bash -c '. stage.sh'              inside the terminal: prepares it, runs the script
#   BASH_ENV=tell.sh bash …           what the bash of a script reads first: it tells which command ended the script
#   bash reap.sh ID DIR SIGNAL        signals everything that belongs to a job
#
# ROOT holds `jobs/ID/`, one directory a job, mode 0700:
#
#   job      boot id, limit (ms), window, working directory     script   the text, as `bash -euo pipefail script`
#   session  PATH, HOME and the like of the login               env      exports for the script (may hold secrets)
#   out      what the terminal showed: raw bytes, no more       timing   "seconds bytes" for each piece of it
#   in       FIFO, read by the terminal                         ctl      FIFO, read by the supervisor
#   alive    FIFO that the supervisor holds open: end of file on it means that the supervisor is gone
#   pid      of the supervisor      stage   of the session leader in the terminal      unit   systemd's, if any
#   status   "exited|timeout|stopped STATUS MILLISECONDS BYTES SHA256 ." in one write; a torn one counts as none
#
# No `status` and no supervisor: the machine was restarted under the job (or somebody killed the supervisor).
#
# A word to the runner is a marked line on stderr; stdout carries the bytes of a step.

umask 077
here=${BASH_SOURCE[0]%/*}
root=$1 work=$2 units=$3
unset SSH_CLIENT SSH_CONNECTION SSH_TTY # or each bash of a step takes itself for a login and reads ~/.bashrc
readonly SILENCE=90 # s without a word from the runner after which a channel ends; it sends one each 20 s

say() { printf '\001kfs %s\n' "$*" >&2; }

serve_facts() {
  local machine='' boot
  [[ -r /etc/machine-id ]] && read -r machine </etc/machine-id
  read -r boot </proc/sys/kernel/random/boot_id
  say facts "$boot" "$(id -un)" "${HOSTNAME:-localhost}" "$machine"
}

# The lock is held as long as its holder's channel lives and speaks. $1 is one line about the holder.
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

for part in start attach reap keep capture; do
  # shellcheck source=/dev/null
  . "$here/$part.sh"
done
# Made while nobody waits: a place for the job, or the check, that may come.
spool=$root/new/$$.$RANDOM
mkdir -p "$root/jobs" "$spool" && mkfifo "$spool"/{in,ctl,alive,ready}
trap '[[ ! -d $spool ]] || rm -rf "$spool"' EXIT
printf '\001kfs\n' # what a login script may have printed ends here
say ready
# One request, then the end. It comes on stdin with its data, so that nothing shows in a process list.
read -r -t 3600 verb words || exit 0
# shellcheck disable=SC2086 # the words of a request are file-name safe
case $verb in
  facts | start | attach | talk | stop | jobs | forget | timing | capture) "serve_$verb" $words ;;
  lock) serve_lock "$words" ;;
  *) say failed "unknown request $verb" ;;
esac
exit 0
