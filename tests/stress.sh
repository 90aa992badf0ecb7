#!/bin/sh
# Builds tests/stress/*.go with GOLIFT (default: target/release/golift, else target/debug/golift) and runs each
# program N times (default 100) at GOMAXPROCS 1, 2 and 8, the variants with GOGC=1 and GODEBUG=gcstress among them.
# Each run must give the expected output, exit code 0, within TIMEOUT (default 60) seconds.
#
#     tests/stress.sh [-n N] [name ...]
cd "$(dirname "$0")/stress" || exit 2
n=100
if [ "$1" = -n ]; then n=$2; shift 2; fi
if [ -z "$GOLIFT" ]; then
    GOLIFT=../../target/release/golift
    [ -x "$GOLIFT" ] || GOLIFT=../../target/debug/golift
fi
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
bad=0
[ $# -gt 0 ] || set -- $(ls ./*.go | sed 's|^\./||; s|\.go$||')

# variant LABEL ENVIRONMENT [ARGUMENTS]
variant() {
    for procs in 1 2 8; do
        fails=0 i=0
        while [ $i -lt "$n" ]; do
            i=$((i + 1))
            timeout -s QUIT -k 5 "${TIMEOUT:-60}" env $2 GOMAXPROCS=$procs "$dir/$name" $3 >"$dir/out" 2>"$dir/err"
            code=$?
            if [ $code -ne 0 ] || ! cmp -s "$dir/out" "$name.out"; then
                fails=$((fails + 1))
                if [ $fails -le 3 ]; then
                    echo "--- $name $1 GOMAXPROCS=$procs run $i: exit $code"
                    diff "$dir/out" "$name.out" | head -5
                    head -30 "$dir/err"
                fi
            fi
        done
        echo "$name $1 GOMAXPROCS=$procs: $((n - fails))/$n"
        bad=$((bad + fails))
    done
}

for name; do
    "$GOLIFT" build -o "$dir/$name" "$name.go" || { bad=$((bad + 1)); continue; }
    variant plain A=
    variant GOGC=1 GOGC=1
    case $name in
    linked) variant gcstress GODEBUG=gcstress=20,gcverify=1,clobberfree=1 short ;;
    mix) variant gcstress GODEBUG=gcstress=50,clobberfree=1 ;;
    esac
done
[ $bad -eq 0 ] || { echo "$bad failed"; exit 1; }
