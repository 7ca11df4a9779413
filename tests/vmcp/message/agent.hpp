// A guest that does what a test tells it: it waits, and executes one function of VMCF or IUCV each time that
// its interrupt key is pressed. What interrupts it besides it copies and counts. It runs with the key 3,
// which only its own areas have, so that a parameter list may name what it must not touch.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "isa/ebcdic.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "vmcp/message/message_area.hpp"

namespace vmcp::test {

struct AgentLayout {
    static constexpr uint32_t kStorage = 64 * 1024;
    static constexpr uint32_t kArea = 0x1000, kList = 0x1040, kBuffer = 0x1800, kLog = 0x2000,
                              kMessage = 0x4000, kEnd = 0x8000;  // of what has its key
};

inline const Program& agent_program() {
    static const Program program(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'58'
         DC    X'00380000',A(EXT)
         ORG   ZERO+X'68'
         DC    X'00380000',A(PGM)
         ORG   ZERO+X'100'
AREA     DC    A(X'1000')
LOG      DC    A(X'2000')
BUFFER   DC    A(X'1800')
KEYS     DC    A(X'1000')
KEYSEND  DC    A(X'8000')
BLOCK    DC    F'2048'
WRAP     DC    F'127'
DIAGNOSE DC    F'104'
CONTROL  DC    F'256'
PROBLEM  DC    F'512'
EXECUTE  DC    F'768'
MINUS    DC    F'-1'
CR0      DC    X'00000040'
IDLE     DC    0D'0',X'013A0000',A(0)
ASK      DC    0D'0',X'00390000',A(CALL)
         ORG   ZERO+X'400'
BEGIN    LA    4,X'30'
         L     5,KEYS
SETKEY   SSK   4,5
         A     5,BLOCK
         C     5,KEYSEND
         BL    SETKEY
         LCTL  0,0,CR0
         LPSW  IDLE
EXT      L     10,AREA
         CLI   X'86',0
         BE    ORDER
         L     5,24(10)
         LR    6,5
         N     6,WRAP
         SLL   6,6
         A     6,LOG
         L     7,BUFFER
         MVC   0(40,6),0(7)
         MVC   40(2,6),X'86'
         LA    5,1(5)
         ST    5,24(10)
         LPSW  IDLE
ORDER    L     0,0(10)
         L     1,28(10)
         L     3,MINUS
         MVC   8(4,10),MINUS
         C     0,DIAGNOSE
         BE    VMCF
         C     0,CONTROL
         BE    SET
         C     0,PROBLEM
         BNL   OTHER
CALL     DC    X'B2F01000'
DONE     BALR  2,0
         STM   0,3,32(10)
         MVC   8(4,10),=F'0'
         LPSW  IDLE
VMCF     DIAG  1,3,X'68'
         B     DONE
SET      LCTL  0,0,28(10)
         B     DONE
OTHER    S     0,PROBLEM
         C     0,=F'256'
         BNL   SUBJECT
         LPSW  ASK
SUBJECT  S     0,=F'256'
         EX    0,CALL
         B     DONE
PGM      L     10,AREA
         MVC   8(4,10),X'8C'
         LPSW  IDLE
         LTORG
)");
    return program;
}

using MessageData = std::array<uint8_t, 8>;

class Agent : public AgentLayout {
  public:
    struct Result {
        unsigned condition = 0;
        uint32_t r0 = 0, r1 = 0;
        uint32_t code = 0;     // what VMCF answers
        unsigned program = 0;  // the code of a program interruption
        MessageList list;      // as it is then
    };
    struct Told {
        unsigned code = 0;
        MessageList list;
    };

    Agent(Host& host, const std::string& name, IucvAuthority authority = {}, VmOptions options = {})
        : host_(host) {
        options.name = name;
        options.storage = kStorage;
        options.iucv = std::move(authority);
        vm_ = &host.log_on(std::move(options));
        host.cp.load(*vm_, SecondLevel(0), agent_program().result.image);
        host.cp.restart(*vm_);
        run();
    }

