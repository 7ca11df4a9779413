INTEGER  TITLE 'Kernel: fixed-point arithmetic, loads, stores'
* Each of COUNT rounds fills a table of 64 records with pseudo-random
* keys, sorts it by insertion, goes through it with a subroutine that
* updates fields of every size, and checks the result.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
INTEGER  START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   INTEGER+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         LA    8,TABLE
         USING RECORD,7
*
ROUND    LR    7,8                    ---- fill with random numbers
         LA    5,RECORDS
         L     3,SEED
FILL     M     2,MULT                 the low word goes on
         AL    3,INCR
         LR    0,3
         SRL   0,16
         ST    0,KEY
         STH   5,NUMBER
         MVI   FLAGS,0
         STC   3,TAG
         XR    1,1
         ST    1,TOTAL
         LA    7,LENGTH(,7)
         BCT   5,FILL
*
         LR    9,8                    ---- insertion sort, ascending
         LA    5,RECORDS-1
OUTER    LR    7,9                    insert the record behind this
         L     0,KEY+LENGTH
         L     1,NUMBER+LENGTH        (with flags and tag)
INNER    L     2,KEY
         CR    2,0
         BNH   PLACE
         ST    2,KEY+LENGTH           move the greater one up
         L     3,NUMBER
         ST    3,NUMBER+LENGTH
         SH    7,SIZE
         CR    7,8
         BNL   INNER
PLACE    ST    0,KEY+LENGTH
         ST    1,NUMBER+LENGTH
         LA    9,LENGTH(,9)
         BCT   5,OUTER
*
         LR    7,8                    ---- visit each record
         LA    5,RECORDS
         XR    6,6                    checksum
         XR    4,4                    key of the one before
VISIT    BAL   14,UPDATE
         C     4,KEY
         BH    BAD                    not sorted
         L     4,KEY
         LA    7,LENGTH(,7)
         BCT   5,VISIT
         C     6,EXPECTED
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
*
UPDATE   XR    1,1                    ---- checksum of the record at 7
         IC    1,TAG
         LH    2,NUMBER
         AR    2,1
         TM    TAG,X'01'
         BZ    EVEN
         OI    FLAGS,X'80'
         AH    2,NUMBER
EVEN     STH   2,NUMBER
         CLI   FLAGS,X'80'
         BNE   PLAIN
         SR    6,2
PLAIN    A     2,KEY
         ST    2,TOTAL
         SLL   6,1
         AL    6,TOTAL
         X     6,KEY
         BR    14
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
SEED     DC    F'12345'
MULT     DC    F'1103515245'
INCR     DC    F'12345'
EXPECTED DC    X'ECF5496D'            computed elsewhere
SIZE     DC    H'12'
RECORDS  EQU   64
TABLE    DS    (RECORDS)XL12
*
RECORD   DSECT
KEY      DS    F
NUMBER   DS    H
FLAGS    DS    X
TAG      DS    X
TOTAL    DS    F
LENGTH   EQU   *-RECORD
         END   BEGIN
