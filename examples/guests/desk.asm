         COPY  MESSAGES
**********************************************************************
* DESK: a machine that others ask by messages. It waits for them, and
* does nothing else: look at its CPU time.
*
* By VMCF it takes lines to type (SENDX), and requests (SEND/RECV). By
* IUCV it accepts whoever connects, receives his messages, and replies
* to each. The reply is how many requests there have been so far.
*
* Parameters, words:
*   3F0  how many paths have to be severed before it ends (1)
*
* Ends in a disabled wait: address 000000: all have gone; 00DEAD: the
* control program has refused something; DEADxx: see ECLOW; DEAD09:
* console.
* Needs: console 009, 8K of storage; iucv = ["ALLOW"].
**********************************************************************
DESK     START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM1
PATHS    DC    F'1'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         MVC   EXTNEW(8),EXTPSW
         LCTL  0,0,CR0
         VMCF  AUTHORIZ
         LTR   R0,R0
         BNZ   WRONG
         IUCV  DCLBFR,DECLARE
         BNZ   WRONG
         LA    R2,OPEN
         LA    R3,L'OPEN
         BAL   R14,CONWRITE
NEXT     LPSW  WAIT
*
* Somebody wants something.
*
WANTED   CLC   EXTCODE(2),BYVMCF
         BE    VMCFMSG
         CLI   IUCVBUF+IPTYPE,IPCONPEN
         BE    CONNECT
         CLI   IUCVBUF+IPTYPE,IPSEVERD
         BE    SEVERED
         CLI   IUCVBUF+IPTYPE,IPMSGP
         BL    NEXT                completions of others
*
* A message by IUCV: what has come with the interruption says which.
*
         MVC   LIST,IUCVBUF
         LA    R4,REQUEST
         ST    R4,LIST+IPBFADR1
         LA    R4,L'REQUEST
         ST    R4,LIST+IPBFLN1F
         IUCV  RECEIVE,LIST
         BNZ   WRONG
         BAL   R14,COUNT
         MVI   LIST+IPFLAGS1,0
         LA    R4,ANSWER
         ST    R4,LIST+IPBFADR2
         LA    R4,L'ANSWER
         ST    R4,LIST+IPBFLN2F
         IUCV  REPLY,LIST
         BNZ   WRONG
         B     NEXT
CONNECT  MVC   LIST,IUCVBUF
         MVC   GREETING+6(8),IUCVBUF+IPVMID
         IUCV  ACCEPT,LIST
         BNZ   WRONG
         LA    R2,GREETING
         LA    R3,L'GREETING
         BAL   R14,CONWRITE
         B     NEXT
SEVERED  MVC   LIST,IUCVBUF
         MVI   LIST+IPFLAGS1,0
         IUCV  SEVER,LIST
         BNZ   WRONG
         L     R4,PATHS
         BCTR  R4,0
         ST    R4,PATHS
         LTR   R4,R4
         BP    NEXT
         BAL   R14,TYPECNT
         LPSW  WELL
*
* A message by VMCF: the header has all that the answer needs but the
* function and the data.
*
VMCFMSG  TM    VMCFBUF+VMFLAGS,VMRESP
         BO    NEXT
         CLC   VMCFBUF+VMFUNC(2),XFUNC
         BE    LINE
         MVC   LIST,VMCFBUF
         MVI   LIST+VMFLAGS,0
         MVC   LIST+VMFUNC(2),RFUNC
         LA    R4,REQUEST
         ST    R4,LIST+VMADDRA
         VMCF  LIST
         LTR   R0,R0
         BNZ   WRONG
         BAL   R14,COUNT
         MVC   LIST+VMFUNC(2),AFUNC
         LA    R4,ANSWER
         ST    R4,LIST+VMADDRA
         LA    R4,L'ANSWER
         ST    R4,LIST+VMLENA
         VMCF  LIST
         LTR   R0,R0
         BNZ   WRONG
         B     NEXT
LINE     LA    R2,VMCFBUF+VMLIST
         L     R3,VMCFBUF+VMLENA
         BAL   R14,CONWRITE
         B     NEXT
*
COUNT    AP    SERVED,ONE
         UNPK  NUMBER,SERVED
         OI    NUMBER+4,X'F0'
         BR    R14
TYPECNT  ST    R14,SAVE14
         LA    R2,SUMMARY
         MVC   SUMMARY+6(5),NUMBER
         LA    R3,L'SUMMARY
         BAL   R14,CONWRITE
         L     R14,SAVE14
         BR    R14
WRONG    LPSW  ILL
*
         DS    0D
WAIT     DC    X'010A0000',A(0)            wait, external enabled
WELL     DC    X'000A0000',A(0)
ILL      DC    X'000A0000',A(X'DEAD')
EXTPSW   DC    X'00080000',A(WANTED)
AUTHORIZ DC    X'0000',AL2(VMAUTHRZ),F'0',CL8' '
         DC    A(VMCFBUF,VMLIST+120,0,0),CL8' '
DECLARE  DC    XL12'00',A(IUCVBUF),XL24'00'
         DS    0D
LIST     DS    XL40
VMCFBUF  DS    XL160
IUCVBUF  DS    XL40
CR0      DC    X'00000003'                 IUCV, VMCF
SAVE14   DS    A
BYVMCF   DC    AL2(VMCODE)
XFUNC    DC    AL2(VMSENDX)
RFUNC    DC    AL2(VMRECEIV)
AFUNC    DC    AL2(VMREPLY)
ONE      DC    P'1'
SERVED   DC    PL3'0'
REQUEST  DS    CL80
ANSWER   DC    C'REQUEST 00000'
NUMBER   EQU   ANSWER+8,5
OPEN     DC    C'DESK: OPEN'
GREETING DC    C'DESK:          HAS CONNECTED'
SUMMARY  DC    C'DESK: 00000 REQUESTS SERVED, GOOD NIGHT'
         LTORG
         COPY  ECCON
         END
