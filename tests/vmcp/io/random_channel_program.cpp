#include "tests/vmcp/io/random_channel_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace vmcp::test {
namespace {

using conformance::Random;
using namespace simulation;

constexpr uint8_t kChain = kFlagChainCommand, kSli = kFlagSuppressLength, kTic = 0x08;
constexpr uint32_t kArguments = 0x3000, kLists = 0x3400, kData = 0x4000, kBlock = 2048;
constexpr unsigned kSlot = 16;  // bytes of an argument

/// A program as it grows.
class Maker {
  public:
    Maker(Random& random, const ProgramShape& shape) : random_(random), shape_(shape) {
        // Some begin right in front of a page that the rest lies in.
        at_ = random_.chance(30) ? 0x2000 - 8 * (1 + random_.below(4)) : 0x1000 + 8 * random_.below(8);
        made_.caw = at_;
        made_.arguments = kArguments;
        made_.lists = kLists;
    }

    RandomProgram make() {
        Bytes data(shape_.storage - kData);
        for (uint8_t& byte : data) byte = random_.byte();
        made_.pieces.emplace_back(kData, std::move(data));
        switch (shape_.kind) {
            case ProgramKind::count_key_data: disk(); break;
            case ProgramKind::fixed_block: fixed_blocks(); break;
            case ProgramKind::tape: tape(); break;
            case ProgramKind::plain: plain(); break;
        }
        if (made_.ccws.empty()) command(0x03, Data::none, 1);
        made_.ccws.back().second.flags &= static_cast<uint8_t>(~(kChain | kFlagChainData));
        protect();
        if (random_.chance(shape_.broken_percent)) break_a_rule();
        finish();
        return std::move(made_);
    }

  private:
    // ---- Parts ----
    uint8_t pick(std::initializer_list<uint8_t> values) {
        return values.begin()[random_.below(static_cast<uint32_t>(values.size()))];
    }
    uint32_t next() const { return at_ + static_cast<uint32_t>(8 * made_.ccws.size()); }
    void put(const Ccw& ccw) { made_.ccws.emplace_back(next(), ccw); }

    uint32_t argument(Bytes bytes) {
        const uint32_t at = kArguments + kSlot * arguments_++ % 0x400;
        bytes.resize(kSlot);
        made_.pieces.emplace_back(at, std::move(bytes));
        return at;
    }
    /// Data move between the device and some place that nothing else lies in, often across pages.
    uint32_t place(uint32_t count) {
        const uint32_t room = shape_.storage - kData - count;
        uint32_t at = kData + random_.below(room);
        if (random_.chance(40)) at = (at & ~(kBlock - 1)) + kBlock - 1 - random_.below(std::min(count, 8u));
        return std::min(at, shape_.storage - count);
    }
    uint32_t list(uint32_t first, uint32_t count, bool contiguous, bool backward = false) {
        const uint32_t at = kLists + 4 * words_;
        uint32_t address = first, left = count;
        Bytes bytes;
        for (;;) {
            for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<uint8_t>(address >> shift));
            ++words_;
            const uint32_t n = backward ? address % kBlock + 1 : kBlock - address % kBlock;
            if (n >= left) break;
            left -= n;
            if (contiguous)
                address += n;
            else
                address = kData + kBlock * random_.below((shape_.storage - kData) / kBlock) +
                          (backward ? kBlock - 1 : 0);
        }
        made_.pieces.emplace_back(at, std::move(bytes));
        return at;
    }

