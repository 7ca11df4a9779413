// Bytes of ELF and DWARF as they are put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace isa::assembler {

/// A growing piece of a big-endian file.
class ElfBytes {
  public:
    void u8(unsigned value) { bytes_.push_back(static_cast<uint8_t>(value)); }
    void u16(unsigned value) {
        u8(value >> 8);
        u8(value);
    }
    void u32(uint32_t value) {
        u16(value >> 16);
        u16(value);
    }
    /// LEB128, as DWARF has numbers of any size.
    void unsigned_leb(uint64_t value) {
        for (; value > 0x7F; value >>= 7) u8((value & 0x7F) | 0x80);
        u8(static_cast<unsigned>(value));
    }
    void signed_leb(int64_t value) {
        for (; value < -64 || value > 63; value >>= 7) u8((value & 0x7F) | 0x80);
        u8(value & 0x7F);
    }
    /// With a zero behind.
    void string(std::string_view text) {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        u8(0);
    }
    void append(const std::vector<uint8_t>& bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    void align(std::size_t boundary, uint8_t with = 0) {
        while (bytes_.size() % boundary != 0) bytes_.push_back(with);
    }
    std::size_t size() const { return bytes_.size(); }
    std::vector<uint8_t> take() { return std::move(bytes_); }

    /// A word that tells the length of what is put behind it, until end_length.
    std::size_t begin_length() {
        u32(0);
        return size();
    }
    void end_length(std::size_t begin) {
        const auto length = static_cast<uint32_t>(size() - begin);
        for (unsigned i = 0; i < 4; ++i) bytes_[begin - 4 + i] = static_cast<uint8_t>(length >> (24 - 8 * i));
    }

  private:
    std::vector<uint8_t> bytes_;
};

/// A table of strings, the empty one at 0.
class ElfStrings {
  public:
    ElfStrings() { bytes_.u8(0); }
    uint32_t add(std::string_view text) {
        if (text.empty()) return 0;
        const auto at = static_cast<uint32_t>(bytes_.size());
        bytes_.string(text);
        return at;
    }
    std::vector<uint8_t> take() { return bytes_.take(); }

  private:
    ElfBytes bytes_;
};

}  // namespace isa::assembler
