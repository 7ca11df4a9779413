#!/bin/sh
# Builds the control program with the student's shadow.c, and runs it with these guests. The next checks look at what came.
exec python3 tools/control-program/alike.py run --replace shadow.c \
    PAGES=checks/pages.asm:64K NEIGHBOR=checks/neighbor.asm:1M:3F0=00100000 \
    --and PAGING=checks/paging-os.asm:192K CHURNER=checks/churner.asm:128K:3F4=0000000A
