* Hello on the console of a bare machine
HELLO    START 0
         DC    X'0008000000000200'     restart PSW: BC, machine check
         ORG   HELLO+X'58'
         DC    X'0002000000000E01'
         DC    X'0002000000000E02'
         DC    X'0002000000000E03'
         DC    X'0002000000000E04'
         DC    X'0002000000000E05'
         ORG   HELLO+X'200'
         BALR  12,0
         USING *,12
         LA    2,CCW
         ST    2,72
         SIO   X'009'
         BC    4+2+1,BAD
LOOP     TIO   X'009'
         BC    2,LOOP
         L     3,=F'-5'
         L     4,=A(TEXT)
         MVC   WORK(3),=C'ABC'
         LPSW  GOOD
BAD      LPSW  BADPSW
         DS    0D
GOOD     DC    X'00020000',A(X'600D')
BADPSW   DC    X'00020000',A(X'BAD')
CCW      CCW   9,TEXT,X'20',L'TEXT
TEXT     DC    C'HELLO FROM THE BARE MACHINE'
WORK     DS    CL3
         LTORG
         DC    P'123,-45',Z'-12',E'1.0',F'1,2,3',H'-1',B'101'
         DC    D'-3.14159265358979'
TAB      DC    3XL2'F'
         END   HELLO
