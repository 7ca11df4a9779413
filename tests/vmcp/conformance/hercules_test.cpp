// The driver of Debian's hercules: it must give back exactly what a small program leaves behind, again and
// again.
#include "vmcp/conformance/hercules.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "vmcp/conformance/benchmark_time.hpp"

using namespace vmcp::conformance;

namespace {

std::vector<uint8_t> bytes_of(std::string_view hex) {
    std::vector<uint8_t> bytes;
    for (size_t n = 0; n + 1 < hex.size(); n += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoul(std::string(hex.substr(n, 2)), nullptr, 16)));
    return bytes;
}

void place(std::vector<uint8_t>& image, uint32_t address, std::string_view hex) {
    const std::vector<uint8_t> bytes = bytes_of(hex);
    if (image.size() < address + bytes.size()) image.resize(address + bytes.size());
    std::copy(bytes.begin(), bytes.end(), image.begin() + address);
}

/// Nothing where hercules is absent: says so once a test.
std::unique_ptr<Hercules> hercules() {
    const auto program = Hercules::find();
    if (!program) {
        MESSAGE("skipped: " << Hercules::missing_message());
        return nullptr;
    }
    return std::make_unique<Hercules>(*program);
}

}  // namespace

TEST_CASE("hercules runs a core image to its disabled wait and gives back the state" *
          doctest::test_suite("hercules")) {
    const auto judge = hercules();
    if (!judge) return;
    RunRequest request;
    place(request.core.bytes, 0, "0000000000000400");
    // LA 1,5 / L 2,600 / LD 2,608 / LCTL 8,8,600 / ST 2,700 / LPSW 500
    place(request.core.bytes, 0x400,
          "411000055820060068200608B7880600502007008200"
          "0500");
    place(request.core.bytes, 0x500, "000200000000DEAD");
    place(request.core.bytes, 0x600,
          "89ABCDEF00000000"
          "4110000000000001");
    request.dumps = {{0x700, 8}, {0x600, 4}};
    for (int repeat = 0; repeat < 3; ++repeat) {
        const Outcome outcome = judge->run(request);
        CHECK(outcome.stop == Stop::disabled_wait);
        CHECK(comparable_psw(outcome.psw) == 0x000200000000DEAD);
        CHECK(outcome.gpr[1] == 5);
        CHECK(outcome.gpr[2] == 0x89ABCDEF);
        CHECK(outcome.gpr[3] == 0);
        CHECK(outcome.fpr[1] == 0x4110000000000001);
        CHECK(outcome.cr[8] == 0x89ABCDEF);
        CHECK(outcome.cr[0] == 0xE0);
        REQUIRE(outcome.storage.size() == 2);
        CHECK(outcome.storage[0].bytes == bytes_of("89ABCDEF00000000"));
        CHECK(outcome.storage[1].bytes == bytes_of("89ABCDEF"));
    }
}

TEST_CASE("hercules: a string of program interruptions is a check-stop, an endless loop meets the limit" *
          doctest::test_suite("hercules")) {
    const auto judge = hercules();
    if (!judge) return;
    RunRequest request;
    place(request.core.bytes, 0, "0000000000000400");
    place(request.core.bytes, 0x68, "F808000000000400");  // a program new PSW that is invalid itself
    place(request.core.bytes, 0x400, "0000");
    CHECK(judge->run(request).stop == Stop::check_stop);

    place(request.core.bytes, 0x400,
          "41100005"
          "47F00404");
    request.host_seconds_limit = 0.3;
    const Outcome outcome = judge->run(request);
    CHECK(outcome.stop == Stop::limit);
    CHECK(outcome.gpr[1] == 5);
    CHECK(comparable_psw(outcome.psw) == 0x404);
}

TEST_CASE("hercules: the time of a loop grows with its body" * doctest::test_suite("hercules")) {
    const auto judge = hercules();
    if (!judge) return;
    const auto kernel = [](const std::string& body) {
        return [body](uint32_t iterations) {
            RunRequest request;
            place(request.core.bytes, 0, "0000000000000400");
            place(request.core.bytes, 0x400,
                  "58200500" + body +
                      "46200404"
                      "82000508");
            char count[9];
            std::snprintf(count, sizeof count, "%08X", iterations);
            place(request.core.bytes, 0x500, count);
            place(request.core.bytes, 0x508, "0002000000000000");
            return request;
        };
    };
    std::string additions;
    for (int n = 0; n < 20; ++n) additions += "1A33";
    const LoopTime empty = time_of(*judge, kernel(""), 0.02, 2);
    const LoopTime full = time_of(*judge, kernel(additions), 0.02, 2);
    CHECK(empty.seconds_per_iteration > 0);
    CHECK(full.seconds_per_iteration > 3 * empty.seconds_per_iteration);
}

TEST_CASE("hercules: a program that is not hercules is an error, not a hang" *
          doctest::test_suite("hercules")) {
    if (!hercules()) return;
    RunRequest request;
    place(request.core.bytes, 0, "0002000000000000");
    Hercules wrong("/bin/false");
    CHECK_THROWS_WITH_AS(wrong.run(request), doctest::Contains("ended by itself"), std::runtime_error);
    request.storage_size = 12345;
    CHECK_THROWS_AS(wrong.run(request), std::runtime_error);
}
