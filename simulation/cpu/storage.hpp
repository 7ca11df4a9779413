// Real storage: bytes, storage keys, and the marks that tell which bytes have been decoded as instructions.
// GA22-7000 chapter 3. Host memory is used only where storage has been touched.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "isa/storage_key.hpp"
#include "simulation/channel/channel_storage.hpp"

namespace simulation {

inline constexpr uint32_t kBlock = 2048;  // the unit of storage protection
inline constexpr uint32_t kMebibyte = 1u << 20;

// Key bytes, as ISK delivers them.
inline constexpr uint8_t kKeyAccess = 0xF0;
using isa::kKeyFetchProtected;
inline constexpr uint8_t kKeyReferenced = 0x04;
inline constexpr uint8_t kKeyChanged = 0x02;

/// Anonymous host memory that reads as zero and costs nothing until touched.
class HostPages {
  public:
    explicit HostPages(size_t size);
    ~HostPages();
    HostPages(const HostPages&) = delete;
    HostPages& operator=(const HostPages&) = delete;
    uint8_t* data() { return data_; }
    const uint8_t* data() const { return data_; }
    /// Gives the pages back to the host; they read as zero again. Only whole host pages inside the range.
    void release(size_t offset, size_t length);

  private:
    uint8_t* data_;
    size_t size_;
};

class RealStorage {
  public:
    /// Size in bytes: a multiple of 4096, at most 64 MiB (26-bit real addresses; above 16 MiB only
    /// translation and indirect data addressing reach). Throws std::invalid_argument otherwise.
    explicit RealStorage(uint32_t size);

    uint32_t size() const { return size_; }
    bool valid(uint32_t absolute) const { return absolute < size_; }

    /// Direct access for reading, and for writing where the writer takes care of decoded code itself.
    uint8_t* at(uint32_t absolute) { return bytes_.data() + absolute; }
    const uint8_t* at(uint32_t absolute) const { return bytes_.data() + absolute; }

    // Big-endian, at any alignment.
    uint16_t get16(uint32_t a) const { return __builtin_bswap16(get<uint16_t>(a)); }
    uint32_t get32(uint32_t a) const { return __builtin_bswap32(get<uint32_t>(a)); }
    uint64_t get64(uint32_t a) const { return __builtin_bswap64(get<uint64_t>(a)); }

    // Stores that tell the executors when decoded instructions change. In range is the caller's duty.
    void put(uint32_t absolute, const uint8_t* in, uint32_t length) {
        std::memcpy(at(absolute), in, length);
        stored(absolute, length);
    }
    void put16(uint32_t a, uint16_t v) { put_bytes(a, __builtin_bswap16(v)); }
    void put32(uint32_t a, uint32_t v) { put_bytes(a, __builtin_bswap32(v)); }
    void put64(uint32_t a, uint64_t v) { put_bytes(a, __builtin_bswap64(v)); }
    /// At an address that is a multiple of the value's size.
    template <class T>
    void put_aligned(uint32_t a, T v) {
        if constexpr (sizeof v == 2) v = __builtin_bswap16(v);
        if constexpr (sizeof v == 4) v = __builtin_bswap32(v);
        if constexpr (sizeof v == 8) v = __builtin_bswap64(v);
        std::memcpy(at(a), &v, sizeof v);
        if (marks_.data()[a / kCodeGranule]) [[unlikely]]
            marked_stored(a, sizeof v);
    }
    /// The bytes of a value as they lie in the host.
    template <class T>
    void put_bytes(uint32_t a, T v) {
        std::memcpy(at(a), &v, sizeof v);
        stored(a, sizeof v);
    }
    /// Zeroes a range; whole host pages are given back.
    void clear(uint32_t absolute, uint32_t length);

    /// Whether somebody wants to know of stores into any of the bytes.
    bool is_marked(uint32_t absolute, uint32_t length) const {
        if (length <= kCodeGranule)  // they lie in one granule or in two
            return (marks_.data()[absolute / kCodeGranule] |
                    marks_.data()[(absolute + length - 1) / kCodeGranule]) != 0;
        const uint8_t* mark = marks_.data() + absolute / kCodeGranule;
        const uint8_t* const end = marks_.data() + (absolute + length - 1) / kCodeGranule + 1;
        uint64_t any = 0;
        for (uint64_t eight; end - mark >= 8; mark += 8) {
            std::memcpy(&eight, mark, 8);
            any |= eight;
        }
        for (; mark != end; ++mark) any |= *mark;
        return any != 0;
    }
    /// After bytes have changed: tells who has to know. Cheap where there is nobody.
    void stored(uint32_t absolute, uint32_t length) {
        if (is_marked(absolute, length)) [[unlikely]]
            marked_stored(absolute, length);
    }

    uint8_t key(uint32_t absolute) const { return keys_[absolute / kBlock]; }
    void set_key(uint32_t absolute, uint8_t key) { keys_[absolute / kBlock] = key; }
    void mark_used(uint32_t absolute, uint8_t bits) { keys_[absolute / kBlock] |= bits; }
    /// That of block 0, in front of the others.
    uint8_t* keys() { return keys_.data(); }

    /// Marks: one byte for each kCodeGranule bytes, of bits that tell who wants to know of stores there.
    static constexpr uint32_t kCodeGranule = 16;
    static constexpr uint8_t kDecoded = 1;  // an executor, which has decoded instructions from them
    static constexpr uint8_t kWatched = 2;  // the owner of the machine
    /// Who looks at several marks at once may look at so many from any one on: none are behind the last.
    static constexpr uint32_t kMarksAtOnce = 8;
    const uint8_t* marks() const { return marks_.data(); }
    /// Of all granules that the bytes lie in.
    void mark(uint32_t absolute, uint32_t length, uint8_t bit) {
        for (uint32_t g = absolute / kCodeGranule; g <= (absolute + length - 1) / kCodeGranule; ++g)
            marks_.data()[g] |= bit;
    }
    void unmark(uint32_t absolute, uint32_t length, uint8_t bit) {
        for (uint32_t g = absolute / kCodeGranule; g <= (absolute + length - 1) / kCodeGranule; ++g)
            marks_.data()[g] &= static_cast<uint8_t>(~bit);
    }
    using StoreListener = std::function<void(uint32_t absolute, uint32_t length)>;
    void on_code_stored(StoreListener listener) { on_code_stored_ = std::move(listener); }
    void on_watched_stored(StoreListener listener) { on_watched_stored_ = std::move(listener); }

  private:
    template <class T>
    T get(uint32_t a) const {
        T v;
        std::memcpy(&v, at(a), sizeof v);
        return v;
    }

    [[gnu::cold]] void marked_stored(uint32_t absolute, uint32_t length);

    uint32_t size_;
    HostPages bytes_;
    HostPages marks_;
    std::vector<uint8_t> keys_;
    StoreListener on_code_stored_ = [](uint32_t, uint32_t) {}, on_watched_stored_ = [](uint32_t, uint32_t) {};
};

/// Real storage as the real channels see it.
class RealChannelStorage final : public ChannelStorage {
  public:
    explicit RealChannelStorage(RealStorage& storage) : storage_(storage) {}
    uint32_t size() const override { return storage_.size(); }
    ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override;
    ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) override;

  private:
    RealStorage& storage_;
};

}  // namespace simulation
