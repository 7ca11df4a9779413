// Object decks against those that OS/VS1's assembler (IFOX00, level 0201) punches of the same source, under
// OS/VS1 on the simulated machine: tests/fixtures/assembler/NAME.asm and NAME.deck, in the form of
// object_deck_text.hpp. (The END records there hold the assembler's own identification, too, which is left
// out.)
#include <algorithm>
#include <filesystem>

#include "assembler_support.hpp"
#include "object_deck_text.hpp"
#include "tests/file_contents.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

TEST_CASE("decks are those of the operating system's assembler") {
    const std::filesystem::path folder = VMCP_SOURCE_DIR "/tests/fixtures/assembler";
    unsigned compared = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".asm") continue;
        CAPTURE(file.path().string());
        Options options;
        options.allow_externals = true;
        const Result r = assemble(tests::contents(file.path().string()), file.path().string(), options);
        for (const auto& d : r.diagnostics) {
            INFO(to_string(d));
            CHECK(d.severity != Severity::error);
        }
        if (!r.ok) continue;
        CHECK(deck_text(r) ==
              tests::contents(std::filesystem::path(file).replace_extension(".deck").string()));
        ++compared;
    }
    CHECK(compared == 52);
}
