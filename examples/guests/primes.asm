**********************************************************************
* PRIMES: computes and checks itself.
*
* Finds the primes below 20,000 with the sieve of Eratosthenes, then
* runs through them in ascending order and makes a checksum: for every
* prime p, sum = sum * 31 + p modulo 2**32. Any other program that does
* so must come to the same, for example
*
*   python3 -c "
*   c = [1] * 20000; s = 0; n = 0
*   for i in range(2, 20000):
*     if c[i]:
*       n += 1; s = (s * 31 + i) % 2**32
*       for j in range(2 * i, 20000, i): c[j] = 0
*   print(n, hex(s))"
*
* which prints 2262 0xf015334f. PRIMES does that as many times as
* PARM1 (the word at location 3F0) says.
*
* Shows: a program that is all problem-state instructions between two
* console lines. Under a control program it traps almost never, so it
* should cost what it costs natively.
*
* Ends in a disabled wait: address 000000: every round was right;
* 00DEAD: one was not (a line says which count and sum it found);
* DEADxx: unexpected interruption (see LOWCORE), DEAD09: console.
* Needs: console 009, 64K of storage.
**********************************************************************
PRIMES   START 0
         COPY  EQUATES
         COPY  LOWCORE
LIMIT    EQU   20000               primes below this
         ORG   LOWCORE+PARM1
ROUNDS   DC    F'20'               PARM1: how many times
         ORG   LOWCORE+X'400'
*
BEGIN    L     R11,ROUNDS
         LTR   R11,R11
         BNP   BEGINEND            nothing to do: well done
ROUND    BAL   R14,SIEVE
         C     R6,COUNTED          both right?
         BNE   WRONG
         C     R7,CHECKED
         BNE   WRONG
         BCT   R11,ROUND
BEGINEND L     R1,ROUNDS
         CVD   R1,PACKED           say how many rounds
         MVC   NUMBER,PATTERN
         ED    NUMBER,PACKED+4
         LA    R2,PASSLINE
         LA    R3,L'PASSLINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
WRONG    ST    R6,FOUND            show what came out
         ST    R7,FOUND+4
         UNPK  HEX(9),FOUND(5)
         UNPK  HEX+8(9),FOUND+4(5)
         TR    HEX(16),DIGITS-240
         MVC   FAILN,HEX
         MVC   FAILS,HEX+8
         LA    R2,FAILLINE
         LA    R3,FAILEND-FAILLINE
         BAL   R14,CONWRITE
         LPSW  BAD
*
* SIEVE: answers the number of primes in R6 and their checksum in R7.
* The table has a byte for every number; zero says: not crossed out.
*
SIEVE    L     R8,TABLE            R8: the table
         LA    R2,0(,R8)           clear it
         L     R3,=A(LIMIT)
         SR    R4,R4               (move long, with nothing to move
         SR    R5,R5               and zeros to fill up with)
         MVCL  R2,R4
         L     R9,=A(LIMIT)        R9: the limit
         SR    R6,R6               R6: how many
         SR    R7,R7               R7: checksum
         LA    R2,2                R2: number looked at
LOOK     LA    R3,0(R2,R8)
         CLI   0(R3),X'00'         crossed out?
         BNE   NEXT
         LA    R6,1(,R6)           no: a prime
         LR    R5,R7
         M     R4,=F'31'
         ALR   R5,R2
         LR    R7,R5
         LA    R4,0(R2,R2)         cross out its multiples
         B     CROSSED
CROSS    LA    R5,0(R4,R8)
         MVI   0(R5),X'01'
         ALR   R4,R2
CROSSED  CLR   R4,R9
         BL    CROSS
NEXT     LA    R2,1(,R2)
         CLR   R2,R9
         BL    LOOK
         BR    R14
*
COUNTED  DC    F'2262'             what is right
CHECKED  DC    X'F015334F'
TABLE    DC    A(X'2000')          LIMIT bytes from there on
FOUND    DS    2F,X                (and a byte for UNPK)
HEX      DS    CL17
DIGITS   DC    C'0123456789ABCDEF'
PACKED   DS    D
PATTERN  DC    X'4020202020202120'  7 digits
*
PASSLINE DC    C'PRIMES: 12345678 ROUNDS, ALL RIGHT: PASS'
         ORG   PASSLINE+8
NUMBER   DS    CL8
         ORG
FAILLINE DC    C'PRIMES: FAIL: COUNTED '
FAILN    DS    CL8
         DC    C' SUM '
FAILS    DS    CL8
FAILEND  EQU   *
*
WELL     DC    0D'0',X'00020000',A(0)
BAD      DC    0D'0',X'00020000',A(X'DEAD')
         COPY  CONSOLE
         LTORG
         END
