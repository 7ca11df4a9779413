#!/bin/bash
# Room in the copy.
exec bash checks/look.sh \
    "64 CCWs: the most" \
    "65 CCWs" \
    "more than 256 IDAWs"