    VirtualMachine& vm() { return *vm_; }
    void log_off() {
        host_.cp.log_off(*vm_);
        vm_ = nullptr;
        host_.cp.run(host_.machine.cpu().now() + simulation::kSecond);
    }
    /// From the beginning, whatever it waits for; what it has with others stays.
    void restart() {
        host_.cp.restart(*vm_);
        run();
    }
    /// Which message interruptions it enables: 2 IUCV, 1 VMCF.
    void enable(unsigned bits) { order(256, 0x40 | bits); }
    Result iucv(unsigned function, const MessageList& list = {}, uint32_t at = kList) {
        return call(function, list, at);
    }
    Result in_problem_state(unsigned function, const MessageList& list = {}) {
        return call(512 + function, list, kList);
    }
    Result by_execute(unsigned function, const MessageList& list = {}) {
        return call(768 + function, list, kList);
    }
    Result vmcf(const MessageList& list, uint32_t at = kList) { return call(0x68, list, at); }
    /// What it was interrupted for since it was asked last.
    std::vector<Told> told() {
        std::vector<Told> all;
        for (const uint32_t now = word(kArea + 24); seen_ != now; ++seen_) {
            const uint32_t at = kLog + seen_ % 128 * 64;
            all.push_back({word(at + 40) >> 16, read_list(at)});
        }
        return all;
    }
    /// Writes and reads its storage as nobody could.
    void put(uint32_t at, const std::vector<uint8_t>& bytes) { host_.cp.load(*vm_, SecondLevel(at), bytes); }
    void put(uint32_t at, std::string_view text) { put(at, std::vector<uint8_t>(text.begin(), text.end())); }
    std::string get(uint32_t at, unsigned length) {
        std::string text;
        for (unsigned i = 0; i < length; ++i)
            text += static_cast<char>(word((at + i) & ~3u) >> (24 - 8 * ((at + i) % 4)));
        return text;
    }
    uint32_t word(uint32_t at) { return vm_->storage.peek32(SecondLevel(at)); }
    void run() { host_.cp.run(host_.machine.cpu().now() + simulation::kSecond); }
    /// Begins an order that may not end at once.
    void order(uint32_t function, uint32_t at) {
        put_word(kArea, function);
        put_word(kArea + 28, at);
        host_.cp.interrupt_key(*vm_);
        run();
    }
    Result result() {
        Result r;
        r.program = word(kArea + 8) & 0xFFFF;
        if (word(kArea + 8) == 0xFFFFFFFF) r.program = 0xFFFF;  // it has not ended
        r.condition = word(kArea + 40) >> 28 & 3;
        r.r0 = word(kArea + 32);
        r.r1 = word(kArea + 36);
        r.code = word(kArea + 44);
        r.list = read_list(kList);
        return r;
    }

  private:
    void put_word(uint32_t at, uint32_t v) {
        put(at, std::vector<uint8_t>{static_cast<uint8_t>(v >> 24), static_cast<uint8_t>(v >> 16),
                                     static_cast<uint8_t>(v >> 8), static_cast<uint8_t>(v)});
    }
    MessageList read_list(uint32_t at) {
        MessageList list;
        for (unsigned i = 0; i < MessageList::kBytes; i += 4) list.put32(i, word(at + i));
        return list;
    }
    Result call(uint32_t function, const MessageList& list, uint32_t at) {
        put(kList, std::vector<uint8_t>(list.data(), list.data() + MessageList::kBytes));
        order(function, at);
        return result();
    }

    Host& host_;
    VirtualMachine* vm_;
    uint32_t seen_ = 0;
};

inline UserId id_of(std::string_view name) {
    UserId id;
    for (size_t i = 0; i < id.size(); ++i) id[i] = isa::to_ebcdic(i < name.size() ? name[i] : ' ');
    return id;
}

}  // namespace vmcp::test
