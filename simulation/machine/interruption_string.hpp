// When a string of interruptions has no end.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "isa/psw.hpp"

namespace simulation {

/// What an interruption has left behind: the PSW that it loaded, and the assigned locations up to the I/O
/// address, where old and new PSWs and the codes are.
struct InterruptionRecord {
    isa::Psw psw;
    std::array<uint8_t, 0xC0> locations{};

    uint8_t byte(uint32_t address) const { return address < locations.size() ? locations[address] : 0; }
};

/// Notices a CPU that is interrupted again and again without completing an instruction: a new PSW that itself
/// is in error, or an interruption that its own new PSW enables again. A real CPU would go on so until the
/// operator stopped it; here it counts as a check-stop.
class InterruptionString {
  public:
    static constexpr unsigned kEndless = 1000;
    /// To be told of every interruption; true when it comes without an instruction completed since the one
    /// before.
    bool add(uint64_t completed_instructions) {
        if (completed_instructions == completed_) [[unlikely]] {
            ++length_;
            return true;
        }
        completed_ = completed_instructions;
        length_ = 0;
        return false;
    }
    bool endless() const { return length_ >= kEndless; }

    /// Keeps what the string's first interruption has left, if it is the second that is about to come:
    /// whoever wants to know why must know of the first. `storage`: isa::AssignedStorage.
    template <class S>
    [[gnu::cold]] void keep_first(const isa::Psw& psw, const S& storage) {
        if (length_ != 1) return;
        if (first_ == nullptr) first_ = std::make_unique<InterruptionRecord>();
        first_->psw = psw;
        for (uint32_t at = 0; at < first_->locations.size(); at += 8) {
            const uint64_t word = storage.fetch_assigned64(at);
            for (unsigned i = 0; i < 8; ++i)
                first_->locations[at + i] = static_cast<uint8_t>(word >> (56 - 8 * i));
        }
    }
    /// Of the last string of two or more; null: there was none.
    const InterruptionRecord* first() const { return first_.get(); }

  private:
    uint64_t completed_ = ~uint64_t{0};
    unsigned length_ = 0;
    std::unique_ptr<InterruptionRecord> first_;
};

}  // namespace simulation
