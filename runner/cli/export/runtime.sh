# What the steps below are run with: no more than bash, coreutils and, where a step says so, sudo and ssh.

: "${kfs_host:?is set above}"
kfs_dir=$(mktemp -d) || exit 1
trap 'rm -rf "$kfs_dir"' EXIT
kfs_marks=${XDG_STATE_HOME:-$HOME/.local/state}/kfs-export
mkdir -p "$kfs_marks" || exit 1
kfs_from='' kfs_again='' kfs_list='' kfs_count=0
declare -A kfs_taken=()

kfs_usage() {
  cat <<EOF
Usage: bash ${0##*/} [--from STEP] [--again] [--list]

Runs the steps of this file in order. A step whose check holds already is left alone, so that this can be
started again at any time; it stops at the first failure.

  --from STEP  begin at this step
  --again      run events (reboots, drills) again that were run before
  --list       print the steps, run nothing
EOF
}

while (($#)); do
  case $1 in
    --from) kfs_from=${2:?--from needs a step} && shift 2 ;;
    --again) kfs_again=1 && shift ;;
    --list) kfs_list=1 && shift ;;
    --help | -h) kfs_usage && exit 0 ;;
    *) kfs_usage >&2 && exit 2 ;;
  esac
done

kfs_stop() {
  printf '\n%s\nStopped at %s. Mend it, then run this file again: what is done is left alone.\n' "$1" "$kfs_id" >&2
  exit "${2:-1}"
}

# kfs_ask PROMPT: one line of the reader's, in $REPLY; fails at the end of input.
kfs_ask() {
  printf '%s ' "$1"
  IFS= read -r REPLY || {
    REPLY=''
    printf '\n'
    return 1
  }
}

# kfs_step ID KIND DIGEST TITLE: begins a step; fails when it is to be left out.
kfs_step() {
  kfs_id=$1 kfs_kind=$2 kfs_digest=$3
  kfs_env=() kfs_waits=() kfs_reboots='' kfs_destroys='' kfs_hands='' kfs_either='' kfs_timeout=600 kfs_settle=0
  kfs_subject=$kfs_host
  [[ -n $kfs_from && $kfs_from != "$kfs_id" ]] && return 1
  kfs_from=''
  kfs_count=$((kfs_count + 1))
  printf '\n== %s: %s\n' "$kfs_id" "$4"
  [[ -z $kfs_list ]]
}

kfs_script() { cat >"$kfs_dir/script"; }
kfs_proof() { cat >"$kfs_dir/proof"; }

# In a process group of its own that has the terminal (`set -m`): it can ask the reader something, and when its time is
# over all that it started ends with it.
kfs_bash() {
  local status=0
  set -m
  BASH_ENV='$KFS_SUPERVISOR/tell.sh' KFS_SUPERVISOR=$kfs_dir \
    timeout -k 10 "$kfs_timeout" env "${kfs_env[@]}" bash -euo pipefail "$1" || status=$?
  set +m
  return "$status"
}

# Once; quietly. What it printed is in the file, for when it matters.
kfs_holds() {
  kfs_bash "$1" >"$kfs_dir/output" 2>&1 </dev/null
}

# Again and again, until it holds or its time to settle is over.
kfs_settled() {
  local until=$((SECONDS + kfs_settle))
  until kfs_holds "$1"; do
    ((SECONDS >= until)) && return 1
    sleep 1
  done
}

kfs_said() { sed 's/^/   /' "$kfs_dir/output" | tail -n 20; }

kfs_boot_id() {
  if [[ $kfs_host == workstation && $kfs_subject != workstation ]]; then
    ssh -F "$KFS_SSH_CONFIG" -o ConnectTimeout=5 "$kfs_subject" cat /proc/sys/kernel/random/boot_id </dev/null 2>/dev/null
  else
    cat /proc/sys/kernel/random/boot_id
  fi
}

