/* Time: the interval timer at location 80 and the TOD clock. GA22-7000 chapter 4. */
#include "guest.h"

/* Counts down 76,800 times a second in bit 31; requests an external interruption (code X'0080') when it becomes
   negative. */
extern volatile int32_t interval_timer;

enum { EXTERNAL = 0x10000, INTERVAL_TIMER = 0x80 };

void sleep_ms(uint32_t milliseconds) {
    interval_timer = (int32_t)((uint64_t)milliseconds * 384 / 5);
    uint32_t cause;
    do cause = wait_for_interruption();
    while ((cause & EXTERNAL) == 0 || (cause & INTERVAL_TIMER) == 0);
    interval_timer = 0x7FFFFFFF;
}

uint64_t clock_us(void) {
    uint64_t value;
    __asm__ volatile("stck %0" : "=Q"(value) : : "cc");
    return value >> 12; /* bit 51 is a microsecond */
}
