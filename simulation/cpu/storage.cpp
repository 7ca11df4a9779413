#include "simulation/cpu/storage.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <stdexcept>
#include <utility>

namespace simulation {

HostPages::HostPages(size_t size) : size_(size) {
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<uint8_t*>(p);
}

HostPages::~HostPages() { munmap(data_, size_); }

void HostPages::release(size_t offset, size_t length) {
    static const auto host_page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t first = (offset + host_page - 1) / host_page * host_page;
    const size_t end = (offset + length) / host_page * host_page;
    if (end > first) madvise(data_ + first, end - first, MADV_DONTNEED);
}

namespace {

uint32_t checked_size(uint32_t size) {
    if (size == 0 || size % 4096 != 0 || size > 64 * kMebibyte)
        throw std::invalid_argument("real storage must be a multiple of 4096 bytes, at most 64 MiB");
    return size;
}

}  // namespace

RealStorage::RealStorage(uint32_t size)
    : size_(checked_size(size)),
      bytes_(size),
      marks_(size / kCodeGranule + kMarksAtOnce),
      keys_(size / kBlock) {}

void RealStorage::marked_stored(uint32_t absolute, uint32_t length) {
    uint8_t marks = 0;
    for (uint32_t g = absolute / kCodeGranule; g <= (absolute + length - 1) / kCodeGranule; ++g)
        marks |= marks_.data()[g];
    if (marks & kDecoded) on_code_stored_(absolute, length);
    if (marks & kWatched) on_watched_stored_(absolute, length);
}

void RealStorage::clear(uint32_t absolute, uint32_t length) {
    if (length >= 64 * 1024) {
        std::memset(at(absolute), 0, 4096 - absolute % 4096);  // the ends may share a host page with others
        const uint32_t tail = (absolute + length) % 4096;
        std::memset(at(absolute + length - tail), 0, tail);
        bytes_.release(absolute, length);
    } else {
        std::memset(at(absolute), 0, length);
    }
    stored(absolute, length);
}

ChannelAccess RealChannelStorage::fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) {
    if (address >= storage_.size() || length > storage_.size() - address) return ChannelAccess::addressing;
    if (!isa::key_allows(storage_.key(address), key, false)) return ChannelAccess::protection;
    storage_.mark_used(address, kKeyReferenced);
    std::memcpy(out, storage_.at(address), length);
    return ChannelAccess::ok;
}

ChannelAccess RealChannelStorage::store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) {
    if (address >= storage_.size() || length > storage_.size() - address) return ChannelAccess::addressing;
    if (!isa::key_allows(storage_.key(address), key, true)) return ChannelAccess::protection;
    storage_.mark_used(address, kKeyReferenced | kKeyChanged);
    storage_.put(address, in, length);
    return ChannelAccess::ok;
}

}  // namespace simulation
