# Signals everything that a job started. Sourced (then `id`, `dir` and `here` are set), or run: ID DIR SIGNAL.

# What root runs can only be signalled by root; where sudo wants a password, the terminal can still do it: its
# interrupt key and its hang-up come from the kernel.
signal_job() {
  local terminal
  if ((UID != 0)) && sudo -n true 2>/dev/null; then
    sudo -n bash "$here/reap.sh" "$id" "$dir" "$1"
  else
    reap "$id" "$dir" "$1"
  fi && return
  if [[ $1 == KILL ]]; then
    [[ -e $dir/terminal ]] && read -r terminal <"$dir/terminal" && kill -TERM "$terminal" 2>/dev/null
  else
    type_in '\03'
  fi
}

# Types into the terminal. Bytes are \0ooo escapes, so that any byte fits in a line.
type_in() {
  [[ -p $dir/in ]] || return
  local fifo
  exec 8<>"$dir/in" {fifo}>"$dir/in" 8>&- # opened both ways first: that never blocks
  [[ -e $dir/status ]] || printf '%b' "$1" >&"$fifo"
  exec {fifo}>&-
}

# Fails if one of the processes could not be signalled.
reap() {
  local mark=$1 dir=$2 signal=$3 pid refused=0
  for _ in {1..20}; do
    members "$mark" "$dir"
    ((${#found[@]})) || break
    for pid in "${!found[@]}"; do
      kill -s "$signal" "$pid" 2>/dev/null || { [[ -e /proc/$pid ]] && refused=1; }
    done
    [[ $signal == KILL ]] || kill -s CONT "${!found[@]}" 2>/dev/null
    [[ $signal == KILL ]] && ((!refused)) || break
    sleep 0.02 # what was just being born is found in the next round
  done
  return $refused
}

# Sets `found`: by the mark in the environment, the session or the terminal, or the unit's cgroup; and all
# descendants of those. Never the supervisor's own processes.
members() {
  local mark=$1 dir=$2 pid leader='' supervisor='' grown=1
  local -A parent=() session=() tty=()
  found=()
  [[ -s $dir/stage ]] && read -r leader <"$dir/stage"
  [[ -s $dir/pid ]] && read -r supervisor <"$dir/pid"
  survey
  for pid in "${!parent[@]}"; do
    [[ -n $leader && ${session[$pid]} == "$leader" ]] && found[pid]=1
    [[ ${tty[$leader]:-0} != 0 && ${tty[$pid]} == "${tty[$leader]}" ]] && found[pid]=1
  done
  while IFS=/ read -r _ _ pid _; do found[pid]=1; done < <(grep -lzxFs "KFS_JOB=$mark" /proc/[0-9]*/environ)
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

# Parents, sessions and terminals of all living processes.
survey() {
  local line
  for pid in /proc/[0-9]*; do
    pid=${pid##*/}
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- ${line##*) }
    [[ $1 == Z ]] || { parent[$pid]=$2 session[$pid]=$4 tty[$pid]=$5; }
  done
}

in_unit() {
  local unit group pid
  [[ -e $1/unit && -r /proc/$2/cgroup ]] && read -r unit <"$1/unit" || return
  while IFS=: read -r _ _ group; do
    [[ $group == */"$unit.service" ]] || continue
    while read -r pid; do found[pid]=1; done < <(find "/sys/fs/cgroup$group" -name cgroup.procs -exec cat {} +)
  done <"/proc/$2/cgroup"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || reap "$@"
