#include "vmcp/service/spool_commands.hpp"

#include "vmcp/service/spool_operands.hpp"

namespace vmcp {
namespace spool_commands {
namespace {

/// The devices that a command is for: a kind of them, or the one at an address.
std::vector<SpooledUnits::Unit*> devices(Command& c) {
    if (const auto kind = c.takes_queue())
        return c.units.of(*kind == SpoolQueue::reader    ? UnitRecordRole::card_reader
                          : *kind == SpoolQueue::printer ? UnitRecordRole::printer
                                                         : UnitRecordRole::card_punch);
    if (c.takes("CONSOLE", 3) || c.takes("CONS", 4)) return c.units.of(UnitRecordRole::console);
    if (!c.more()) refuse(c.module, 22, "VADDR MISSING OR INVALID");
    const std::string& word = c.words[c.next];
    const auto address = simulation::parse_device_address(word);
    if (!address) refuse(c.module, 22, "VADDR MISSING OR INVALID");
    SpooledUnits::Unit* const unit = c.units.find(*address);
    if (unit == nullptr) {
        if (device_at(c.vm, *address) == nullptr)
            refuse(c.module, 40, fmt::format("DEVICE {:03X} DOES NOT EXIST", *address));
        refuse(c.module, 6, fmt::format("INVALID DEVICE TYPE - {}", word));
    }
    ++c.next;
    return {unit};
}

/// The options behind SPOOL dev, over what the devices have.
struct SpoolOptionsRead {
    std::optional<char> spool_class;
    std::optional<std::string> form, to;
    std::optional<unsigned> copies;
    std::optional<bool> hold, cont, started, end_of_file;
    bool close = false, purge = false;
    bool any = false;
};

SpoolOptionsRead read_options(Command& c, UnitRecordRole role) {
    const bool reader = role == UnitRecordRole::card_reader, console = role == UnitRecordRole::console;
    SpoolOptionsRead o;
    for (; c.more(); o.any = true) {
        if (c.takes("CLASS", 2)) {
            o.spool_class = c.spool_class(reader);
        } else if (c.takes("CONT", 3)) {
            o.cont = true;
        } else if (c.takes("NOCONT", 3)) {
            o.cont = false;
        } else if (c.takes("HOLD", 2)) {
            o.hold = true;
        } else if (c.takes("NOHOLD", 3)) {
            o.hold = false;
        } else if (reader && c.takes("EOF", 3)) {
            o.end_of_file = true;
        } else if (reader && c.takes("NOEOF", 3)) {
            o.end_of_file = false;
        } else if (!reader && c.takes("COPY", 2)) {
            o.copies = c.copies();
        } else if (!reader && c.takes("FORM", 2)) {
            o.form = c.form();
        } else if (!reader && (c.takes("OFF", 3) || c.takes("SYSTEM", 6))) {
            o.to = "";
        } else if (!reader && c.takes("TO", 1)) {
            if (c.takes("SYSTEM", 6))
                o.to = "";
            else
                o.to = c.user();
        } else if (console && c.takes("START", 3)) {
            o.started = true;
        } else if (console && c.takes("STOP", 3)) {
            o.started = false;
        } else if (!reader && c.takes("CLOSE", 5)) {
            o.close = true;
        } else if (!reader && c.takes("PURGE", 2)) {
            o.purge = true;
        } else {
            c.invalid_option();
        }
    }
    return o;
}

void apply(const SpoolOptionsRead& o, SpoolSettings& s) {
    s.spool_class = o.spool_class.value_or(s.spool_class);
    if (o.form) s.form = *o.form == "OFF" ? std::string(kStandardForm) : *o.form;
    if (o.to) s.to = *o.to;
    s.copies = o.copies.value_or(s.copies);
    s.hold = o.hold.value_or(s.hold);
    s.cont = o.cont.value_or(s.cont);
    s.started = o.started.value_or(s.started);
    s.end_of_file = o.end_of_file.value_or(s.end_of_file);
}

}  // namespace

uint32_t spool(Command& c) {
    const auto units = devices(c);
    if (units.empty()) return 0;
    const SpoolOptionsRead options = read_options(c, units.front()->role);
    if (!options.any) refuse(c.module, 26, "OPERAND MISSING OR INVALID");
    for (SpooledUnits::Unit* unit : units) {
        // The file that is open goes by what is said now, except where it is said that it be closed.
        SpooledUnits::Closing how;
        how.purge = options.purge;
        how.whatever = true;
        apply(options, unit->settings);
        c.units.settings_changed(*unit);
        if (options.close || options.purge) c.units.close(c.work, *unit, how);
    }
    return 0;
}

uint32_t close(Command& c) {
    const auto units = devices(c);
    SpooledUnits::Closing how;
    const bool reader = !units.empty() && units.front()->role == UnitRecordRole::card_reader;
    while (c.more()) {
        if (c.takes("HOLD", 2)) {
            how.hold = true;
        } else if (c.takes("NOHOLD", 3)) {
            how.hold = false;
        } else if (!reader && c.takes("PURGE", 2)) {
            how.purge = true;
        } else if (!reader && c.takes("NAME", 1)) {
            c.name(how.name, how.type);
        } else {
            c.invalid_option();
        }
    }
    for (SpooledUnits::Unit* unit : units) c.units.close(c.work, *unit, how);
    return 0;
}

}  // namespace spool_commands

std::optional<uint32_t> execute_spool_command(Nucleus& nucleus, Work& work, VirtualMachine& vm,
                                              const std::vector<std::string>& words) {
    using namespace spool_commands;
    SpooledUnits* const units = vm.io.spooled_units();
    if (units == nullptr) return std::nullopt;
    const auto command = [&](std::string_view module) {
        return Command{nucleus, work, vm, *units, units->spool(), module, words};
    };
    const auto execute = [&](std::string_view module, uint32_t (*what)(Command&)) {
        Command c = command(module);
        return what(c);
    };
    try {
        const std::string& verb = words[0];
        if (is_word(verb, "SPOOL", 2)) return execute("CSP", spool);
        if (is_word(verb, "CLOSE", 1)) return execute("CSP", close);
        if (is_word(verb, "PURGE", 3)) return execute("CSU", purge);
        if (is_word(verb, "CHANGE", 2)) return execute("CSU", change);
        if (is_word(verb, "ORDER", 3)) return execute("CSU", order);
        if (is_word(verb, "TRANSFER", 4)) return execute("CSU", transfer);
        if (is_word(verb, "QUERY", 1) && words.size() > 1) {
            Command c = command("CQG");
            return query(c);
        }
    } catch (const Refusal& refusal) {
        vm.io.message(work, refusal.message);
        return refusal.code;
    }
    return std::nullopt;
}

}  // namespace vmcp
