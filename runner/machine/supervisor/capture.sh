# Capture: ID SECONDS ENVBYTES SCRIPTBYTES, then the bytes, then `go`. No terminal; the last 64 KiB of output.
# Answers `status N` and `printed BYTES` with the bytes. The channel bounds it: when the limit passes (`timeout`),
# or the runner closes it or goes away, everything it started is killed.

serve_capture() {
  local id=$1 dir=$spool go='' runner
  receive "$3" "$4" || return
  capture_run &
  runner=$!
  read -r -t "$2" go
  (($? > 128)) && say timeout
  [[ $go == 'enough' ]] || capture_end
  wait "$runner"
}

capture_run() {
  {
    (
      cd "$work" || exit 1
      # shellcheck source=/dev/null
      . "$dir/env"
      export KFS_JOB=$id KFS_SUPERVISOR=$here BASH_ENV='$KFS_SUPERVISOR/tell.sh' # bash expands it
      exec env --default-signal=INT,QUIT setsid --wait bash -euo pipefail "$dir/script" </dev/null 2>&1
    )
    say status $?
  } | tail -c 65536 >"$dir/output"
  say printed "$(stat -c %s "$dir/output")"
  cat "$dir/output"
}

capture_end() {
  signal_job TERM
  for _ in {1..10}; do
    members "$id" "$dir"
    ((${#found[@]})) || return
    sleep 0.05
  done
  signal_job KILL
}