    enum class Data : uint8_t { none, in, out, backward };
    /// A command, its data in one of the ways that a channel knows. `address` 0: anywhere.
    void command(uint8_t code, Data data, uint32_t count, uint32_t address = 0) {
        auto flags = static_cast<uint8_t>(kChain | (random_.chance(75) ? kSli : 0));
        // What stands for the first of these takes longer on a minidisk than on a small disk.
        const bool longer = shape_.minidisk && (code == 0x02 || code == 0x13);
        if (random_.chance(6) && !longer) flags |= kFlagProgramControlled;
        if (random_.chance(5) && data != Data::out) flags |= kFlagSkip;
        const bool anywhere = address == 0;
        if (anywhere) address = place(count);
        // Into the program itself, its arguments or its lists.
        if (anywhere && data == Data::in && random_.chance(4))
            address = random_.chance(50) ? at_ + 8 * random_.below(12)
                                         : kArguments + 0x400 * random_.below(2) + random_.below(64);
        const uint32_t first = data == Data::backward ? address + count - 1 : address;
        const unsigned way = random_.below(100);
        if (data != Data::none && way < 14 && count >= 2)
            chained(code, flags, count, first, data);
        else if (data != Data::none && way < 28)
            put({code, static_cast<uint8_t>(flags | kFlagIndirect), static_cast<uint16_t>(count),
                 list(first, count, !anywhere, data == Data::backward)});
        else
            put({code, flags, static_cast<uint16_t>(count), first});
        if (random_.chance(4)) put({kTic, 0, 0, next() + 8});
    }
    void chained(uint8_t code, uint8_t flags, uint32_t count, uint32_t first, Data data) {
        const unsigned pieces = 2 + random_.below(std::min(count - 1, 2u));
        for (unsigned i = 0; i < pieces; ++i) {
            const bool last = i + 1 == pieces;
            const uint32_t n = last ? count : 1 + random_.below(count - (pieces - 1 - i));
            const auto own = last ? flags : static_cast<uint8_t>((flags & ~kChain) | kFlagChainData);
            auto named = code;
            while (i != 0 && ((named & 0x0F) == kTic || named == code)) named = random_.byte();
            if (random_.chance(15))
                put({named, static_cast<uint8_t>(own | kFlagIndirect), static_cast<uint16_t>(n),
                     list(first, n, true, data == Data::backward)});
            else
                put({named, own, static_cast<uint16_t>(n), first});
            if (!last && random_.chance(12)) put({kTic, 0, 0, next() + 8});
            count -= n;
            first = data == Data::backward ? first - n : first + n;
        }
    }

