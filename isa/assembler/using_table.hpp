// Which base registers the program says hold which addresses (USING and DROP), and the choice among them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "isa/assembler/value.hpp"

namespace isa::assembler {

class UsingTable {
  public:
    struct Choice {
        uint8_t base = 0;
        uint16_t displacement = 0;
    };

    void use(unsigned reg, Value address) { registers_[reg] = std::move(address); }
    /// False if the register was not in use.
    bool drop(unsigned reg) {
        const bool was = registers_[reg].has_value();
        registers_[reg].reset();
        return was;
    }
    void drop_all() { registers_ = {}; }

    void push() { saved_.push_back(registers_); }
    /// False if nothing was saved.
    bool pop() {
        if (saved_.empty()) return false;
        registers_ = std::move(saved_.back());
        saved_.pop_back();
        return true;
    }

    /// The register that gives the smallest displacement; the highest numbered one of several. An absolute
    /// address below 4096 needs none: register 0, as a base, stands for zero. For the same reason USING x,0
    /// counts displacements from address zero whatever x is: `assembled` tells a value's assembled address.
    template <class AssembledAddress>
    std::optional<Choice> choose(const Value& target, AssembledAddress assembled) const {
        std::optional<Choice> best;
        const auto consider = [&](unsigned reg, int64_t displacement) {
            if (displacement < 0 || displacement > 4095) return;
            if (best && displacement > best->displacement) return;
            best = Choice{static_cast<uint8_t>(reg), static_cast<uint16_t>(displacement)};
        };
        if (target.absolute()) consider(0, target.number);
        for (unsigned reg = 0; reg < registers_.size(); ++reg) {
            if (!registers_[reg] || registers_[reg]->terms != target.terms) continue;
            consider(reg, reg == 0 ? assembled(target) : target.number - registers_[reg]->number);
        }
        return best;
    }

  private:
    using Registers = std::array<std::optional<Value>, 16>;
    Registers registers_;
    std::vector<Registers> saved_;
};

}  // namespace isa::assembler
