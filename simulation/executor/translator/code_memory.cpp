#include "simulation/executor/translator/code_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace simulation {

CodeMemory::CodeMemory(size_t bytes) {
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return;
    begin_ = static_cast<uint8_t*>(memory);
    size_ = mapped_ = bytes;
}

CodeMemory::~CodeMemory() {
    if (begin_ != nullptr) munmap(begin_, mapped_);
}

bool CodeMemory::protect(uint8_t* place, size_t bytes, int protection) {
    const auto page = static_cast<uintptr_t>(getpagesize());
    const uintptr_t from = reinterpret_cast<uintptr_t>(place) & ~(page - 1);
    const uintptr_t to = reinterpret_cast<uintptr_t>(place) + bytes;
    if (mprotect(reinterpret_cast<void*>(from), to - from, protection) == 0) return true;
    size_ = used_;
    return false;
}

bool CodeMemory::open(uint8_t* place, size_t bytes) { return protect(place, bytes, PROT_READ | PROT_WRITE); }
bool CodeMemory::close(uint8_t* place, size_t bytes) { return protect(place, bytes, PROT_READ | PROT_EXEC); }

}  // namespace simulation