    // ---- Disks ----
    uint32_t record_length() { return random_.chance(60) ? 1 + random_.below(120) : 100; }
    Bytes place_on_disk() {
        const uint32_t cylinder =
            random_.chance(94) ? random_.below(shape_.places) : 0x1000 + random_.below(3) * 0x4000;
        const uint32_t head = random_.chance(95) ? random_.below(kHeadsInUse) : random_.below(40);
        return {0, 0, uint8_t(cylinder >> 8), uint8_t(cylinder), 0, uint8_t(head)};
    }
    void seek() {
        here_ = place_on_disk();
        const auto code = pick({0x07, 0x07, 0x07, 0x0B, 0x1B});
        command(code, Data::out, random_.chance(96) ? 6 : 1 + random_.below(8), argument(here_));
    }
    Bytes identifier() {
        return {here_[2], here_[3], here_[4], here_[5], uint8_t(random_.below(kRecordsInUse + 2))};
    }
    void search(uint8_t code, const Bytes& what) {
        const auto multitrack = static_cast<uint8_t>(random_.chance(12) ? 0x80 : 0);
        const uint32_t back = next();
        const auto before = made_.ccws.size();
        command(code | multitrack, Data::out, static_cast<uint32_t>(what.size()), argument(what));
        // A search goes on with the CCW behind the next one, so nothing stands in between.
        while (made_.ccws.size() > before && made_.ccws.back().second.transfers_in_channel())
            made_.ccws.pop_back();
        put({kTic, 0, 0, back});
    }
    void search_identifier() {
        const auto code = pick({0x31, 0x31, 0x31, 0x31, 0x51, 0x71});
        search(code, identifier());
    }
    void disk() {
        if (!random_.chance(12)) seek();
        if (random_.chance(15)) {
            masked_ = true;
            command(0x1F, Data::out, 1, argument({pick({0x00, 0x40, 0x80, 0xC0, 0xD8, 0x18, 0xC8, 0xD0})}));
        }
        if (random_.chance(10)) command(0x23, Data::out, 1, argument({uint8_t(random_.below(60))}));
        for (unsigned steps = 1 + random_.below(4); steps > 0; --steps)
            if (!disk_step()) return;
    }
    /// False: the chain should end here.
    bool disk_step() {
        const auto multitrack = static_cast<uint8_t>(random_.chance(15) ? 0x80 : 0);
        switch (random_.below(12)) {
            case 0:
            case 1:
            case 2:
                search_identifier();
                command(pick({0x06, 0x06, 0x0E, 0x1E}) | multitrack, Data::in, record_length());
                return true;
            case 3:
                search_identifier();
                command(pick({0x05, 0x0D}), Data::out, record_length());
                return true;
            case 4: {
                const auto key = uint8_t(0xC0 + random_.below(kRecordsInUse));
                search(pick({0x29, 0x69, 0x49}), Bytes(4, key));
                command(0x06, Data::in, record_length());
                return true;
            }
            case 5:
            case 6:
                command(pick({0x12, 0x06, 0x0E, 0x1E}) | multitrack, Data::in,
                        random_.chance(50) ? 8 : record_length());
                return true;
            case 7: {  // a new record
                search_identifier();
                Bytes count = identifier();
                const auto data = uint8_t(random_.below(90));
                for (const uint8_t byte : {uint8_t(random_.below(2) * 4), uint8_t{0}, data})
                    count.push_back(byte);
                const uint32_t at = place(8 + 4 + data);
                made_.pieces.emplace_back(at, count);
                command(random_.chance(80) ? 0x1D : 0x11, Data::out, 8 + random_.below(94), at);
                return true;
            }
            case 8: seek(); return true;
            case 9:
                if (shape_.minidisk) return true;
                if (random_.chance(50))
                    search(0x39, {here_[2], here_[3], here_[4], here_[5]});
                else
                    command(0x1A, Data::in, 5);
                return true;
            case 10: {
                // Some leave the arm where a minidisk's and a small disk's do not agree in time.
                const auto code =
                    pick({0x03, 0x16, 0x22, 0xE4, 0x04, 0x17, 0x0F, 0x13, 0x02, 0xA4, 0xB4, 0x94});
                // Behind a file mask read IPL is rejected, but what stands for it on a minidisk is not.
                if (shape_.minidisk && (tells_of_others(code) || (code == 0x02 && masked_))) return true;
                command(code, (code & 3) == 3 ? Data::none : Data::in,
                        code == 0x0F ? 3 : 1 + random_.below(30));
                return code != 0x13 && code != 0x02;
            }
            default: return odd();
        }
    }

    /// Sense information of whoever had the last unit check, the log of what all have done, the blocks of the
    /// real disk.
    bool tells_of_others(uint8_t code) const {
        return code == 0x04 || code == 0xA4 || (code == 0x64 && shape_.kind == ProgramKind::fixed_block);
    }
    bool odd() {
        uint8_t code = 0;
        do code = random_.byte();
        while ((code & 0x0F) == kTic ||
               (shape_.minidisk && ((code & 0x7F) == 0x1A || code == 0x02 || tells_of_others(code))));
        command(code, (code & 1) != 0 ? Data::out : Data::in, 1 + random_.below(30));
        return false;
    }

