// A guest that makes calls as a test tells it: each time that its interrupt key is pressed, it goes through a
// list of orders, DIAGNOSE calls, fetches and stores, and notes what came of each.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "isa/ebcdic.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "vmcp/grants/grants.hpp"

namespace vmcp::test {

/// `translated`: with translation on, each page where it is.
inline const Program& granting_program(bool translated) {
    const auto source = [](const char* state, const char* idle, const char* cr0) {
        std::string text = fmt::format(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'58'
         DC    X'{0}',A(EXT)
         ORG   ZERO+X'68'
         DC    X'{0}',A(PGM)
         ORG   ZERO+X'100'
ORDERS   DC    A(X'1000')
CR0      DC    X'{2}',A(X'3000')
FAILED   DC    X'FFFF'
IDLE     DC    0D'0',X'{1}',A(0)
         ORG   ZERO+X'400'
BEGIN    LCTL  0,1,CR0
         LPSW  IDLE
EXT      L     10,ORDERS
NEXT     L     4,8(10)
         LTR   4,4
         BZ    DONE
         L     1,0(10)
         L     3,4(10)
         C     4,=F'1'
         BE    FETCH
         C     4,=F'2'
         BE    STORE
         DIAG  1,3,0(4)
NOTE     BALR  2,0
         ST    2,12(10)
         ST    3,4(10)
FURTHER  LA    10,16(10)
         B     NEXT
FETCH    L     3,0(1)
         B     NOTE
STORE    ST    3,0(1)
         B     NOTE
PGM      MVC   12(2,10),FAILED
         MVC   14(2,10),X'8E'
         B     FURTHER
DONE     LPSW  IDLE
         LTORG
         ORG   ZERO+X'3000'
         DC    X'F0003100'
         ORG   ZERO+X'3100'
)",
                                       state, idle, cr0);
        for (unsigned page = 0; page < 16; ++page) text += fmt::format("         DC    X'00{:X}0'\n", page);
        return text;
    };
    static const Program real(source("00080000", "010A0000", "00000040"));
    static const Program virt(source("04080000", "050A0000", "00800040"));
    return translated ? virt : real;
}

class GrantingAgent {
  public:
    static constexpr uint32_t kStorage = 64 * 1024, kOrders = 0x1000, kLists = 0x2000;
    static constexpr unsigned kMost = 64;           // orders at once
    enum Code : uint32_t { fetch = 1, store = 2 };  // beside GrantCall

    struct Order {
        uint32_t r1, r3;
        uint32_t code;
        std::vector<uint32_t> list = {};  // words that R1 is the address of
    };
    struct Answer {
        unsigned program = 0;  // code of a program interruption
        unsigned condition = 0;
        uint32_t r3 = 0;
        bool operator==(const Answer&) const = default;
    };

    GrantingAgent(Host& host, const std::string& name, unsigned grants, VmOptions options = {},
                  bool translated = false)
        : host_(host) {
        options.name = name;
        options.storage = kStorage;
        options.grants = grants;
        vm_ = &host.log_on(std::move(options));
        host.cp.load(*vm_, SecondLevel(0), granting_program(translated).result.image);
        host.cp.restart(*vm_);
        run();
    }

    VirtualMachine& vm() { return *vm_; }
    void log_off() { host_.cp.log_off(*vm_); }
    std::vector<Answer> execute(const std::vector<Order>& orders) {
        REQUIRE(orders.size() <= kMost);
        std::vector<uint8_t> table, lists;
        for (size_t i = 0; i < orders.size(); ++i) {
            const Order& one = orders[i];
            const auto at = static_cast<uint32_t>(kLists + i * 32);
            for (const uint32_t w : {one.list.empty() ? one.r1 : at, one.r3, one.code, 0u}) put(table, w);
            for (size_t w = 0; w < 8; ++w) put(lists, w < one.list.size() ? one.list[w] : 0);
        }
        for (unsigned w = 0; w < 4; ++w) put(table, 0);
        host_.cp.load(*vm_, SecondLevel(kOrders), table);
        host_.cp.load(*vm_, SecondLevel(kLists), lists);
        host_.cp.interrupt_key(*vm_);
        run();
        std::vector<Answer> answers;
        for (size_t i = 0; i < orders.size(); ++i) {
            const auto at = static_cast<uint32_t>(kOrders + i * 16);
            const uint32_t note = word(at + 12);
            REQUIRE(note != 0);  // it has come so far
            if (note >> 16 == 0xFFFF)
                answers.push_back({note & 0xFFFF, 0, 0});
            else
                answers.push_back({0, note >> 28 & 3, word(at + 4)});
        }
        return answers;
    }
    Answer execute(const Order& order) { return execute(std::vector<Order>{order})[0]; }
    uint32_t word(uint32_t at) { return vm_->storage.peek32(SecondLevel(at)); }

    // Orders.
    static std::vector<uint32_t> name_words(std::string_view name) {
        std::vector<uint32_t> words(2);
        for (unsigned i = 0; i < 8; ++i)
            words[i / 4] = words[i / 4] << 8 | isa::to_ebcdic(i < name.size() ? name[i] : ' ');
        return words;
    }
    static Order grant(uint32_t page, uint32_t access, std::string_view to) {
        const auto name = name_words(to);
        return {0, 0, static_cast<uint32_t>(GrantCall::grant), {page, access, name[0], name[1]}};
    }
    static Order revoke(uint32_t reference, uint32_t force = 0) {
        return {reference, force, static_cast<uint32_t>(GrantCall::revoke)};
    }
    static Order copy(std::string_view owner, uint32_t reference, uint32_t offset, uint32_t area,
                      uint32_t length, uint32_t direction) {
        const auto name = name_words(owner);
        return {0,
                0,
                static_cast<uint32_t>(GrantCall::copy),
                {name[0], name[1], reference, offset, area, length, direction}};
    }
    static Order map(std::string_view owner, uint32_t reference, uint32_t page) {
        const auto name = name_words(owner);
        return {0, 0, static_cast<uint32_t>(GrantCall::map), {name[0], name[1], reference, page}};
    }
    static Order unmap(uint32_t page) { return {page, 0, static_cast<uint32_t>(GrantCall::unmap)}; }

  private:
    static void put(std::vector<uint8_t>& to, uint32_t v) {
        for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<uint8_t>(v >> shift));
    }
    void run() { host_.cp.run(host_.machine.cpu().now() + simulation::kSecond); }

    Host& host_;
    VirtualMachine* vm_;
};

}  // namespace vmcp::test
