/* Kernel: a program in C. It is examples/c/marks.c as gcc compiles it (a list, matrices, a state machine, a CRC), with as
   many rounds as the word COUNT says, and without a console: the second implementation has none in the architecture that
   knows gcc's instructions.
   Ends in a disabled wait: address 0 is good, 1 is bad. */
#include "guest.h"

#define COUNT (*(const volatile int *)0x1FC) /* bench/support/program.cpp puts it there */
#define ROUNDS COUNT
#define QUIET
#define print(text) ((void)(text))
#define printf_console(...) ((void)0)

#include "../../examples/c/marks.c"
