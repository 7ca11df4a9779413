// The records of a spool file, one behind the other: the command by which each was written, and its data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace vmcp {

struct SpoolRecord {
    uint8_t command = 0;
    std::span<const uint8_t> data;  // EBCDIC; of a card in data mode 2 column binary
};

/// In one piece, which is also how they lie on the host's disk: a record is its command (1 byte), the length
/// of its data (2 bytes, the high-order one first) and the data.
class SpoolRecords {
  public:
    static constexpr size_t kPrefix = 3;
    static constexpr size_t kMostData = 0xFFFF;

    /// `data`: at most kMostData bytes.
    void append(uint8_t command, std::span<const uint8_t> data);
    size_t count() const { return count_; }
    bool empty() const { return count_ == 0; }
    const std::vector<uint8_t>& bytes() const { return bytes_; }

    /// Nothing where the bytes do not end with a whole record.
    static std::optional<SpoolRecords> of(std::vector<uint8_t> bytes);

    class Iterator {
      public:
        explicit Iterator(const uint8_t* at) : at_(at) {}
        SpoolRecord operator*() const { return {at_[0], {at_ + kPrefix, length()}}; }
        Iterator& operator++() {
            at_ += kPrefix + length();
            return *this;
        }
        bool operator==(const Iterator&) const = default;

      private:
        size_t length() const { return size_t{at_[1]} << 8 | at_[2]; }
        const uint8_t* at_;
    };
    Iterator begin() const { return Iterator(bytes_.data()); }
    Iterator end() const { return Iterator(bytes_.data() + bytes_.size()); }

  private:
    std::vector<uint8_t> bytes_;
    size_t count_ = 0;
};

}  // namespace vmcp
