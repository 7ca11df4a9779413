#!/bin/bash
# CCWs that a channel refuses.
exec bash checks/look.sh \
    "a chain that runs out of storage" \
    "a program beyond the guest's storage" \
    "a program that is not on a doubleword" \
    "a count of zero" \
    "a command that is none" \
    "a flag that is none"
