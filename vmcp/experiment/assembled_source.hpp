// What is known of a guest that was assembled here: which line of the source a place in its storage was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "simulation/model/capitals.hpp"

namespace vmcp::experiment {

struct AssembledSource {
    std::vector<isa::assembler::PlacedStatement> statements;
    std::vector<isa::assembler::SymbolInfo> symbols;  // ascending by name
    std::vector<std::string> members;                 // files that COPY and macro calls have read
    std::string warnings;                             // of the assembler, with the lines that they are about

    /// The statement that the byte at an address comes from; null: none.
    const isa::assembler::PlacedStatement* at(uint32_t address) const {
        for (auto one = statements.rbegin(); one != statements.rend(); ++one)
            if (address >= one->address && address - one->address < one->length) return &*one;
        return nullptr;
    }
    /// The symbol of this name, in letters of whichever case; null: there is none.
    const isa::assembler::SymbolInfo* symbol(std::string_view name) const {
        const std::string wanted = simulation::capitals(name);
        for (const isa::assembler::SymbolInfo& one : symbols)
            if (simulation::capitals(one.name) == wanted) return &one;
        return nullptr;
    }
};

}  // namespace vmcp::experiment
