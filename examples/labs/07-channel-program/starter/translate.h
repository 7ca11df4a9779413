/* Lab 7: what there is to translate a channel program with. GA22-7000 chapter 12 describes channel programs. */
#ifndef TRANSLATE_H
#define TRANSLATE_H

#include <stdbool.h>
#include <stdint.h>

enum { PAGE = 4096, INDIRECT_BLOCK = 2048 };
enum { ADDRESS = 0x00FFFFFF }; /* addresses have 24 bits */

/* A channel command word. Its first byte is the command, the other three are the data address. */
struct ccw {
    uint32_t command_and_address;
    uint16_t flags; /* the right byte is not looked at */
    uint16_t count;
} __attribute__((aligned(8)));

enum { TRANSFER_IN_CHANNEL = 0x8 }; /* TIC: the right half of the command */
enum {
    CHAIN_DATA = 0x8000,
    CHAIN_COMMAND = 0x4000, /* counts only where CHAIN_DATA is off */
    ANY_LENGTH = 0x2000,
    SKIP = 0x1000,
    INTERRUPT = 0x0800,
    INDIRECT = 0x0400, /* the data address is that of a list of IDAWs */
    MUST_BE_ZERO = 0x0300
};

/* The guest's storage: its page p (addresses p * PAGE and on) lies in real storage at frames[p], a multiple of PAGE.
   Neighbors need not be neighbors there. Addresses from `size` on do not exist. */
struct storage {
    uint32_t size;
    const uint32_t *frames;
};

/* The copy that the real channel will execute; it begins with ccws[0]. Whatever is an address in it is a real one. */
enum { MOST_CCWS = 64, MOST_IDAWS = 256 };
struct copy {
    struct ccw ccws[MOST_CCWS];
    uint32_t idaws[MOST_IDAWS];
    unsigned ccw_count, idaw_count;
};

enum verdict {
    COPIED,
    PROGRAM_CHECK, /* the channel would end it with program check: nothing is started */
    TOO_LONG       /* there is no room for it */
};

/* Copies the channel program at an address of the guest. */
enum verdict translate_program(const struct storage *guest, uint32_t address, struct copy *copy);

#endif
