/* All input and output by shared rings: the asking one of examples/guests/ringpair.asm in C, with many requests under way.
   Takes random bytes, writes them to four places of its disk at once, reads all of them back, and compares; sends some
   to its partner and compares what comes back. docs/rings.md.

   Devices: 0 console, 1 entropy, 2 disk, 3 network, with the address 02:00:00:00:00:01; its partner has ...:02. */
#include "rings.h"

enum { BLOCKS = 4, BLOCK = 512, PAYLOAD = 64 };

static struct ring_queue console[2], entropy[1], disk[1], network[2];
static uint8_t written[BLOCKS][BLOCK], read_back[BLOCKS][BLOCK];
static struct {
    uint32_t type, unused, block_upper, block;
} header[BLOCKS];
static uint8_t status[BLOCKS];
static uint8_t in[1514], out[14 + PAYLOAD];

static void type_line(const char *text) {
    static uint8_t line[132];
    size_t n = 0;
    for (; text[n] != 0 && n < sizeof line - 1; ++n) line[n] = to_ebcdic(text[n]);
    line[n++] = 0x15;
    ring_put(&console[1], &(struct ring_buffer){line, n, 0}, 1);
    ring_kick(&console[1]);
    ring_wait(&console[1], 1);
    ring_take(&console[1], NULL);
}

/* All blocks at once: one doorbell, one interruption. */
static int move_blocks(int writes, uint8_t (*data)[BLOCK]) {
    for (unsigned i = 0; i < BLOCKS; ++i) {
        header[i].type = writes;
        header[i].block = 30 * (BLOCKS - i);
        status[i] = 0xFF;
        const struct ring_buffer request[3] = {
            {&header[i], sizeof header[i], 0}, {data[i], BLOCK, !writes}, {&status[i], 1, 1}};
        if (ring_put(&disk[0], request, 3) < 0) return 0;
    }
    ring_kick(&disk[0]);
    ring_wait(&disk[0], BLOCKS);
    while (ring_take(&disk[0], NULL) >= 0) {
    }
    for (unsigned i = 0; i < BLOCKS; ++i)
        if (status[i] != 0) return 0;
    return 1;
}

static int ask_partner(void) {
    static const uint8_t addresses[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xB5};
    ring_put(&network[0], &(struct ring_buffer){in, sizeof in, 1}, 1);
    ring_kick(&network[0]);
    memcpy(out, addresses, sizeof addresses);
    memcpy(out + sizeof addresses, written[0], PAYLOAD);
    ring_put(&network[1], &(struct ring_buffer){out, sizeof out, 0}, 1);
    ring_kick(&network[1]);
    ring_wait(&network[0], 1);
    uint32_t length;
    ring_take(&network[0], &length);
    return length == sizeof out && memcmp(in + sizeof addresses, written[0], PAYLOAD) == 0;
}

int main(void) {
    ring_enable();
    if (ring_up(0, RING_CONSOLE, console) || ring_up(1, RING_ENTROPY, entropy) || ring_up(2, RING_BLOCK, disk) ||
        ring_up(3, RING_NETWORK, network))
        return 1;
    type_line("RINGS ARE UP");
    ring_put(&entropy[0], &(struct ring_buffer){written, sizeof written, 1}, 1);
    ring_kick(&entropy[0]);
    ring_wait(&entropy[0], 1);
    ring_take(&entropy[0], NULL);
    if (!move_blocks(1, written) || !move_blocks(0, read_back) || memcmp(written, read_back, sizeof written) != 0)
        return 2;
    type_line("DISK WELL");
    if (!ask_partner()) return 3;
    type_line("NETWORK WELL");
    return 0;
}
