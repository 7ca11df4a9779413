#include "isa/pack.hpp"

namespace isa {
namespace {

/// The second operand, read from right to left. Bytes to the left of it read as zero.
class Source {
  public:
    Source(uint8_t* bytes, unsigned length, int32_t overlap)
        : bytes_(bytes), length_(static_cast<int32_t>(length)), next_(length_ - 1), overlap_(overlap) {}

    unsigned fetch() {
        if (next_ < 0) return 0;
        return bytes_[next_--];
    }

    /// Byte `i` of the result was stored: the source may be there as well.
    void stored(unsigned i, uint8_t value) {
        const int32_t at = static_cast<int32_t>(i) + overlap_;
        if (at >= 0 && at < length_) bytes_[at] = value;
    }

  private:
    uint8_t* bytes_;
    int32_t length_;
    int32_t next_;
    int32_t overlap_;
};

void put(uint8_t* result, unsigned i, unsigned value, Source& source) {
    result[i] = static_cast<uint8_t>(value);
    source.stored(i, result[i]);
}

}  // namespace

void pack(uint8_t* result, unsigned n1, uint8_t* bytes, unsigned n2, int32_t overlap) {
    Source source(bytes, n2, overlap);
    const unsigned last = source.fetch();
    put(result, n1 - 1, last >> 4 | (last & 0xF) << 4, source);
    for (unsigned i = n1 - 1; i-- > 0;) {
        const unsigned right = source.fetch() & 0xF;
        const unsigned left = source.fetch() & 0xF;
        put(result, i, left << 4 | right, source);
    }
}

void unpack(uint8_t* result, unsigned n1, uint8_t* bytes, unsigned n2, int32_t overlap) {
    Source source(bytes, n2, overlap);
    const unsigned last = source.fetch();
    put(result, n1 - 1, last >> 4 | (last & 0xF) << 4, source);
    unsigned pair = 0;
    for (unsigned i = n1 - 1; i-- > 0;) {
        // One source byte gives two result bytes; it is not fetched again for the second.
        const bool first_of_two = (n1 - 2 - i) % 2 == 0;
        pair = first_of_two ? source.fetch() : pair >> 4;
        put(result, i, 0xF0 | (pair & 0xF), source);
    }
}

void move_with_offset(uint8_t* result, unsigned n1, uint8_t* bytes, unsigned n2, int32_t overlap) {
    Source source(bytes, n2, overlap);
    unsigned byte = source.fetch();
    put(result, n1 - 1, (byte & 0xF) << 4 | (result[n1 - 1] & 0xF), source);
    for (unsigned i = n1 - 1; i-- > 0;) {
        const unsigned left_over = byte >> 4;
        byte = source.fetch();
        put(result, i, left_over | (byte & 0xF) << 4, source);
    }
}

}  // namespace isa