    // ---- Fixed blocks ----
    void fixed_blocks() {
        const auto word = [](Bytes& to, uint32_t value) {
            for (const int shift : {24, 16, 8, 0}) to.push_back(static_cast<uint8_t>(value >> shift));
        };
        const uint32_t count = 1 + random_.below(std::min(shape_.places, 20u));
        const uint32_t offset = random_.chance(92) ? random_.below(shape_.places - count + 1)
                                                   : shape_.places - count + random_.below(4) * 0x40000000;
        if (!random_.chance(8)) {
            Bytes extent = {pick({0, 0, 0, 0xC0, 0x40}), 0, 0, 0};
            const uint32_t first = random_.chance(80) ? 0 : random_.below(100);
            word(extent, offset);
            word(extent, first);
            word(extent, random_.chance(95) ? first + count - 1 : first - 1);
            extent_first_ = first;
            command(0x63, Data::out, random_.chance(96) ? 16 : 1 + random_.below(17), argument(extent));
        }
        for (unsigned steps = 1 + random_.below(3); steps > 0; --steps) {
            switch (random_.below(8)) {
                case 0:
                case 1:
                case 2:
                case 3:
                case 4: {
                    const uint32_t begin = random_.below(count + (random_.chance(8) ? 2 : 0));
                    const uint32_t blocks = 1 + random_.below(std::max(1u, std::min(count - begin, 3u)));
                    const auto operation = pick({6, 6, 6, 1, 1, 5, 2});
                    Bytes locate = {operation, uint8_t(operation == 2 ? blocks : 0), uint8_t(blocks >> 8),
                                    uint8_t(blocks)};
                    word(locate, extent_first_ + begin);
                    command(0x43, Data::out, 8, argument(locate));
                    const bool reads = operation == 6 || operation == 2;
                    const uint32_t bytes =
                        random_.chance(75) ? 512 * blocks : 1 + random_.below(512 * blocks + 40);
                    command(reads != random_.chance(4) ? 0x42 : 0x41, reads ? Data::in : Data::out, bytes);
                    break;
                }
                case 5:
                    command(shape_.minidisk ? 0xE4 : pick({0x64, 0xE4, 0x04}), Data::in,
                            1 + random_.below(40));
                    break;
                case 6:
                    if (shape_.minidisk) break;
                    command(pick({0x02, 0xA4, 0xB4, 0x94, 0x14}), Data::in, 1 + random_.below(600));
                    break;
                default: {
                    if (random_.chance(50)) {
                        command(0x03, Data::none, 1);
                        break;
                    }
                    odd();
                    return;
                }
            }
        }
    }

    // ---- Tapes, and everything else ----
    void tape() {
        static constexpr uint8_t kCommands[] = {0x02, 0x02, 0x02, 0x0C, 0x0C, 0x37, 0x27, 0x3F, 0x2F, 0x07,
                                                0x03, 0xC3, 0xCB, 0x04, 0x01, 0x01, 0x1F, 0x17, 0xE4, 0x1B};
        for (unsigned steps = 1 + random_.below(6); steps > 0; --steps) {
            const uint8_t code = random_.pick(kCommands);
            const Data data = code == 0x0C                           ? Data::backward
                              : (code & 3) == 3 || (code & 15) == 15 ? Data::none
                              : (code & 1) != 0                      ? Data::out
                                                                     : Data::in;
            command(code, data, random_.chance(70) ? 18 + random_.below(60) : 1 + random_.below(5000));
        }
        if (random_.chance(6)) odd_motion();
    }
    void odd_motion() {
        uint8_t code = 0;
        do code = random_.byte();
        while ((code & 0x0F) == kTic || code == 0x0F);  // nobody is there to load the tape again
        command(code, (code & 1) != 0 ? Data::out : Data::in, 1 + random_.below(80));
    }
    void plain() {
        static constexpr uint8_t kCommands[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x09, 0x0A, 0x0B, 0x11, 0x12,
                                                0x14, 0x1B, 0x22, 0x41, 0x42, 0x83, 0x89, 0x8B, 0xE4, 0x07};
        for (unsigned steps = 1 + random_.below(5); steps > 0; --steps) {
            const uint8_t code = random_.pick(kCommands);
            command(code,
                    (code & 3) == 3   ? Data::none
                    : (code & 1) != 0 ? Data::out
                                      : Data::in,
                    random_.chance(60) ? 80 : 1 + random_.below(200));
        }
        if (random_.chance(15)) odd_motion();
    }

