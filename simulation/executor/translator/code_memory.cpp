#include "simulation/executor/translator/code_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace simulation {
namespace {

void protect(uint8_t* place, size_t bytes, int protection) {
    const auto page = static_cast<uintptr_t>(getpagesize());
    const uintptr_t from = reinterpret_cast<uintptr_t>(place) & ~(page - 1);
    const uintptr_t to = reinterpret_cast<uintptr_t>(place) + bytes;
    if (mprotect(reinterpret_cast<void*>(from), to - from, protection) != 0) throw std::bad_alloc();
}

}  // namespace

CodeMemory::CodeMemory(size_t bytes) : size_(bytes) {
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    begin_ = static_cast<uint8_t*>(memory);
}

CodeMemory::~CodeMemory() { munmap(begin_, size_); }

void CodeMemory::open(uint8_t* place, size_t bytes) { protect(place, bytes, PROT_READ | PROT_WRITE); }
void CodeMemory::close(uint8_t* place, size_t bytes) { protect(place, bytes, PROT_READ | PROT_EXEC); }

}  // namespace simulation
