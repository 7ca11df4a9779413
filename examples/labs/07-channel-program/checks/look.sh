#!/bin/bash
# look.sh NAME...: whether the bench has found these right. It types OK NAME, or WRONG NAME: and why.
[ -f lines.txt ] || {
    echo "There is nothing to look at: builds.sh comes first."
    exit 2
}
code=0
for name in "$@"; do
    grep -qxF "OK $name" lines.txt && continue
    code=1
    if ! grep -F "WRONG $name: " lines.txt; then
        echo "The bench did not come to \"$name\": it ended before, or went on for ever."
        head -1 ending.txt
        break
    fi
done
exit $code
