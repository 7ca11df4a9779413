/* The console: one channel program at a time, started by SIO and waited for in an enabled wait.
   GA22-7000 chapter 13; GA24-3550 for the 3215. */
#include "guest.h"

#define CONSOLE 0x009
#define COLUMNS 120

/* A channel command word, format 0. */
struct ccw {
    uint32_t command_and_address; /* 8 and 24 bits */
    uint16_t flags;
    uint16_t count;
} __attribute__((aligned(8)));

enum { WRITE_WITH_RETURN = 0x09, READ_INQUIRY = 0x0A };
enum { SUPPRESS_LENGTH_INDICATION = 0x2000 };

/* The channel status word: key and CCW address, status, residual count. */
struct csw {
    uint32_t address;
    uint16_t status;
    uint16_t residual;
};
enum {
    ATTENTION = 0x8000,
    BUSY = 0x1000,
    DEVICE_END = 0x0400,
    UNIT_CHECK = 0x0200,
    UNIT_EXCEPTION = 0x0100,
    CHANNEL_ERRORS = 0x003F
};

extern volatile struct csw channel_status_word;
extern volatile uint32_t channel_address_word;

/* EBCDIC (code page 037) of the characters from blank to tilde. */
static const uint8_t ebcdic[] = {
    0x40, 0x5A, 0x7F, 0x7B, 0x5B, 0x6C, 0x50, 0x7D, 0x4D, 0x5D, 0x5C, 0x4E, 0x6B, 0x60, 0x4B, 0x61, /* blank ... / */
    0xF0, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0x7A, 0x5E, 0x4C, 0x7E, 0x6E, 0x6F, /* 0 ... ? */
    0x7C, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, /* @ ... O */
    0xD7, 0xD8, 0xD9, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xBA, 0xE0, 0xBB, 0xB0, 0x6D, /* P ... _ */
    0x79, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, /* ` ... o */
    0x97, 0x98, 0x99, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xC0, 0x4F, 0xD0, 0xA1,       /* p ... ~ */
};

uint8_t to_ebcdic(char c) {
    const unsigned i = (unsigned char)c - 0x20u;
    return i < sizeof ebcdic ? ebcdic[i] : 0x6F;
}

static char from_ebcdic(uint8_t e) {
    for (unsigned i = 0; i < sizeof ebcdic; ++i)
        if (ebcdic[i] == e) return (char)(i + 0x20);
    return '?';
}

/* START I/O: condition code 0 started, 1 CSW stored, 2 busy, 3 not operational. */
static unsigned start_io(uint32_t device) {
    unsigned code;
    /* GNU as does not know SIO: ESA/390 has none. */
    __asm__ volatile(".insn s,0x9c000000,0(%1)\n\tipm %0\n\tsrl %0,28" : "=d"(code) : "a"(device) : "cc", "memory");
    return code;
}

/* Executes one CCW on the console and returns the status that it ended with. Attention only tells that the operator
   has a line; the next read gets it. */
static uint16_t execute(uint8_t command, void *data, unsigned count, unsigned *residual) {
    static struct ccw program;
    uint16_t status = 0;
    program.command_and_address = (uint32_t)command << 24 | (uint32_t)(uintptr_t)data;
    program.flags = SUPPRESS_LENGTH_INDICATION;
    program.count = (uint16_t)count;
    channel_address_word = (uint32_t)(uintptr_t)&program;
    for (unsigned code; (code = start_io(CONSOLE)) != 0;) {
        if (code == 3) finish(0xBAD10D);
        if (code == 2) wait_for_interruption();
        /* Code 1: an interruption condition was in the way (busy, attention) and is cleared now; or an error. */
        if (code == 1 && (channel_status_word.status & (ATTENTION | BUSY | DEVICE_END)) == 0) finish(0xBAD10E);
    }
    do {
        if (wait_for_interruption() != CONSOLE) continue;
        if ((channel_status_word.status & ~ATTENTION) == 0) continue;
        status |= channel_status_word.status;
        if (channel_status_word.address != 0) *residual = channel_status_word.residual;
    } while ((status & (DEVICE_END | UNIT_CHECK)) == 0);
    if ((status & (UNIT_CHECK | CHANNEL_ERRORS)) != 0) finish(0xBAD10F);
    return status;
}

static uint8_t line[COLUMNS];
static unsigned used;

static void put(char c) {
    unsigned residual;
    if (c != '\n') line[used++] = to_ebcdic(c);
    if (c == '\n' || used == COLUMNS) {
        if (used == 0) line[used++] = 0x40; /* an empty line is a blank: a CCW moves at least one byte */
        execute(WRITE_WITH_RETURN, line, used, &residual);
        used = 0;
    }
}

void print(const char *text) {
    while (*text) put(*text++);
}

int read_line(char *text, size_t size) {
    uint8_t buffer[COLUMNS];
    unsigned residual = sizeof buffer;
    if (execute(READ_INQUIRY, buffer, sizeof buffer, &residual) & UNIT_EXCEPTION) return -1;
    unsigned length = (unsigned)(sizeof buffer - residual);
    if (length > size - 1) length = (unsigned)size - 1;
    for (unsigned i = 0; i < length; ++i) text[i] = from_ebcdic(buffer[i]);
    text[length] = 0;
    return (int)length;
}

static void pad(char with, int n) {
    while (n-- > 0) put(with);
}

void printf_console(const char *format, ...) {
    va_list list;
    va_start(list, format);
    for (; *format; ++format) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        int left = 0, zeros = 0, width = 0, longs = 0;
        for (++format; *format == '-' || *format == '0'; ++format) *format == '-' ? (left = 1) : (zeros = 1);
        for (; *format >= '0' && *format <= '9'; ++format) width = width * 10 + (*format - '0');
        for (; *format == 'l'; ++format) ++longs;
        char digits[66];
        const char *text = digits;
        int length = 0;
        switch (*format) {
            case 'd':
            case 'u':
            case 'x': {
                uint64_t value;
                if (*format == 'd') {
                    const int64_t number = longs == 2 ? va_arg(list, int64_t) : va_arg(list, int);
                    if (number < 0) digits[length++] = '-';
                    value = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
                } else {
                    value = longs == 2 ? va_arg(list, uint64_t) : va_arg(list, unsigned);
                }
                length += to_digits(digits + length, value, *format == 'x' ? 16 : 10);
                break;
            }
            case 'c':
                digits[0] = (char)va_arg(list, int);
                length = 1;
                zeros = 0;
                break;
            case 's':
                text = va_arg(list, const char *);
                length = (int)strlen(text);
                zeros = 0;
                break;
            default:
                digits[0] = *format;
                length = 1;
                width = 0;
        }
        if (!left && zeros && length > 0 && *text == '-') put('-'), ++text, --length, --width;
        if (!left) pad(zeros ? '0' : ' ', width - length);
        for (int i = 0; i < length; ++i) put(text[i]);
        if (left) pad(' ', width - length);
        if (*format == 0) break;
    }
    va_end(list);
}
