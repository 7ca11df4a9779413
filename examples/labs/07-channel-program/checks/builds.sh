#!/bin/bash
# Builds the test bench with the student's translate.c and runs it on the bare machine; the next checks look at its lines.
compiler=${CROSS_COMPILE:-s390x-linux-gnu-}gcc
command -v "$compiler" >/dev/null || {
    echo "$compiler is not installed: this lab needs Debian's package gcc-s390x-linux-gnu"
    exit 2
}
rm -f bench.core lines.txt
if ! bash tools/c/build.sh -O1 -I. -o bench.core checks/bench.c translate.c >messages.txt 2>&1; then
    echo "It cannot be compiled:"
    grep -E ': error:|undefined reference|multiple definition' messages.txt
    exit 1
fi
"$VMCP" native --core bench.core --model s370-158-gcc --max-instructions 60000000 >typed.txt 2>ending.txt
# A line of 120 characters goes on in the next one.
awk '{ printf "%s", $0; if (length($0) != 120) print "" }' typed.txt >lines.txt
exit 0
