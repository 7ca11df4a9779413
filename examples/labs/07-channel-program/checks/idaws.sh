#!/bin/bash
# Indirect data addressing of the guest's own.
exec bash checks/look.sh \
    "IDAWs of the guest's" \
    "a list of IDAWs across a page boundary" \
    "a second IDAW that is not on a 2K boundary" \
    "an IDAW of more than 24 bits" \
    "an IDAW beyond the guest's storage" \
    "a list of IDAWs that is not on a word" \
    "a list of IDAWs that runs out of storage"
