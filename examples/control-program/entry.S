# Page zero, and the only ways into and out of the control program: four kinds of interruption lead in, resume() leads
# out. GNU assembler source (s390x-linux-gnu-gcc -m31 -mesa).
#
# Every PSW of the control program has bit 32 on, so that LOAD ADDRESS yields 31 bits, as gcc expects:
# docs/guests-in-c.md. Translation is off, so its addresses are real.

        .section .lowcore, "ax"
        .org    0x00                    # restart new PSW: EC mode, supervisor state, everything disabled
        .long   0x00080000, start + 0x80000000
        .org    0x50                    # interval timer: not used
        .long   0x7FFFFFFF
        .org    0x58                    # new PSWs: external
        .long   0x00080000, external_entry + 0x80000000
        .org    0x60                    # supervisor call
        .long   0x00080000, supervisor_call_entry + 0x80000000
        .org    0x68                    # program
        .long   0x00080000, program_entry + 0x80000000
        .org    0x70                    # machine check: disabled wait
        .long   0x000A0000, 0x80BAD0C0
        .org    0x78                    # input/output
        .long   0x00080000, io_entry + 0x80000000
        .set    registers, 0x200        # of the guest that is loaded (struct lowcore)
        .set    resume_psw, 0x240
        .org    0x400

        .text
        .globl  start, resume, switch_floating_point

start:  larl    %r15, stack_top - 96
        brasl   %r14, main              # does not come back

# Each interruption leaves its old PSW in page zero. The guest's registers go there, too; the stack is empty, for
# whatever the control program did last it has finished.
external_entry:
        stm     %r0, %r15, registers
        larl    %r15, stack_top - 96
        brasl   %r14, on_external
supervisor_call_entry:
        stm     %r0, %r15, registers
        larl    %r15, stack_top - 96
        brasl   %r14, on_supervisor_call
program_entry:
        stm     %r0, %r15, registers
        larl    %r15, stack_top - 96
        brasl   %r14, on_program
io_entry:
        stm     %r0, %r15, registers
        larl    %r15, stack_top - 96
        brasl   %r14, on_io

# void resume(void): the loaded guest goes on, or the machine waits, as resume_psw says.
resume: lm      %r0, %r15, registers
        lpsw    resume_psw

# void switch_floating_point(uint64_t save[4], const uint64_t load[4]): the control program itself uses none.
switch_floating_point:
        std     %f0, 0(%r2)
        std     %f2, 8(%r2)
        std     %f4, 16(%r2)
        std     %f6, 24(%r2)
        ld      %f0, 0(%r3)
        ld      %f2, 8(%r3)
        ld      %f4, 16(%r3)
        ld      %f6, 24(%r3)
        br      %r14

        .section .note.GNU-stack, "", @progbits
