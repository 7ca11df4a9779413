**********************************************************************
* MASKS: SSM, STNSM, STOSM, SPKA and IPK in BC mode, one at a time,
* and a line of what came of each (PROBES). Types the same on the bare
* machine and under a control program that simulates them rightly.
*
* Ends in a disabled wait at 000000; DEADxx: see LOWCORE.
* Needs: console 009, 16K of storage; what is behind must not change.
**********************************************************************
         COPY  PROBEMAC
MASKS    START 0
         COPY  EQUATES
         COPY  LOWCORE
MODE     EQU   X'00'
CCBYTE   EQU   4
CODEAT   EQU   PGMOLD+2
PLACE    EQU   X'2000'             key 5
REALPLC  EQU   PLACE
GUARDED  EQU   X'2800'             key 5, fetch-protected
BEYOND   EQU   X'4000'             the first byte that is not there
         ORG   LOWCORE+PGMNEW
         DC    X'00000000',A(ONPGM)
         ORG   LOWCORE+SVCNEW
         DC    X'00000000',A(ONSVC)
         ORG   LOWCORE+X'400'
BEGIN    LCTL  0,0,NOTIMER         no timer interrupts
         L     R2,=A(PLACE)
         LA    R3,X'50'
         SSK   R3,R2
         L     R2,=A(GUARDED)
         LA    R3,X'58'
         SSK   R3,R2
*
         PROBE 'SSM FE',WITH=FE
         SSM   0(R1)
         SVC   0
         PROBE 'SSM OVER 80',MASK=80,WITH=02
         SSM   0(R1)
         SVC   0
         PROBE 'SSM KEY 5',KEY=5,WITH=40
         SSM   0(R1)
         SVC   0
         PROBE 'SSM KEY 3',KEY=3,WITH=40
         SSM   0(R1)
         SVC   0
         PROBE 'SSM KEY 3 GUARDED',KEY=3,WITH=40,AT=GUARDED
         SSM   0(R1)
         SVC   0
         PROBE 'SSM BEYOND',MASK=20,AT=BEYOND
         SSM   0(R1)
         SVC   0
         PROBE 'STNSM 0F',MASK=FE,WITH=AA
         STNSM 0(R1),X'0F'
         SVC   0
         PROBE 'STNSM FF',MASK=C4,WITH=AA
         STNSM 0(R1),X'FF'
         SVC   0
         PROBE 'STNSM KEY 3',MASK=FE,KEY=3,WITH=AA
         STNSM 0(R1),X'00'
         SVC   0
         PROBE 'STNSM BEYOND',MASK=FE,AT=BEYOND
         STNSM 0(R1),X'00'
         SVC   0
         PROBE 'STOSM 0C',MASK=C0,WITH=AA
         STOSM 0(R1),X'0C'
         SVC   0
         PROBE 'STOSM KEY 3',MASK=02,KEY=3,WITH=AA
         STOSM 0(R1),X'F0'
         SVC   0
         PROBE 'STOSM BEYOND',MASK=FE,AT=BEYOND
         STOSM 0(R1),X'01'
         SVC   0
         PROBE 'SPKA A0',MASK=02,AT=X'A0'
         SPKA  0(R1)
         SVC   0
         PROBE 'SPKA FFFF7C',KEY=5,AT=X'FFFF7C'
         SPKA  0(R1)
         SVC   0
         PROBE 'SPKA 0',KEY=9,AT=0
         SPKA  0(R1)
         SVC   0
         PROBE 'SPKA BY EX',KEY=9,AT=X'30'
         EX    0,SPKA
         SVC   0
*
         LCTL  0,0,SSMOFF
         PROBE 'SSM SUPPRESSED',MASK=20,WITH=FE
         SSM   0(R1)
         SVC   0
         PROBE 'STOSM WHILE SUPPRESSED',MASK=20,WITH=00
         STOSM 0(R1),X'02'
         SVC   0
         LCTL  0,0,NOTIMER
         LPSW  WELL
*
SPKA     SPKA  0(R1)
NOTIMER  DC    F'0'
SSMOFF   DC    X'40000000'
WELL     DC    0D'0',X'00020000',A(0)
         COPY  PROBES
         COPY  CONSOLE
         LTORG
         END
