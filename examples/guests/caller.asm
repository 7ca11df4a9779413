         COPY  MESSAGES
**********************************************************************
* CALLER: asks another machine by messages (guest DESK): by VMCF, and
* then by IUCV. It waits for each answer: look at what a question and
* its answer cost either machine, and how many exits they are.
*
* Parameters, words:
*   3F0  questions by VMCF (3)
*   3F4  questions by IUCV (3)
*   3F8, 3FC  name of the machine that is asked (DESK)
*
* Ends in a disabled wait: address 000000: it has been answered;
* 00DEAD: it was not, or the control program has refused something;
* DEADxx: see ECLOW; DEAD09: console.
* Needs: console 009, 8K of storage; a DESK that has been started.
**********************************************************************
CALLER   START 0
         COPY  EQUATES
         COPY  ECLOW
         ORG   LOWCORE+PARM1
BYVMCF   DC    F'3'
BYIUCV   DC    F'3'
NAME     DC    CL8'DESK'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         LCTL  0,0,CR0
         MVC   VLIST+VMUSER(8),NAME
         MVC   ILIST+IPVMID(8),NAME
         L     R5,BYVMCF
         LTR   R5,R5
         BZ    IUCV
*
* A line for the other's console, which is there when the response
* comes. Then questions.
*
         VMCF  AUTHORIZ
         LTR   R0,R0
         BNZ   WRONG
         MVC   VLIST+VMFUNC(2),XFUNC
         LA    R4,HELLO
         ST    R4,VLIST+VMADDRA
         LA    R4,L'HELLO
         ST    R4,VLIST+VMLENA
         VMCF  VLIST
         LTR   R0,R0
         BNZ   WRONG
         BAL   R14,AWAIT
         MVC   VLIST+VMFUNC(2),RFUNC
         LA    R4,QUESTION
         ST    R4,VLIST+VMADDRA
         LA    R4,L'QUESTION
         ST    R4,VLIST+VMLENA
         LA    R4,ANSWER
         ST    R4,VLIST+VMADDRB
         LA    R4,L'ANSWER
         ST    R4,VLIST+VMLENB
VMCFASK  ST    R5,VLIST+VMID
         VMCF  VLIST
         LTR   R0,R0
         BNZ   WRONG
         BAL   R14,AWAIT
         CLC   BUFFER(2),GOOD      a response, and no error
         BNE   WRONG
         BCT   R5,VMCFASK
         LA    R2,BYVTEXT
         BAL   R14,TELL
*
* The same by a path.
*
IUCV     L     R5,BYIUCV
         LTR   R5,R5
         BZ    DONE
         IUCV  DCLBFR,DECLARE
         BNZ   WRONG
         IUCV  CONNECT,ILIST
         BNZ   WRONG
         BAL   R14,AWAIT
         CLI   BUFFER+IPTYPE,IPCONCMP
         BNE   WRONG
         MVC   ILIST(2),BUFFER+IPPATHID
IUCVASK  XC    ILIST+2(38),ILIST+2
         LA    R4,QUESTION
         ST    R4,ILIST+IPBFADR1
         LA    R4,L'QUESTION
         ST    R4,ILIST+IPBFLN1F
         LA    R4,ANSWER
         ST    R4,ILIST+IPBFADR2
         LA    R4,L'ANSWER
         ST    R4,ILIST+IPBFLN2F
         IUCV  SEND,ILIST
         BNZ   WRONG
         BAL   R14,AWAIT
         CLI   BUFFER+IPTYPE,IPCOMPN
         BNE   WRONG
         NC    BUFFER+IPAUDIT(3),BUFFER+IPAUDIT
         BNZ   WRONG
         BCT   R5,IUCVASK
         LA    R2,BYITEXT
         BAL   R14,TELL
         IUCV  SEVER,ILIST
         BNZ   WRONG
         IUCV  RTRVBFR
         BNZ   WRONG
DONE     LPSW  WELL
*
* Waits for one interruption.
*
AWAIT    LA    R14,0(R14)          the address, and no more
         ST    R14,EXTPSW+4
         MVC   EXTNEW(8),EXTPSW
         LPSW  WAIT
*
* Types the text at R2, which is 18 bytes, and the last answer.
*
TELL     ST    R14,SAVE14
         MVC   LINE(18),0(R2)
         MVC   LINE+18(L'ANSWER),ANSWER
         LA    R2,LINE
         LA    R3,18+L'ANSWER
         BAL   R14,CONWRITE
         L     R14,SAVE14
         BR    R14
WRONG    LA    R2,NOTEXT
         LA    R3,L'NOTEXT
         BAL   R14,CONWRITE
         LPSW  ILL
*
         DS    0D
WAIT     DC    X'010A0000',A(0)            wait, external enabled
WELL     DC    X'000A0000',A(0)
ILL      DC    X'000A0000',A(X'DEAD')
EXTPSW   DC    X'00080000',A(0)
AUTHORIZ DC    X'0000',AL2(VMAUTHRZ),F'0',CL8' '
         DC    A(BUFFER,VMLIST,0,0),CL8' '
DECLARE  DC    XL12'00',A(BUFFER),XL24'00'
VLIST    DS    0D
         DC    XL40'00'
ILIST    DC    XL40'00'
BUFFER   DS    XL40
CR0      DC    X'00000003'                 IUCV, VMCF
SAVE14   DS    A
GOOD     DC    AL1(VMRESP,0)
XFUNC    DC    AL2(VMSENDX)
RFUNC    DC    AL2(VMSENDR)
HELLO    DC    C'CALLER: GOOD MORNING'
QUESTION DC    C'HOW MANY HAVE ASKED BEFORE ME?'
ANSWER   DC    CL13' '
LINE     DS    CL40
BYVTEXT  DC    CL18'CALLER: BY VMCF:  '
BYITEXT  DC    CL18'CALLER: BY IUCV:  '
NOTEXT   DC    C'CALLER: NO ANSWER'
         LTORG
         COPY  ECCON
         END
