/* Metronome: an interactive guest that lives by the timer. Asks for beats and a tempo, then types a line a beat; between
   beats, and while the operator thinks, it waits and costs the machine nothing.

   It asks on the console for "BEATS PER_MINUTE", for instance "4 120"; "END" or cancel ends it. */
#include "guest.h"

/* A line for a beat: the pendulum is left or right, and the first of three beats is loud. */
static void draw(unsigned beat, unsigned beats) {
    static const char *const names[] = {"ONE", "two", "three"};
    char line[40];
    memset(line, '.', sizeof line - 1);
    line[sizeof line - 1] = 0;
    line[beat % 2 ? 37 : 1] = '*';
    printf_console("%3u/%u %s %s\n", beat + 1, beats, line, names[beat % 3]);
}

int main(void) {
    char line[81];
    unsigned total = 0;
    print("METRONOME: BEATS AND BEATS PER MINUTE, OR END\n");
    while (read_line(line, sizeof line) >= 0 && strcmp(line, "END") != 0 && strcmp(line, "end") != 0) {
        const char *second = strchr(line, ' ');
        const int beats = to_number(line), tempo = second ? to_number(second) : 0;
        if (beats < 1 || beats > 1000 || tempo < 1 || tempo > 600) {
            print("1 TO 1000 BEATS, 1 TO 600 A MINUTE, SUCH AS: 4 120\n");
            continue;
        }
        const uint64_t begin = clock_us();
        const uint32_t period = 60000u / (unsigned)tempo;
        for (int beat = 0; beat < beats; ++beat) {
            /* Until the next multiple of the period: typing takes time too, and lateness must not add up. */
            const uint32_t late = (uint32_t)((clock_us() - begin) / 1000) % period;
            if (beat > 0) sleep_ms(period - late);
            draw((unsigned)beat, (unsigned)beats);
            ++total;
        }
        print("NEXT?\n");
    }
    printf_console("METRONOME: %u BEATS\n", total);
    return 0;
}
