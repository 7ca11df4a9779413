/* What the corpus programs share. They are compiled twice: for the simulated machine and for the host, where
   they print the same lines. Nothing in them depends on byte order, on the size of pointers or on undefined
   behaviour. */
#ifndef CORPUS_H
#define CORPUS_H

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

/* One line: the name and eight hexadecimal digits. */
void put(const char* name, u32 value);
void put64(const char* name, u64 value);

/* Numbers that the compiler cannot foresee; the same in every run. */
u32 number(void);
u64 number64(void);
void restart_numbers(void);

#define NOINLINE __attribute__((noinline, noclone))

// Version 14 would break these lines in another way each time.
// clang-format off
#define CORPUS(PROGRAM)                                                                          \
    PROGRAM(arithmetic) PROGRAM(arithmetic64) PROGRAM(shifts) PROGRAM(bit_fields)                \
    PROGRAM(characters) PROGRAM(switches) PROGRAM(pointers) PROGRAM(structures)                  \
    PROGRAM(variadic) PROGRAM(recursion) PROGRAM(volatiles) PROGRAM(blocks) PROGRAM(division)    \
    PROGRAM(loops) PROGRAM(conditions) PROGRAM(bytes) PROGRAM(sorting) PROGRAM(atomics)          \
    PROGRAM(masks) PROGRAM(floats)
// clang-format on

#define DECLARE(name) void corpus_##name(void);
CORPUS(DECLARE)
#undef DECLARE

#endif
