#include "vmcp/gdb/packet.hpp"

#include <doctest/doctest.h>

#include <random>

namespace vmcp::gdb {
namespace {

using Kind = Received::Kind;

std::vector<Received> all_of(PacketReader& reader) {
    std::vector<Received> all;
    while (auto one = reader.next()) all.push_back(std::move(*one));
    return all;
}

std::vector<Received> read(std::string_view bytes, bool checks = true) {
    PacketReader reader;
    reader.checks = checks;
    reader.receive(bytes);
    return all_of(reader);
}

}  // namespace

TEST_CASE("packets are framed and read as the protocol has them") {
    CHECK(packet_of("OK") == "$OK#9a");
    CHECK(packet_of("") == "$#00");
    CHECK(read("$OK#9a") == std::vector<Received>{{Kind::packet, "OK"}});
    CHECK(read("+-\x03$OK#9A") ==
          std::vector<Received>{
              {Kind::acknowledged}, {Kind::refused}, {Kind::interrupt}, {Kind::packet, "OK"}});
    CHECK(read("$OK#9b") == std::vector<Received>{{Kind::damaged}});
    CHECK(read("$OK#9b", false) == std::vector<Received>{{Kind::packet, "OK"}});
    CHECK(read("$OK#zz") == std::vector<Received>{{Kind::damaged}});
    CHECK(read("garbage$o$OK#9a") == std::vector<Received>{{Kind::packet, "OK"}});
    // An interrupt is one only between packets.
    const std::string inside = packet_of(std::string_view("a\x03z"));
    CHECK(read(inside) == std::vector<Received>{{Kind::packet, "a\x03z"}});
}

TEST_CASE("any payload comes back, in whatever pieces it arrives, and in another process") {
    std::string every;
    for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
    const std::string packet = packet_of(every) + packet_of("g");
    for (std::size_t piece : {std::size_t{1}, std::size_t{7}, packet.size()}) {
        PacketReader reader;
        for (std::size_t at = 0; at < packet.size(); at += piece) {
            reader.receive(std::string_view(packet).substr(at, piece));
            PacketReader other;
            other.receive(reader.rest());
            CHECK(other.rest() == reader.rest());
            reader = other;
        }
        CHECK(all_of(reader) == std::vector<Received>{{Kind::packet, every}, {Kind::packet, "g"}});
    }
}

TEST_CASE("interrupts are taken from between what else waits") {
    PacketReader reader;
    reader.receive("+\x03$g#67\x03");
    CHECK(reader.take_interrupts());
    CHECK_FALSE(reader.take_interrupts());
    CHECK(all_of(reader) == std::vector<Received>{{Kind::acknowledged}, {Kind::packet, "g"}});
}

TEST_CASE("a packet without an end takes no storage") {
    PacketReader reader;
    reader.receive("$");
    for (int i = 0; i < 100; ++i) reader.receive(std::string(4096, 'x'));
    CHECK(reader.rest().size() <= 2 * kLongestPayload + 2);
    reader.receive("#00$OK#9a");
    CHECK(all_of(reader) == std::vector<Received>{{Kind::damaged}, {Kind::packet, "OK"}});
}

TEST_CASE("no bytes do any harm") {
    std::mt19937 random(370);
    constexpr std::string_view kLikely = "$#}+-\x03*0fZ,";
    for (int round = 0; round < 2000; ++round) {
        PacketReader reader;
        reader.checks = round % 2 == 0;
        std::string bytes;
        for (unsigned n = random() % 200; n > 0; --n)
            bytes.push_back(random() % 3 == 0 ? static_cast<char>(random())
                                              : kLikely[random() % kLikely.size()]);
        reader.receive(bytes);
        for (const Received& one : all_of(reader)) CHECK(one.payload.size() <= bytes.size());
        // Whatever it was, the next whole packet is read.
        reader.receive("#00");
        all_of(reader);
        reader.receive("#00$OK#9a");
        const auto last = all_of(reader);
        REQUIRE_FALSE(last.empty());
        CHECK(last.back() == Received{Kind::packet, "OK"});
    }
}

TEST_CASE("hexadecimal numbers and bytes") {
    CHECK(hex_of(std::string_view("\x01\xFE")) == "01fe");
    CHECK(hex_of(uint64_t{0x1234}, 4) == "00001234");
    CHECK(bytes_of_hex("01Fe") == "\x01\xFE");
    CHECK_FALSE(bytes_of_hex("1"));
    CHECK_FALSE(bytes_of_hex("xx"));
    CHECK(number_of_hex("ffffffffffffffff") == ~uint64_t{0});
    CHECK_FALSE(number_of_hex("10000000000000000"));
    CHECK_FALSE(number_of_hex(""));
    CHECK_FALSE(number_of_hex("0x1"));
}

}  // namespace vmcp::gdb
