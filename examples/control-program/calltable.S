# The call table that a guest may have put into a page of its own (hypercall 110): a routine of 64 bytes for each operation
# of a kernel, by hypercall where there is one. R15 has its address, R14 the return; registers 0 to 7 are lost.
# System/370 only. docs/paravirtual.md has the order.
        .section .rodata
        .balign 64
        .globl  call_table
call_table:
        stnsm   60(%r15), 0xfc          # 0: disable
        br      %r14
        .balign 64, 0
        stosm   60(%r15), 0x03          # 1: enable
        br      %r14
        .balign 64, 0
        diag    %r2, %r3, 0x104         # 2: type
        br      %r14
        .balign 64, 0
        slr     %r4, %r4                # 3: timer, in microseconds
        lr      %r5, %r2
        sldl    %r4, 12
        stck    48(%r15)
        lm      %r0, %r1, 48(%r15)
        alr     %r1, %r5
        bc      12, 26(%r15)            # carry?
        al      %r0, 60(%r15)
        alr     %r0, %r4
        stm     %r0, %r1, 48(%r15)
        ltr     %r2, %r2
        bc      7, 42(%r15)
        mvi     48(%r15), 0xff          # none: never
        sckc    48(%r15)
        br      %r14
        .long   0, 0, 0, 1
        st      %r14, 52(%r15)          # 4: wait, and enable
        mvi     52(%r15), 0
        lpsw    48(%r15)
        .skip   36
        .long   0x070a0000, 0, 0, 0
        diag    %r0, %r0, 0x100         # 5: yield
        br      %r14
        .balign 64, 0
        stctl   %c1, %c1, 56(%r15)      # 6: map, by the tables at their real addresses
        l       %r1, 56(%r15)
        n       %r1, 60(%r15)
        lr      %r4, %r2
        srl     %r4, 16
        sll     %r4, 2
        l       %r1, 0(%r4, %r1)
        ipte    %r1, %r2
        lr      %r4, %r2
        srl     %r4, 11
        n       %r4, 52(%r15)
        srl     %r3, 8
        sth     %r3, 0(%r4, %r1)
        br      %r14
        .balign 4, 0
        .long   30, 0, 0x00ffffc0
        stctl   %c1, %c1, 56(%r15)      # 7: unmap
        l       %r1, 56(%r15)
        n       %r1, 60(%r15)
        lr      %r4, %r2
        srl     %r4, 16
        sll     %r4, 2
        l       %r1, 0(%r4, %r1)
        ipte    %r1, %r2
        br      %r14
        .skip   28
        .long   0x00ffffc0
        st      %r2, 56(%r15)           # 8: address space
        lctl    %c1, %c1, 56(%r15)
        br      %r14
        .balign 64, 0
        .section .note.GNU-stack, "", @progbits
