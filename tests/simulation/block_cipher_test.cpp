// Enciphered blocks, judged by the vectors of IEEE 1619 (vectors 4 and 5 of its annex B: AES-128, data units
// of 512 bytes), and a disk that passes them on.
#include "simulation/images/block_cipher.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <string>

namespace simulation::images {
namespace {

constexpr std::string_view kKey = "2718281828459045235360287471352631415926535897932384626433832795";

std::string hex(std::span<const uint8_t> bytes) {
    std::string text;
    for (const uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

TEST_CASE("blocks are enciphered as IEEE 1619 has it") {
    REQUIRE(has_block_ciphers());
    const auto cipher = block_cipher(kKey);
    std::array<uint8_t, 512> block{};
    for (unsigned i = 0; i < block.size(); ++i) block[i] = static_cast<uint8_t>(i);
    const auto plain = block;

    cipher->written(0, block);
    const auto first = block;
    CHECK(hex(std::span(block).first(32)) ==
          "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89c");
    CHECK(hex(std::span(block).last(16)) == "0a282df920147beabe421ee5319d0568");
    cipher->written(1, block);
    CHECK(hex(std::span(block).first(32)) ==
          "264d3ca8512194fec312c8c9891f279fefdd608d0c027b60483a3fa811d65ee5");

    cipher->read(1, block);
    CHECK(block == first);
    cipher->read(0, block);
    CHECK(block == plain);
}

TEST_CASE("a key is 64 hexadecimal digits, two halves that differ") {
    CHECK(is_block_key(kKey));
    CHECK(!is_block_key(""));
    CHECK(!is_block_key(kKey.substr(1)));
    CHECK(!is_block_key(std::string(63, '0') + "g"));
    CHECK(!is_block_key(std::string(64, '0')));
    CHECK(is_block_key(std::string(63, '0') + "A"));
    CHECK_THROWS_AS(block_cipher("1"), std::invalid_argument);
}

}  // namespace
}  // namespace simulation::images
