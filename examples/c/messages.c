/* VMCF (DIAGNOSE X'68') and IUCV (X'B2F0'). */
#include "messages.h"

unsigned vmcf(struct vmcf_list *list) {
    register uint32_t at __asm__("1") = address_of(list);
    register uint32_t code __asm__("0") = 0;
    __asm__ volatile(".long 0x83100068" : "+d"(code) : "d"(at) : "memory");
    return code;
}

unsigned iucv(enum iucv_function function, union iucv_list *list) {
    register uint32_t what __asm__("0") = function;
    register uint32_t at __asm__("1") = address_of(list);
    unsigned code;
    __asm__ volatile(
        ".long 0xb2f01000\n"
        "        ipm     %0\n"
        "        srl     %0, 28"
        : "=d"(code), "+d"(what), "+d"(at)
        :
        : "cc", "memory");
    return code;
}

void enable_messages(unsigned which) {
    uint32_t control;
    __asm__ volatile("stctl %%c0, %%c0, %0" : "=Q"(control));
    control = (control & ~3u) | (which & 3u);
    __asm__ volatile("lctl %%c0, %%c0, %0" : : "Q"(control));
}

void user_id(uint8_t id[8], const char *name) {
    for (int i = 0; i < 8; ++i) id[i] = to_ebcdic(*name ? *name++ : ' ');
}
