// Any text at all: the assembler either makes an image or says what is wrong, and decks can be punched of
// what it made.
#include "isa/assembler/assembler.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "isa/assembler/deck.hpp"
#include "isa/assembler/object_deck.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace isa::assembler;
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Options options;
    options.allow_externals = data[0] % 2 != 0;
    options.work_limit = 20000;  // loops without end are tried too, and quickly
    // Such a directory does not exist: COPY must find nothing of this host.
    const Result r = assemble(text, "/nowhere/at/all/fuzz.asm", options);
    bool error = false;
    for (const Diagnostic& d : r.diagnostics) {
        error = error || d.severity == Severity::error;
        if (d.message.empty() || d.file.empty()) std::abort();
    }
    if (r.ok == error) std::abort();
    if (!r.ok) return 0;
    for (const TextPiece& p : r.text)
        if (p.address < r.load_address || p.address + p.bytes.size() > r.load_address + r.image.size())
            std::abort();
    try {
        if (make_object_deck(r, "FUZZ").size() % 80 != 0) std::abort();
    } catch (const std::runtime_error&) {
        // a name of more than 8 characters
    }
    try {
        if (make_ipl_deck(r.image, r.load_address, r.entry, "FUZZ").size() % 80 != 0) std::abort();
    } catch (const std::runtime_error&) {
        // no room for the loader
    }
    return 0;
}
