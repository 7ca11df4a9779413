STRINGS  TITLE 'Kernel: storage-to-storage instructions'
* Each of COUNT rounds takes a text of 8 cards: moves each card to a
* work area, folds it to upper case, compares it, counts its words by
* scanning, and builds a print line.
* Ends in a disabled wait: address 0 is good, X'BAD' is bad.
STRINGS  START 0
         DC    A(0,BEGIN)             restart new PSW: BC, disabled
         ORG   STRINGS+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
*
ROUND    LA    9,TEXT
         LA    8,CARDS
         XR    7,7                    words
CARD     MVC   WORK,0(9)
         TR    WORK,UPPER             fold
         CLC   WORK,0(9)              differs: it had small letters
         BE    BAD
         MVC   COPY,WORK
         CLC   COPY,WORK
         BNE   BAD
*
         LA    3,WORK                 ---- count the words
         LA    4,WORK+L'WORK          the end
SKIP     CLI   0(3),C' '
         BNE   WORD
         LA    3,1(,3)
         CR    3,4
         BL    SKIP
         B     LINE
WORD     LA    7,1(,7)
         LR    5,4
         SR    5,3
         BCTR  5,0                    length code of what is left
         LA    1,0(,4)                where TRT finds nothing
         EX    5,SCAN                 1 := the next blank
         LR    3,1
         CR    3,4
         BL    SKIP
*
LINE     MVI   PRINT,C' '             ---- blank the line, fill it
         MVC   PRINT+1(L'PRINT-1),PRINT
         MVC   PRINT+10(80),WORK
         MVC   PRINT+95(8),WORK+72
         OC    PRINT+95(8),BLANKS
         CLC   PRINT(10),PRINT+120
         BNE   BAD
         XC    COPY,COPY
         LA    9,80(,9)
         BCT   8,CARD
         C     7,=A(WORDS)
         BNE   BAD
         BCT   11,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
SCAN     TRT   0(0,3),BLANK
*
         DS    0D
GOOD     DC    X'0002000000000000'
WRONG    DC    X'0002000000000BAD'
COUNT    DC    F'1'
         LTORG
BLANKS   DC    CL8' '
UPPER    DC    256AL1(*-UPPER)        every character itself ...
         ORG   UPPER+C'a'
         DC    C'ABCDEFGHI'
         ORG   UPPER+C'j'
         DC    C'JKLMNOPQR'
         ORG   UPPER+C's'
         DC    C'STUVWXYZ'
         ORG
BLANK    DC    256X'00'
         ORG   BLANK+C' '
         DC    X'01'
         ORG
         ORG   STRINGS+X'800'
TEXT     DC    CL80'A virtual machine is an efficient, isolated'
         DC    CL80'duplicate of a real one. The control program'
         DC    CL80'gives each guest the processor for a while, and'
         DC    CL80'lets it run at full speed as long as it does'
         DC    CL80'nothing that concerns others. What does is'
         DC    CL80'  trapped, and simulated one at a time.   So a'
         DC    CL80'guest cannot tell whether it owns the machine.'
         DC    CL80'x                                            y z'
CARDS    EQU   8
WORDS    EQU   62
WORK     DS    CL80
COPY     DS    CL80
PRINT    DS    CL133
         END   BEGIN