    // ---- What goes wrong ----
    void protect() {
        const bool keyed = random_.chance(20);
        if (keyed) made_.caw |= 2u << 28;
        for (uint32_t at = 0; at < shape_.storage; at += kBlock) {
            const unsigned chance = random_.below(100);
            const uint8_t key = !keyed        ? uint8_t(random_.chance(10) ? 0x98 : 0)
                                : chance < 88 ? 0x20
                                : chance < 94 ? 0x90
                                              : 0x98;
            made_.keys.emplace_back(at, key);
        }
    }
    void break_a_rule() {
        Ccw& ccw = made_.ccws[random_.below(static_cast<uint32_t>(made_.ccws.size()))].second;
        const uint32_t program = at_ + 8 * random_.below(static_cast<uint32_t>(made_.ccws.size() + 1));
        switch (random_.below(18)) {
            case 0: ccw.count = 0; break;
            case 1: ccw.flags |= static_cast<uint8_t>(1 + random_.below(3)); break;
            case 2: ccw.command &= 0xF0; break;
            case 3: ccw.address = shape_.storage + random_.below(0x4000); break;
            case 4: ccw.address = shape_.storage - 1 - random_.below(40); break;
            case 5: ccw = {kTic, 0, 1, program + 4}; break;
            case 6: ccw = {kTic, 0, 1, shape_.storage + 8 * random_.below(100)}; break;
            case 7: ccw = {kTic, 0, 1, program}; break;
            case 8: made_.caw |= (1 + random_.below(15)) << 24; break;
            case 9: made_.caw += 1 + random_.below(7); break;
            case 10: made_.caw = shape_.storage + 8 * random_.below(100); break;
            case 11: ccw.address += 1 + 2 * random_.below(2); break;
            case 12: ccw.flags = random_.byte() & 0xFC; break;
            case 13: ccw.flags ^= kFlagChainData; break;
            case 14: ccw.flags ^= kFlagIndirect; break;
            case 15:  // an indirect address that is none
                for (auto& piece : made_.pieces)
                    if (piece.first >= kLists && piece.first < kLists + 0x100)
                        piece.second[4 * random_.below(static_cast<uint32_t>(piece.second.size() / 4))] =
                            pick({0x01, 0x80});
                break;
            case 16: ccw.count = static_cast<uint16_t>(random_.next()); break;
            default: ccw.address = program;
        }
    }
    void finish() {
        for (const auto& [at, ccw] : made_.ccws) {
            Bytes bytes(8);
            simulation::store(ccw, bytes.data());
            made_.pieces.emplace_back(at, std::move(bytes));
        }
    }

    Random& random_;
    const ProgramShape& shape_;
    RandomProgram made_;
    uint32_t at_;
    unsigned arguments_ = 0, words_ = 0;
    uint32_t extent_first_ = 0;
    bool masked_ = false;
    Bytes here_ = Bytes(6);
};

}  // namespace

std::string RandomProgram::text() const {
    std::string all = fmt::format("CAW {:08X}", caw);
    for (const auto& [at, ccw] : ccws)
        all += fmt::format("\n  {:06X}: {:08X} {:08X}", at, encode(ccw) >> 32, encode(ccw) & 0xFFFFFFFF);
    for (const auto& [at, bytes] : pieces) {
        if (at < arguments || at >= lists + 0x100 || bytes.size() > 64) continue;
        all += fmt::format("\n  {:06X}:", at);
        for (size_t i = 0; i < bytes.size(); ++i)
            all += fmt::format("{}{:02X}", i % 4 == 0 ? " " : "", bytes[i]);
    }
    return all;
}

RandomProgram random_channel_program(Random& random, const ProgramShape& shape) {
    return Maker(random, shape).make();
}

}  // namespace vmcp::test
