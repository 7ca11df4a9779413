/* Lab 7: copies a guest's channel program, with real addresses in the place of the guest's. This is the only file that
   you change. */
#include "translate.h"

/* Where a byte of the guest lies in real storage; 0: beyond its end. */
static uint32_t real_address(const struct storage *guest, uint32_t address) {
    if (address >= guest->size) return 0;
    return guest->frames[address / PAGE] + address % PAGE;
}

/* As it stands: a program of one CCW, whose data lie in one page. It is believed that all is well with it. */
enum verdict translate_program(const struct storage *guest, uint32_t address, struct copy *copy) {
    const struct ccw *from = (const struct ccw *)real_address(guest, address);
    const uint32_t command = from->command_and_address & ~(uint32_t)ADDRESS;
    copy->ccws[0] = *from;
    copy->ccws[0].command_and_address = command | real_address(guest, from->command_and_address & ADDRESS);
    copy->ccw_count = 1;
    copy->idaw_count = 0;
    return COPIED;
}
