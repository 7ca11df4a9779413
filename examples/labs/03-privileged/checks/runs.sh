#!/bin/sh
# Builds the control program with the student's privileged.c, and runs it with these guests. The next checks look at what came.
exec python3 tools/control-program/alike.py run --replace privileged.c \
    MASKS=checks/masks.asm:16K NEIGHBOR=checks/neighbor.asm:4K MASKEC=checks/maskec.asm:16K \
    --and PRIVOP=checks/privop.asm:16K:3F4=00000005:3F0=00000014 SELFCHK=checks/selfcheck.asm:12K:3F0=0000000A TASKS=checks/tasks.asm:64K
