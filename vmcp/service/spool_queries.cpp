// What is said of spooled devices and spool files: QUERY READER, PRINTER, PUNCH, FILES, UR.
#include <algorithm>

#include "vmcp/service/cp_command.hpp"
#include "vmcp/service/spool_operands.hpp"

namespace vmcp::spool_commands {
namespace {

void list_file(const Command& c, const SpoolFile& file, bool all) {
    std::string line =
        fmt::format("{:<8} {:04} {} {} {:07} {:03} {:<4}", file.from, file.number, file.spool_class,
                    name_of(file.origin), file.lines(), file.copies, file.hold ? "USER" : "NONE");
    if (all) {
        const CalendarTime made = calendar_time(file.created);
        line += fmt::format(" {} {} {:<8} {:<8} {}", made.date.substr(0, 5), made.time, file.name, file.type,
                            file.form);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    c.say(line);
}

uint32_t list_queue(Command& c, SpoolQueue queue) {
    auto files = c.spool.queue_of(c.units.owner(), queue);
    bool all = false;
    std::optional<unsigned> one;
    while (c.more()) {
        if (c.takes("ALL", 3)) {
            all = true;
        } else if (c.takes("CLASS", 2)) {
            const char wanted = c.spool_class(false);
            std::erase_if(files, [&](const SpoolFile* file) { return file->spool_class != wanted; });
        } else if ((one = c.number(1, kMostSpoolNumber))) {
            all = true;
            std::erase_if(files, [&](const SpoolFile* file) { return file->number != *one; });
            if (files.empty()) refuse(c.module, 42, fmt::format("SPOOLID {:04} DOES NOT EXIST", *one));
        } else {
            c.invalid_option();
        }
    }
    if (files.empty()) {
        c.say(fmt::format("NO {} FILES", name_of(queue)));
        return 0;
    }
    c.say(all ? "ORIGINID FILE CLASS RECORDS CPY HOLD DATE  TIME     NAME     TYPE     FORM"
              : "ORIGINID FILE CLASS RECORDS CPY HOLD");
    for (const SpoolFile* file : files) list_file(c, *file, all);
    return 0;
}

uint32_t count_files(Command& c) {
    c.end();
    const auto part = [&c](SpoolQueue queue) {
        const size_t n = c.spool.queue_of(c.units.owner(), queue).size();
        return fmt::format("{} {}", n == 0 ? "NO" : fmt::format("{:03}", n), name_of(queue));
    };
    c.say(fmt::format("FILES: {}, {}, {}", part(SpoolQueue::reader), part(SpoolQueue::printer),
                      part(SpoolQueue::punch)));
    return 0;
}

uint32_t list_units(Command& c) {
    c.end();
    for (const UnitRecordRole role : {UnitRecordRole::console, UnitRecordRole::card_reader,
                                      UnitRecordRole::card_punch, UnitRecordRole::printer})
        for (const SpooledUnits::Unit* unit : c.units.of(role)) {
            const SpoolSettings& s = unit->settings;
            const bool reader = role == UnitRecordRole::card_reader;
            std::string line = fmt::format(
                "{:<4} {:03X} CL {} {} {} {}",
                role == UnitRecordRole::console      ? "CONS"
                : reader                             ? "RDR"
                : role == UnitRecordRole::card_punch ? "PUN"
                                                     : "PRT",
                unit->address, s.spool_class, s.cont ? "CONT" : "NOCONT", s.hold ? "HOLD" : "NOHOLD",
                reader ? std::string(s.end_of_file ? "EOF" : "NOEOF") : fmt::format("COPY {:03}", s.copies));
            if (role == UnitRecordRole::console)
                line += s.started ? " START" : " STOP";
            else
                line += unit->ready() ? " READY" : " NOTREADY";
            c.say(line);
            if (!reader)
                c.say(fmt::format("     {:03X} {} FORM {}", unit->address,
                                  s.to.empty() ? "FOR " + c.units.owner() : "TO " + s.to, s.form));
        }
    return 0;
}

}  // namespace

std::optional<uint32_t> query(Command& c) {
    if (const auto which = c.takes_queue()) return list_queue(c, *which);
    if (c.takes("FILES", 1)) return count_files(c);
    if (c.takes("UR", 2)) return list_units(c);
    return std::nullopt;
}

}  // namespace vmcp::spool_commands
