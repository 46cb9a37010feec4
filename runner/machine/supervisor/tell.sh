# Read by the bash of a script before it (BASH_ENV): a command that ends the script leaves a line on stderr that says
# which it was, `line 3: test -s /etc/x`. Its text is that before expansion, so that no value gets out; of a pipe it is
# one command, and the exit statuses of all. What a subshell or a substitution fails with, the script fails with in
# turn: it is told there, once. Nothing is told in a condition, or where the script has said `set +e`.

unset BASH_ENV KFS_SUPERVISOR # not for the scripts that it starts

kfs_tell() {
  local number=$1 text=${2%%$'\n'*} IFS=' '
  shift 2
  [[ $- == *e* ]] && ((BASH_SUBSHELL == 0)) || return 0
  ((${#text} <= 200)) || text=${text:0:200}...
  # Those two leave the statuses of the pipe before them.
  (($# < 2)) || [[ $text == '[['* || $text == '(('* ]] || text+=" (in a pipe: $*)"
  printf 'line %s: %s\n' "$number" "$text" >&2 || :
}
trap 'kfs_tell "$LINENO" "$BASH_COMMAND" "${PIPESTATUS[@]}"' ERR
set -E # in functions too
