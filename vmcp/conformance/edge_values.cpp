#include "vmcp/conformance/edge_values.hpp"

#include <algorithm>

namespace vmcp::conformance {
namespace {

constexpr uint32_t kWords[] = {0,          1,          2,          0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFFFFF,
                               0x80000000, 0x80000001, 0x7FFFFFFE, 0x00007FFF, 0x00008000, 0xFFFF8000,
                               0xFFFF7FFF, 0x0000FFFF, 0x00FFFFFF, 0x01000000, 0x55555555, 0xAAAAAAAA};

uint8_t edge_byte(Random& random) {
    static constexpr uint8_t kBytes[] = {0, 1, 0x7F, 0x80, 0xFF, 0x40, 0xF0, 0x0F, 0x0C, 0x20, 0x21};
    return random.chance(40) ? random.pick(kBytes) : random.byte();
}

uint8_t sign_code(Random& random) {
    static constexpr uint8_t kPreferred[] = {0xC, 0xD, 0xC, 0xD, 0xF};
    return random.chance(80) ? random.pick(kPreferred) : static_cast<uint8_t>(random.between(0xA, 0xF));
}

}  // namespace

uint32_t edge_word(Random& random) {
    switch (random.below(6)) {
        case 0:
        case 1: return random.pick(kWords);
        case 2: return (1u << random.below(32)) - random.below(3) + 1;
        case 3: return random.chance(50) ? random.below(300) : 0u - random.below(300);
        case 4: return random.next32() >> random.below(32);
        default: return random.next32();
    }
}

uint64_t edge_float(Random& random) {
    static constexpr uint8_t kCharacteristics[] = {0x00, 0x01, 0x02, 0x05, 0x0D, 0x20, 0x3F, 0x40, 0x41,
                                                   0x42, 0x46, 0x4E, 0x5F, 0x60, 0x7A, 0x7E, 0x7F};
    uint8_t characteristic = random.byte() & 0x7F;
    if (random.chance(45))
        characteristic = random.pick(kCharacteristics);
    else if (random.chance(60))
        characteristic = static_cast<uint8_t>(random.between(0x38, 0x4F));  // they meet
    constexpr uint64_t kFraction = 0x00FFFFFFFFFFFFFF;
    uint64_t fraction = random.next() & kFraction;
    switch (random.below(9)) {
        case 0: fraction = 0; break;
        case 1: fraction = uint64_t{1} << random.below(56); break;
        case 2: fraction = kFraction >> 4 * random.below(14); break;
        case 3: fraction >>= 4 * random.below(14); break;  // unnormalized
        case 4: fraction &= 0x00FFFFFF00000000; break;     // a short number
        case 5: fraction = random.chance(50) ? 0x0010000000000000 : 0x00FFFFFF00000000; break;
        case 6: fraction &= kFraction << 4 * random.below(14); break;
        default: break;
    }
    if (random.chance(4)) characteristic = 0, fraction = 0;
    return uint64_t{random.chance(50)} << 63 | uint64_t{characteristic} << 56 | (fraction & kFraction);
}

std::vector<uint8_t> edge_packed(Random& random, unsigned length, unsigned zeros, bool may_be_invalid) {
    const unsigned digits = 2 * length - 1;
    std::vector<uint8_t> digit(digits);
    const unsigned style = random.below(6);
    for (uint8_t& d : digit) {
        d = static_cast<uint8_t>(random.below(10));
        if (style == 0) d = 0;
        if (style == 1) d = 9;
        if (style == 2) d = random.chance(70) ? (random.chance(50) ? 0 : 9) : d;
    }
    if (style == 3) zeros = std::max(zeros, random.below(digits + 1));
    std::fill_n(digit.begin(), std::min(zeros, digits), uint8_t{0});
    if (style == 0 && random.chance(30)) digit.back() = static_cast<uint8_t>(random.between(1, 9));
    uint8_t sign = sign_code(random);
    if (may_be_invalid && random.chance(6)) {
        if (random.chance(50))
            sign = static_cast<uint8_t>(random.below(10));
        else
            digit[random.below(digits)] = static_cast<uint8_t>(random.between(10, 15));
    }
    digit.push_back(sign);
    std::vector<uint8_t> bytes(length);
    for (unsigned n = 0; n < length; ++n)
        bytes[n] = static_cast<uint8_t>(digit[2 * n] << 4 | digit[2 * n + 1]);
    return bytes;
}

std::vector<uint8_t> edge_operand(Random& random, Data data, unsigned length) {
    std::vector<uint8_t> bytes(length);
    if (length == 0) return bytes;
    const auto put = [&](uint64_t value, unsigned at) {
        for (unsigned n = 0; n < 8 && at + n < length; ++n)
            bytes[at + n] = static_cast<uint8_t>(value >> (56 - 8 * n));
    };
    switch (data) {
        case Data::packed: return edge_packed(random, length, random.chance(50) ? length : 0);
        case Data::zoned:
            for (uint8_t& b : bytes) b = static_cast<uint8_t>(0xF0 | random.below(10));
            if (random.chance(30)) bytes[random.below(length)] = random.byte();
            bytes.back() = static_cast<uint8_t>(sign_code(random) << 4 | (bytes.back() & 0xF));
            break;
        case Data::float_short:
        case Data::float_long: put(edge_float(random), 0); break;
        case Data::float_extended: {
            const uint64_t high = edge_float(random);
            put(high, 0);
            uint64_t low = edge_float(random);
            // Usually as the machine makes it: the characteristic of the low-order part is 14 less.
            if (random.chance(80))
                low = (low & 0x00FFFFFFFFFFFFFF) | (((high >> 56) - 14) & 0x7F) << 56 | (high & 1ull << 63);
            put(low, 8);
            break;
        }
        case Data::fixed:
            for (unsigned n = 0; n < length; n += 4) put(uint64_t{edge_word(random)} << 32, n);
            if (length == 2) {  // halfwords have their own edges
                const auto half = static_cast<uint16_t>(edge_word(random) >> (random.chance(50) ? 16 : 0));
                bytes = {static_cast<uint8_t>(half >> 8), static_cast<uint8_t>(half)};
            }
            break;
        case Data::none:
        case Data::bytes: {
            const unsigned style = random.below(4);
            const uint8_t same = edge_byte(random);
            for (uint8_t& b : bytes) b = style == 0 ? same : edge_byte(random);
            break;
        }
    }
    return bytes;
}

}  // namespace vmcp::conformance
