# What is kept here.

# Jobs: `job next ID BOOTID running`, or `… ended` and its `end …`; then `job none`.
serve_jobs() {
  local dir boot
  find "$root/new" -mindepth 1 -maxdepth 1 -mmin +60 -exec rm -rf {} +
  for dir in "$root"/jobs/*/; do
    dir=${dir%/}
    [[ -e $dir/job ]] && read -r boot _ <"$dir/job" || continue
    if alive "$dir"; then
      say job next "${dir##*/}" "$boot" running
    else
      say job next "${dir##*/}" "$boot" ended
      say_end "$dir"
    fi
  done
  say job none
}

# Forget: ID.
serve_forget() {
  local dir=$root/jobs/$1
  if [[ ! -d $dir ]]; then
    say finished
  elif alive "$dir"; then
    say failed "job $1 still runs"
  else
    rm -rf "$dir" && say finished
  fi
}

# Timing: ID. `timing BYTES`, and the bytes.
serve_timing() {
  local file=$root/jobs/$1/timing
  [[ -e $file ]] || { say missing; return; }
  say timing "$(stat -c %s "$file")"
  cat "$file"
}
