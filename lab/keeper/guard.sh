#!/bin/bash
# guard.sh RUN LOG UPLINK... -- KEEPER...
#
# Starts the keeper in namespaces of its own and, outside of them, the program that is the lab's way out
# (UPLINK, with @PID@ for the keeper's process number; may be empty). Everything ends with everything: each
# process is told by the kernel when the one above it is gone, and inside, the end of the first process ends all.
# What UPLINK says is in LOG; when it ends before its time, its status is in RUN/uplink.ended.
set -u
run=$1 log=$2; shift 2
uplink=()
while [ "$1" != -- ]; do uplink+=("$1"); shift; done
shift

# The first process inside waits for whatever is left to it, so that no dead process stays behind.
setpriv --pdeathsig KILL \
  unshare --user --map-root-user --net --pid --mount --ipc --fork --kill-child \
  bash -c '"$@" & wait $!' keeper "$@" &
keeper=$!

if [ ${#uplink[@]} -gt 0 ]; then
  for _ in $(seq 200); do
    [ -s "$run/keeper.pid" ] && break
    kill -0 $keeper 2>/dev/null || break
    sleep 0.05
  done
  setpriv --pdeathsig KILL \
    bash -c 'setpriv --pdeathsig KILL "${@:2}"; echo $? >"$1"' way-out "$run/uplink.ended" \
    "${uplink[@]//@PID@/$(cat "$run/keeper.pid")}" >"$log" 2>&1 &
  way_out=$!
fi

wait $keeper
status=$?
if [ -n "${way_out:-}" ]; then
  kill $way_out 2>/dev/null
  wait $way_out
fi
exit $status
