/* Dynamic address translation for C guests: one address space of 16 MiB with 64K segments and 4K pages. GA22-7000
   chapter 3, "Dynamic Address Translation". For a program that includes this file once.

   The program maps what it wants to see, itself included, turns translation on, works, and turns it off again before it
   prints or sleeps: interruptions come with translation off, and console and timer work with real addresses. */
#ifndef TRANSLATION_H
#define TRANSLATION_H

#include <stdint.h>

enum { PAGE = 4096, SEGMENTS = 256, PAGES_PER_SEGMENT = 16, INVALID_PAGE = 8, INVALID_SEGMENT = 1 };

static uint32_t segment_table[SEGMENTS] __attribute__((aligned(64)));
static uint16_t page_tables[SEGMENTS][PAGES_PER_SEGMENT] __attribute__((aligned(8)));

/* Nothing is mapped; the control registers name the tables. */
static inline void make_address_space(void) {
    for (int s = 0; s < SEGMENTS; ++s) {
        segment_table[s] = INVALID_SEGMENT;
        for (int p = 0; p < PAGES_PER_SEGMENT; ++p) page_tables[s][p] = INVALID_PAGE;
    }
    const uint32_t registers[2] = {
        0x00800000,                                 /* CR0: 4K pages, 64K segments */
        15u << 24 | (uint32_t)segment_table,        /* CR1: 16 times 16 segments */
    };
    __asm__ volatile("lctl 0,1,%0" : : "Q"(registers) : "memory");
    __asm__ volatile("ptlb" : : : "memory");
}

/* The page's entry leads to that frame. It must have been invalid since the last purge_tlb() or invalidate_page(). */
static inline void map_page(uint32_t address, uint32_t frame) {
    const uint32_t segment = address >> 16;
    segment_table[segment] = 15u << 28 | (uint32_t)page_tables[segment];
    page_tables[segment][address >> 12 & 15] = (uint16_t)(frame >> 8);
}

/* The program, its data and its stack: their virtual addresses are the real ones. */
static inline void map_program(void) {
    extern char stack_top[];
    for (uint32_t a = 0; a < (uint32_t)stack_top; a += PAGE) map_page(a, a);
}

/* IPTE: the entry is marked invalid, and the TLB forgets it. */
static inline void invalidate_page(uint32_t address) {
    __asm__ volatile("ipte %0,%1" : : "a"(page_tables[address >> 16]), "a"(address) : "memory");
}

/* PTLB: the TLB forgets everything. */
static inline void purge_tlb(void) { __asm__ volatile("ptlb" : : : "memory"); }

static inline void translation_on(void) {
    uint8_t before;
    __asm__ volatile("stosm %0,0x04" : "=Q"(before) : : "memory");
}

static inline void translation_off(void) {
    uint8_t before;
    __asm__ volatile("stnsm %0,0xfb" : "=Q"(before) : : "memory");
}

#endif
