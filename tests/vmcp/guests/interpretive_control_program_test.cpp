// examples/interpretive: the guest types what it types alone on the bare machine, whether the machine
// executes it, or the guest of the guest, by itself or with the control program's help.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"

using namespace vmcp;
using namespace vmcp::test;

namespace {

using Image = std::vector<uint8_t>;

const std::string kFolder = VMCP_SOURCE_DIR "/examples/interpretive/";
constexpr uint32_t kGuestStorage = 512 << 10, kLevel = 192 << 10, kStorage = 2 << 20;
constexpr uint64_t kMaxInstructions = 20'000'000;

bool skipped() {
    for (const char* program : {"s390x-linux-gnu-gcc", "python3"}) {
        if (tests::installed(program)) continue;
        MESSAGE("skipped: " << program << " is not installed");
        return true;
    }
    return false;
}

/// The guest, the control program with it, that one within itself, and so on to `levels`.
std::vector<Image> within(const Image& guest, unsigned levels) {
    const tests::TemporaryFolder dir;
    std::vector<Image> images = {guest};
    for (uint32_t storage = kGuestStorage; images.size() <= levels; storage += kLevel) {
        tests::put_bytes(dir / "guest.core", images.back());
        const std::string command = fmt::format(
            "{}/examples/control-program/build.py --program {} --flag=-Werror -o {} GUEST={}:{}K 2>&1",
            VMCP_SOURCE_DIR, kFolder, dir / "cp.core", dir / "guest.core", storage >> 10);
        const tests::CommandResult result = tests::run_command(command);
        REQUIRE_MESSAGE(result.code == 0, result.output);
        CHECK(result.output == "");
        images.push_back(tests::bytes_of(dir / "cp.core"));
    }
    return images;
}

EndState native(const Image& image, uint32_t storage, const std::string& model) {
    return NativeGuest(storage, kFolder + model + ".toml").run(image, kMaxInstructions);
}

/// Of every kind: BC and EC mode, its own translation, timers, SVC, keys, computing.
const std::vector<std::pair<std::string, Patches>> kGuests = {{"hello", {}},
                                                              {"tasks", {}},
                                                              {"privop", {{0x3F4, 20}}},
                                                              {"paging-os", {}},
                                                              {"churner", {{0x3F4, 20}}},
                                                              {"walker", {{0x3F8, 20000}}},
                                                              {"idle", {}},
                                                              {"asker", {{0x3F4, 20}}}};

}  // namespace

TEST_CASE("a control program that is its own guest, by interpretive execution") {
    if (skipped()) return;
    for (const auto& [name, patches] : kGuests) {
        const Image guest = example_guest(name, patches);
        const EndState alone = native(guest, kGuestStorage, "nested");
        const std::vector<Image> images = within(guest, 3);
        for (const unsigned levels : {1u, 2u, 3u}) {
            for (const char* model : {"one-level", "nested"}) {
                CAPTURE(name);
                CAPTURE(levels);
                CAPTURE(std::string(model));
                const EndState end = native(images[levels], kStorage, model);
                CHECK(end.end == "disabled-wait");
                CHECK(end.state.psw.address == alone.state.psw.address);
                CHECK(end.console == alone.console);
            }
        }
    }
}

TEST_CASE("what comes out of the innermost guest costs less where the machine executes guests of guests") {
    if (skipped()) return;
    const Image guest = example_guest("asker", {{0x3F4, 200}});
    const std::vector<Image> images = within(guest, 3);
    const auto instructions = [&](unsigned levels, const char* model) {
        return native(images[levels], kStorage, model).instructions;
    };
    const uint64_t one = instructions(1, "nested");
    // What a level more takes is its beginning: what comes out is told to the innermost host alone.
    CHECK(instructions(3, "nested") - instructions(2, "nested") < 20'000);
    CHECK(instructions(1, "one-level") == one);
    // Each level has each of the next one's exits, and its own for it.
    CHECK(instructions(2, "one-level") > one + 200 * 150);
    CHECK(instructions(3, "one-level") > one + 200 * 400);
}
