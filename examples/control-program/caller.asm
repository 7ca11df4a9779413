**********************************************************************
* CALLER: a guest that knows where it runs, and asks for things by
* DIAGNOSE: hypercall.c has the table. One DIAGNOSE types a line, where
* HELLO needs SIO, a wait and an interruption. For no other machine.
*
* Ends by hypercall, with the address 000C0D; 00DEAD: the time did not
* go on.
**********************************************************************
CALLER   START 0
         USING CALLER,0
         DC    X'00000000',A(BEGIN)
         DC    XL(X'58'-8)'00'
         DC    X'00020000',A(X'DEAD58')
         DC    X'00020000',A(X'DEAD60')
         DC    X'00000000',A(REFUSED)
         DC    X'00020000',A(X'DEAD70')
         DC    X'00020000',A(X'DEAD78')
         ORG   CALLER+X'400'
BEGIN    LA    2,LINE
         LA    3,L'LINE
         DIAG  2,3,X'104'(0)       type a line
         DIAG  4,5,X'108'(0)       how long has this guest run?
         DIAG  0,0,X'100'(0)       let others run
         DIAG  6,7,X'108'(0)
         CLR   7,5
         BNH   WRONG
         DIAG  0,0,X'FFC'(0)       there is no such call
WRONG    LA    2,X'DEA'
         SLL   2,4
         LA    2,13(,2)
         DIAG  2,0,X'10C'(0)
REFUSED  LA    2,X'C0D'
         DIAG  2,0,X'10C'(0)       end
LINE     DC    C'A LINE WITHOUT A CHANNEL PROGRAM'
         END
