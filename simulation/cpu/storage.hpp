// Real storage: bytes, storage keys, and the marks that tell which bytes have been decoded as instructions.
// GA22-7000 chapter 3. Host memory is used only where storage has been touched.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "simulation/channel/channel_storage.hpp"

namespace simulation {

inline constexpr uint32_t kBlock = 2048;  // the unit of storage protection
inline constexpr uint32_t kMebibyte = 1u << 20;

// Key bytes, as ISK delivers them.
inline constexpr uint8_t kKeyAccess = 0xF0;
inline constexpr uint8_t kKeyFetchProtected = 0x08;
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

    uint16_t get16(uint32_t a) const { return static_cast<uint16_t>(at(a)[0] << 8 | at(a)[1]); }
    uint32_t get32(uint32_t a) const { return uint32_t{get16(a)} << 16 | get16(a + 2); }
    uint64_t get64(uint32_t a) const { return uint64_t{get32(a)} << 32 | get32(a + 4); }

    // Stores that tell the executors when decoded instructions change. In range is the caller's duty.
    void put(uint32_t absolute, const uint8_t* in, uint32_t length) {
        std::memcpy(at(absolute), in, length);
        stored(absolute, length);
    }
    void put16(uint32_t a, uint16_t v) {
        const uint8_t b[2] = {static_cast<uint8_t>(v >> 8), static_cast<uint8_t>(v)};
        put(a, b, 2);
    }
    void put32(uint32_t a, uint32_t v) {
        uint8_t b[4];
        for (int i = 0; i < 4; ++i) b[i] = static_cast<uint8_t>(v >> (24 - 8 * i));
        put(a, b, 4);
    }
    void put64(uint32_t a, uint64_t v) {
        put32(a, static_cast<uint32_t>(v >> 32));
        put32(a + 4, static_cast<uint32_t>(v));
    }
    /// Zeroes a range; whole host pages are given back.
    void clear(uint32_t absolute, uint32_t length);

    /// After bytes have changed: invalidates instructions decoded from them. Cheap where there are none.
    void stored(uint32_t absolute, uint32_t length) {
        const uint32_t last = (absolute + length - 1) / kCodeGranule;
        for (uint32_t g = absolute / kCodeGranule; g <= last; ++g) {
            if (code_marks_.data()[g]) {
                on_code_stored_(absolute, length);
                return;
            }
        }
    }

    uint8_t key(uint32_t absolute) const { return keys_[absolute / kBlock]; }
    void set_key(uint32_t absolute, uint8_t key) { keys_[absolute / kBlock] = key; }
    void mark_used(uint32_t absolute, uint8_t bits) { keys_[absolute / kBlock] |= bits; }

    /// Decoded-code marks: one byte for each kCodeGranule bytes.
    static constexpr uint32_t kCodeGranule = 16;
    uint8_t* code_marks() { return code_marks_.data(); }
    void on_code_stored(std::function<void(uint32_t absolute, uint32_t length)> listener) {
        on_code_stored_ = std::move(listener);
    }

  private:
    uint32_t size_;
    HostPages bytes_;
    HostPages code_marks_;
    std::vector<uint8_t> keys_;
    std::function<void(uint32_t, uint32_t)> on_code_stored_ = [](uint32_t, uint32_t) {};
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