# What other machines do first. Not asked for a step that is done: then that is, too.
kfs_wait() {
  ((${#kfs_waits[@]})) || return 0
  printf '   First, elsewhere:\n'
  printf '     %s\n' "${kfs_waits[@]}"
  kfs_ask '   Press Enter when that is done.' || kfs_stop 'There is nobody to ask.'
}

kfs_run() {
  case $kfs_kind in
    gate) kfs_gate ;;
    show) kfs_wait && kfs_execute ;;
    *) kfs_act ;;
  esac
}

kfs_gate() {
  kfs_holds "$kfs_dir/script" || kfs_wait
  kfs_settled "$kfs_dir/script" && kfs_said && return
  kfs_said >&2
  kfs_stop 'The requirement is not met.'
}

kfs_act() {
  [[ -n $kfs_either && -n ${kfs_taken[$kfs_either]:-} ]] && echo '   another way was taken' && return
  if kfs_is_done; then
    echo '   done already: its check holds'
    kfs_take
    return
  fi
  kfs_was_restarted || { kfs_wait && kfs_do; } || return 0
  kfs_settled "$kfs_dir/proof" || {
    kfs_said >&2
    kfs_stop 'Its check does not hold.'
  }
  kfs_mark 'done'
  kfs_take
  echo '   done: its check holds'
}

kfs_take() { [[ -z $kfs_either ]] || kfs_taken[$kfs_either]=$kfs_id; }

# A state by its check; an event when it was done here with this very text, for its check may hold without it.
kfs_is_done() {
  [[ $kfs_kind == step ]] || [[ -z $kfs_again && $(kfs_mark_of) == 'done' ]] || return 1
  kfs_holds "$kfs_dir/proof"
}

kfs_mark() { printf '%s\n' "$1" >"$kfs_marks/$kfs_subject.$kfs_digest"; }
kfs_mark_of() { cat "$kfs_marks/$kfs_subject.$kfs_digest" 2>/dev/null; }

# It restarted this machine the last time: the boot id is another now.
kfs_was_restarted() {
  local mark
  mark=$(kfs_mark_of)
  [[ -n $kfs_reboots && $mark == 'restarting '* && $mark != "restarting $(kfs_boot_id)" ]]
}

# Fails when the reader chose another way.
kfs_do() {
  local before=''
  kfs_chosen || return 1
  kfs_confirmed
  if [[ -n $kfs_hands ]]; then
    sed 's/^/   /' "$kfs_dir/script"
    kfs_ask "By hand. Press Enter when it is done." || kfs_stop 'There is nobody to ask.'
    return 0
  fi
  if [[ -n $kfs_reboots ]]; then
    before=$(kfs_boot_id) || kfs_stop "$kfs_subject does not answer."
    kfs_mark "restarting $before"
  fi
  kfs_execute
  [[ -z $kfs_reboots ]] || kfs_back "$before"
}

kfs_chosen() {
  [[ -z $kfs_either ]] && return 0
  kfs_ask "   One of several ways ($kfs_either). Enter takes it, n the next:" || return 0
  [[ $REPLY != n* ]]
}

kfs_confirmed() {
  [[ -z $kfs_destroys ]] && return 0
  kfs_ask "   This destroys $kfs_destroys. Type $kfs_subject to go on:"
  [[ $REPLY == "$kfs_subject" ]] || kfs_stop 'Not confirmed: nothing was changed.'
}

kfs_execute() {
  local status=0
  kfs_bash "$kfs_dir/script" || status=$?
  ((status == 0)) && return
  # The connection of a command that restarts a machine ends with it.
  [[ -n $kfs_reboots ]] && ((status > 128)) && return
  ((status == 124)) && kfs_stop "It did not end within $kfs_timeout s." 1
  kfs_stop "It failed with status $status."
}

kfs_back() {
  local until=$((SECONDS + 900)) now
  if [[ $kfs_host != workstation || $kfs_subject == workstation ]]; then
    echo '   This machine restarts. When it is back, run this file again.'
    exit 75
  fi
  printf '   waiting for %s to come back\n' "$kfs_subject"
  while ((SECONDS < until)); do
    now=$(kfs_boot_id) && [[ -n $now && $now != "$1" ]] && return
    sleep 2
  done
  kfs_stop "$kfs_subject did not come back within 15 minutes."
}
