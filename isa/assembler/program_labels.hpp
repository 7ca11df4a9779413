// The labels of an assembled program, each with the stretch of storage that is nearest to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace isa::assembler {

struct ProgramLabel {
    const SymbolInfo* symbol = nullptr;  // of the result
    uint32_t end = 0;                    // the next label's address, or where the section ends
    std::size_t section = 0;             // index into Result::sections: one of the image
    bool data = false;                   // constants or space stand there, else an instruction, or nothing
};

/// Whether an image holds what the section has, if it has any.
bool in_image(const SectionInfo& section);

/// By ascending address; those of one address by name. The names of control sections are not among them.
std::vector<ProgramLabel> program_labels(const Result& result);

}  // namespace isa::assembler
