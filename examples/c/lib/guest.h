/* The library of the C guests: console, timer, strings. docs/guests-in-c.md tells how it works. */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Console: device 009, a typewriter of 120 columns ---- */

/* Types a text; a line goes out with '\n', or when it is full. ASCII; other characters become '?'. */
void print(const char *text);

/* The same with values put in: %d %u %x %c %s %%, with a width and a leading 0 or -, and l or ll for int64_t. */
void printf_console(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Waits for a line of the operator and stores it with a NUL behind; at most size - 1 characters. Returns its length, or
   -1 if the operator pressed cancel. */
int read_line(char *line, size_t size);

/* A character of ASCII in the console's code. */
uint8_t to_ebcdic(char c);

/* ---- Time ---- */

/* Sleeps in an enabled wait, by the interval timer of location 80: the machine may do something else meanwhile. */
void sleep_ms(uint32_t milliseconds);

/* The TOD clock in microseconds. */
uint64_t clock_us(void);

/* ---- Numbers ---- */

/* Digits of a number in a base from 2 to 16 with a NUL behind; returns how many. `text` has room for 65. */
int to_digits(char *text, uint64_t value, unsigned base);

/* The number that a text begins with, behind blanks; 0 if it begins with none. */
int32_t to_number(const char *text);

/* ---- Memory and strings, as the C library has them ---- */

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *in, int byte, size_t size);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
char *strcpy(char *to, const char *from);
char *stpcpy(char *to, const char *from);
char *strchr(const char *in, int character);

/* ---- The machine ---- */

/* Ends the program: a disabled wait with the result as its address. main() ends that way by returning. */
void finish(unsigned result) __attribute__((noreturn));

/* Waits, enabled, for an interruption: the address of the device, or X'10000' plus the external code. */
uint32_t wait_for_interruption(void);

#endif
