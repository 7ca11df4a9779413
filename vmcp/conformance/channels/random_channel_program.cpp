#include "vmcp/conformance/channels/random_channel_program.hpp"

#include <algorithm>

namespace vmcp::conformance {

using namespace channel_layout;
using simulation::Ccw;

namespace {

constexpr uint8_t kTic = 0x08, kSense = 0x04;
constexpr uint32_t kStep = 0x100;  // of the data of one command
constexpr unsigned kMostCcws = 15;

/// Breaks one rule at CCW `index` of `used`.
void break_rule(ChannelPrograms& programs, unsigned n, Random& random, unsigned index, unsigned used) {
    Ccw ccw = programs.ccw(n, index);
    const uint32_t at = programs.at(n);
    // Whether a command that moves no data looks at its address is the unit's business.
    const bool controls = (ccw.command & 0x03) == 0x03;
    // What part of a block is written before a check stops it is left out, so that media stay the same.
    const bool writes = (ccw.command & 0x03) == 0x01;
    if (index > 0 && (programs.ccw(n, index - 1).flags & simulation::kFlagChainData) != 0) return;
    switch (random.below(14)) {
        case 0: ccw.count = 0; break;
        case 1: ccw.flags |= static_cast<uint8_t>(1 + random.below(3)); break;
        case 2: ccw.command &= 0xF0; break;
        case 3:
            if (controls) return;
            ccw.address = kStorage + random.below(0x1000);
            break;
        case 4:
            if (controls || writes) return;
            ccw.address = kStorage - 1 - random.below(40);
            break;
        case 5: ccw = {kTic, 0, 1, at + 4}; break;
        case 6: ccw = {kTic, 0, 1, kStorage + 8 * random.below(100)}; break;
        case 7:  // one to another
            ccw = {kTic, 0, 1, at + 8 * used};
            programs.ccw(n, used, {kTic, 0, 1, at});
            break;
        case 8: programs.caw(n, at | (1 + random.below(15)) << 24); return;
        case 9: programs.caw(n, at + 1 + random.below(7)); return;
        case 10: programs.caw(n, kStorage + 8 * random.below(100)); return;
        case 11:  // the indirect address: not on a word, outside of storage, or more than 24 bits
            if (controls) return;
            ccw.flags |= simulation::kFlagIndirect;
            ccw.address = at + kOperands + random.below(4);
            programs.put_word(n, kOperands, random.chance(50) ? kStorage + 8 : 0x01000000 | (at + kData));
            break;
        case 12:  // protected, for fetching, too; key 0 may do everything
            if (controls) return;
            ccw.address = kShut + random.below(1000);
            programs.caw(n, at | (2 + random.below(2)) << 28);
            break;
        default:  // a channel program that is fetch-protected
            ccw = {kTic, 0, 1, kShut + 8 * random.below(100)};
            programs.caw(n, at | 2u << 28);
    }
    programs.ccw(n, index, ccw);
}

}  // namespace

void make_random_program(ChannelPrograms& programs, unsigned n, Random& random, const ProgramRecipe& recipe) {
    using namespace simulation;
    const uint32_t at = programs.at(n);
    uint32_t data = at + kData;
    const unsigned commands = 1 + random.below(recipe.most_commands);
    unsigned used = 0;
    const auto add = [&](const Ccw& ccw) { programs.ccw(n, used++, ccw); };
    for (unsigned k = 0; k < commands && used + 3 < kMostCcws; ++k) {
        uint8_t command = recipe.commands[random.below(static_cast<uint32_t>(recipe.commands.size()))];
        if (random.chance(recipe.odd_percent)) {
            do command = random.byte();
            while (!recipe.usable(command) || (command & 0x0F) == kTic);
        }
        uint16_t count = recipe.counts[random.below(static_cast<uint32_t>(recipe.counts.size()))];
        if (random.chance(25)) count = static_cast<uint16_t>(1 + random.below(recipe.most_count));
        uint8_t flags = k + 1 < commands && !random.chance(4) ? kFlagChainCommand : 0;
        // A write of another length than the unit's ends the chain here and not at the judge, so it is only
        // let go wrong at the end of one. The same goes for sense, which units have more of than the judge.
        const bool writes = (command & 0x03) == 0x01 || command == kSense,
                   controls = (command & 0x03) == 0x03;
        if (random.chance(60) || (writes && flags != 0)) flags |= kFlagSuppressLength;
        if (random.chance(8)) flags |= kFlagSkip;
        if (random.chance(6)) flags |= kFlagProgramControlled;
        const bool backward = recipe.backward && command == 0x0C;
        const uint32_t address = backward ? data + std::min<uint32_t>(count, kStep) - 1 : data;
        if (!backward && !controls && command != kSense && count > 2 && random.chance(12)) {  // chained data
            const auto first = static_cast<uint16_t>(1 + random.below(count - 1));
            add({command, static_cast<uint8_t>((flags & ~kFlagChainCommand) | kFlagChainData), first, data});
            if (random.chance(20)) {
                programs.ccw(n, used + 1, {0, 0, 0, 0});
                add({kTic, 0, 1, at + 8 * (used + 1)});
            }
            add({random.byte(), flags, static_cast<uint16_t>(count - first), data + first});
            // The command of a CCW that data are chained to means nothing, unless it is a transfer.
            Ccw last = programs.ccw(n, used - 1);
            if ((last.command & 0x0F) == kTic) last.command = 0;
            programs.ccw(n, used - 1, last);
        } else if (!backward && !controls && random.chance(8)) {  // indirect
            const uint32_t idaw = kOperands + 4 * k;
            programs.put_word(n, idaw, data);
            add({command, static_cast<uint8_t>(flags | kFlagIndirect), count, at + idaw});
        } else {
            add({command, flags, count, address});
        }
        if ((flags & kFlagChainCommand) != 0 && random.chance(6)) add({kTic, 0, 1, at + 8 * (used + 1)});
        data += kStep;
    }
    if (random.chance(15)) programs.caw(n, at | (random.chance(70) ? 2u : 3u) << 28);
    if (recipe.broken && random.chance(15)) break_rule(programs, n, random, random.below(used), used);
}

void make_single_command(ChannelPrograms& programs, unsigned n, uint8_t command, uint16_t count) {
    programs.ccw(n, 0, {command, simulation::kFlagSuppressLength, count, programs.at(n) + kData});
}

}  // namespace vmcp::conformance
