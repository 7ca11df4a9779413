#include "corpus.h"

static u32 word = 5;
static u64 two_words = 77;
static u8 byte = 3;
static u16 half = 9;

static NOINLINE u32 take(u32 *lock) { return __sync_lock_test_and_set(lock, 1); }
static NOINLINE void give(u32 *lock) { __sync_lock_release(lock); }

void corpus_atomics(void) {
    u32 expected = 5;
    put("exchange", (u32)__atomic_compare_exchange_n(&word, &expected, 9, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    put("exchange", (u32)__atomic_compare_exchange_n(&word, &expected, 11, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    put("expected", expected);
    put("add", __atomic_fetch_add(&word, 100, __ATOMIC_SEQ_CST));
    put("or", __atomic_or_fetch(&word, 0x1000, __ATOMIC_RELAXED));
    put("swap", __atomic_exchange_n(&word, 1, __ATOMIC_SEQ_CST));
    put("byte", __atomic_fetch_add(&byte, 2, __ATOMIC_SEQ_CST));
    put("byte", __atomic_xor_fetch(&byte, 0xF0, __ATOMIC_SEQ_CST));
    put("half", __atomic_exchange_n(&half, 500, __ATOMIC_SEQ_CST));
    put("half", __atomic_and_fetch(&half, 0x1F0, __ATOMIC_SEQ_CST));
    put("bool", (u32)__sync_bool_compare_and_swap(&byte, 0xF5, 1) + 2u * __sync_bool_compare_and_swap(&half, 1, 2));
    u64 old = 77;
    put("double", (u32)__atomic_compare_exchange_n(&two_words, &old, 1ULL << 40, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    put64("double", __atomic_load_n(&two_words, __ATOMIC_SEQ_CST));
    __sync_synchronize();
    static u32 lock;
    u32 taken = take(&lock);
    taken = taken * 2 + take(&lock);
    give(&lock);
    taken = taken * 2 + take(&lock);
    put("lock", taken);
}
