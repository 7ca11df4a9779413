// The source of chance for generated cases: each case has its own stream, a function of the seed and the
// case's number, so that a case is the same whatever ran before it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vmcp::conformance {

/// SplitMix64 (Steele, Lea and Flood 2014): small, good enough, and the same on every host.
class Random {
  public:
    Random(uint64_t seed, uint64_t stream) : state_(mix(seed) ^ mix(stream * 0x9E3779B97F4A7C15 + 1)) {}

    uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15); }
    uint32_t next32() { return static_cast<uint32_t>(next() >> 32); }
    uint8_t byte() { return static_cast<uint8_t>(next() >> 56); }

    /// 0 to n-1; n is at least 1.
    uint32_t below(uint32_t n) { return static_cast<uint32_t>((next() >> 32) * n >> 32); }
    /// first to last, both included.
    uint32_t between(uint32_t first, uint32_t last) { return first + below(last - first + 1); }
    bool chance(uint32_t percent) { return below(100) < percent; }

    template <class T, std::size_t n>
    const T& pick(const T (&values)[n]) {
        return values[below(n)];
    }

  private:
    static uint64_t mix(uint64_t z) {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
    uint64_t state_;
};

}  // namespace vmcp::conformance
