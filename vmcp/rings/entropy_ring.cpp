#include "vmcp/rings/entropy_ring.hpp"

#include <utility>

namespace vmcp {

/// SplitMix64 (Steele, Lea and Flood, 2014): every seed is a good one.
uint8_t EntropyRing::next_byte() {
    if (left_ == 0) {
        state_ += 0x9E3779B97F4A7C15;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        bytes_ = z ^ (z >> 31);
        left_ = 8;
    }
    --left_;
    return static_cast<uint8_t>(std::exchange(bytes_, bytes_ >> 8));
}

bool EntropyRing::serve(Work& work, unsigned n) {
    for (unsigned done = 0; done < kAtOnce; ++done) {
        const auto chain = take_room(work, n);
        if (!chain) return false;
        std::vector<uint8_t> bytes(chain->writable_bytes);
        for (uint8_t& byte : bytes) byte = next_byte();
        if (!fill(work, n, *chain, bytes)) return false;
        if (!give_back(work, n, *chain, chain->writable_bytes)) return false;
    }
    return true;
}

}  // namespace vmcp
