#!/bin/sh
# Builds tests/fakego.c against the runtime archive ($1) and runs it at several GOMAXPROCS.
# The program ends with a deadlock on purpose: exit code 2 and the message are the success.
set -e
lib=$1
dir=$(mktemp -d)
here=$(dirname "$0")
gcc -O2 -w -masm=intel -ffixed-r15 -fno-omit-frame-pointer -fno-stack-protector -fno-pie -mno-red-zone -fcf-protection=none -fno-reorder-blocks-and-partition \
    -c "$here/fakego.c" -o "$dir/fakego.o"
ld -static -e fake_entry -o "$dir/fakego" "$dir/fakego.o" --gc-sections "$lib"
for procs in ${PROCS:-1 2 8}; do
    echo "== GOMAXPROCS=$procs"
    status=0
    GOMAXPROCS=$procs "$dir/fakego" > "$dir/out" 2>&1 || status=$?
    head -30 "$dir/out"
    grep -q '^ok$' "$dir/out" && grep -q 'all goroutines are asleep - deadlock!' "$dir/out" && test $status = 2 && grep -q '^main.fake(...)$' "$dir/out" || { echo "exit $status"; cp "$dir/fakego" /tmp/fakego_failed; exit 1; }
done
rm -r "$dir"
