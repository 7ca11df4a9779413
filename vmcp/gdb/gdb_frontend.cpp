#include "vmcp/gdb/gdb_frontend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "vmcp/gdb/monitor.hpp"
#include "vmcp/gdb/registers.hpp"

namespace vmcp::gdb {
namespace {

using debug::Alteration;
using debug::MachineNumber;
using debug::Resume;
using debug::Session;
using debug::Stop;
using debug::Stopped;

constexpr unsigned kTrap = 5, kInterrupt = 2;  // signals, as gdb counts them
constexpr const char* kError = "E01";
constexpr std::size_t kTextInPacket = 2048;  // bytes, which are twice as many digits

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
    const std::size_t place = text.find(at);
    if (place == std::string_view::npos) return {text, {}};
    return {text.substr(0, place), text.substr(place + 1)};
}

/// "ADDRESS,LENGTH".
struct Range {
    uint32_t address = 0, length = 0;
};
std::optional<Range> range_of(std::string_view text) {
    const auto [address, length] = cut(text, ',');
    const auto a = number_of_hex(address), l = number_of_hex(length);
    if (!a || !l || *l > kLongestPayload) return std::nullopt;
    return Range{static_cast<uint32_t>(*a) & isa::kAddressMask, static_cast<uint32_t>(*l)};
}

std::string stop_reply(const Stopped& why, bool knows_breakpoints) {
    switch (why.why) {
        case Stopped::Why::interrupted: return fmt::format("T{:02x}", kInterrupt);
        case Stopped::Why::no_history: return fmt::format("T{:02x}replaylog:begin;", kTrap);
        case Stopped::Why::ended: return fmt::format("T{:02x}replaylog:end;", kTrap);
        case Stopped::Why::stop:
            if (why.stop && why.stop->kind == Stop::Kind::change)
                return fmt::format("T{:02x}watch:{:x};", kTrap, why.stop->address);
            if (why.stop && why.stop->kind == Stop::Kind::address && knows_breakpoints)
                return fmt::format("T{:02x}swbreak:;", kTrap);
            break;
        case Stopped::Why::begin:
        case Stopped::Why::arrived: break;
    }
    return fmt::format("T{:02x}", kTrap);
}

/// Whether gdb cannot know by the reply alone why it stopped.
bool needs_words(const Stopped& why) {
    if (why.why == Stopped::Why::ended) return true;
    return why.why == Stopped::Why::stop && why.stop && why.stop->kind != Stop::Kind::change &&
           why.stop->kind != Stop::Kind::address;
}

/// Without what a report indents it by.
std::string trimmed(const std::string& text) {
    return text.substr(std::min(text.find_first_not_of(" \n"), text.size()));
}

}  // namespace

/// What gdb asks while the run stands still.
class GdbFrontend::Requests {
  public:
    Requests(GdbFrontend& owner, Session& session) : o_(owner), s_(session) {}

    /// Answers requests until one says how the run goes on.
    Resume serve() {
        while (const auto request = o_.line_.next()) {
            try {
                if (const auto resume = answer(*request)) return *resume;
            } catch (const debug::DebugError& error) {
                send(fmt::format("E.{}", error.what()));
            }
        }
        return leave();
    }

    static Resume leave() {
        Resume resume;
        resume.kind = Resume::Kind::leave;
        return resume;
    }

  private:
    void send(std::string_view payload) { o_.line_.send(payload); }

    std::optional<Resume> answer(std::string_view request) {
        if (request.empty()) {
            send("");
            return std::nullopt;
        }
        const std::string_view operands = request.substr(1);
        switch (request.front()) {
            case '?': send(o_.why_); break;
            case 'g': send(all_registers()); break;
            case 'G': send(set_registers(operands)); break;
            case 'p': send(one_register(operands)); break;
            case 'P': send(set_register(operands)); break;
            case 'm': send(storage(operands)); break;
            case 'M': send(set_storage(operands, false)); break;
            case 'X': send(set_storage(operands, true)); break;
            case 'Z': send(set_stop(operands)); break;
            case 'z': send(remove_stop(operands)); break;
            case 'H':
            case 'T': send("OK"); break;
            case 'q':
            case 'Q': query(request); break;
            case 'v': return many_lettered(request);
            case 's':
            case 'c': return go_on(request.front(), operands);
            case 'S':
            case 'C': return go_on(request.front() == 'S' ? 's' : 'c', cut(operands, ';').second);
            case 'b': return go_back(operands);
            case 'D': return detach();
            case 'k': return leave();
            default: send("");
        }
        return std::nullopt;
    }

    // ---- Registers ----

    std::string all_registers() {
        std::string text;
        const bool there = s_.logged_on(o_.machine_);
        const debug::Registers registers = there ? s_.registers(o_.machine_) : debug::Registers();
        for (const RegisterKind& kind : register_kinds())
            text += there ? register_text(kind, registers) : unavailable(kind);
        return text;
    }

    static const RegisterKind* kind_of(std::string_view number) {
        const auto n = number_of_hex(number);
        return n && *n < register_kinds().size() ? &register_kinds()[*n] : nullptr;
    }

    std::string one_register(std::string_view number) {
        const RegisterKind* kind = kind_of(number);
        if (kind == nullptr) return kError;
        if (!s_.logged_on(o_.machine_)) return unavailable(*kind);
        return register_text(*kind, s_.registers(o_.machine_));
    }

    void alter(const RegisterKind& kind, uint64_t value) {
        if (auto alteration = alteration_of(kind, value, s_.registers(o_.machine_))) {
            alteration->machine = o_.machine_;
            s_.alter(std::move(*alteration));
        }
    }

    std::string set_registers(std::string_view digits) {
        for (const RegisterKind& kind : register_kinds()) {
            const std::string_view one = digits.substr(0, std::size_t{2} * kind.bytes);
            digits.remove_prefix(one.size());
            // The whole PSW comes last, and gdb takes its parts for the truth.
            const auto value = kind.what == RegisterKind::What::psw ? std::nullopt : number_of_hex(one);
            if (value) alter(kind, *value);
        }
        return "OK";
    }

    std::string set_register(std::string_view operands) {
        const auto [number, digits] = cut(operands, '=');
        const RegisterKind* kind = kind_of(number);
        const auto value = number_of_hex(digits);
        if (kind == nullptr || !value || kind->what == RegisterKind::What::absent) return kError;
        alter(*kind, *value);
        return "OK";
    }

    // ---- Storage ----

    std::string storage(std::string_view operands) {
        const auto range = range_of(operands);
        if (!range || !s_.logged_on(o_.machine_)) return kError;
        std::string bytes;
        for (const auto& byte : s_.read(o_.machine_, debug::AddressKind::logical, range->address,
                                        std::min<uint32_t>(range->length, kTextInPacket))) {
            if (!byte) break;
            bytes.push_back(static_cast<char>(*byte));
        }
        return bytes.empty() && range->length != 0 ? kError : hex_of(bytes);
    }

    std::string set_storage(std::string_view operands, bool binary) {
        const auto [where, data] = cut(operands, ':');
        const auto range = range_of(where);
        const auto bytes = binary ? std::optional(std::string(data)) : bytes_of_hex(data);
        if (!range || !bytes || bytes->size() != range->length) return kError;
        if (bytes->empty()) return "OK";  // gdb asks whether there is such a request
        Alteration alteration;
        alteration.what = Alteration::What::storage;
        alteration.machine = o_.machine_;
        alteration.at = range->address;
        alteration.bytes.assign(bytes->begin(), bytes->end());
        s_.alter(std::move(alteration));
        return "OK";
    }

    // ---- Stops ----

    /// Of "TYPE,ADDRESS,KIND"; nothing: we have no such.
    std::optional<Stop> stop_of(std::string_view operands) const {
        const auto [type, place] = cut(operands, ',');
        const auto range = range_of(cut(place, ';').first);
        if (!range || (type != "0" && type != "1" && type != "2")) return std::nullopt;
        Stop stop;
        stop.machine = o_.machine_;
        stop.address = range->address;
        if (type == "2") {
            stop.kind = Stop::Kind::change;
            stop.length = range->length;
        }
        return stop;
    }

    /// The one that gdb has set, whatever its number: it outlives processes.
    const Stop* find(const Stop& like) const {
        for (const Stop& stop : s_.stops())
            if (stop.kind == like.kind && stop.machine == like.machine && stop.address == like.address &&
                !stop.once && (like.kind == Stop::Kind::address || stop.length == like.length))
                return &stop;
        return nullptr;
    }

    std::string set_stop(std::string_view operands) {
        const auto stop = stop_of(operands);
        if (!stop) return "";
        if (find(*stop) == nullptr) s_.add(*stop);
        return "OK";
    }

    std::string remove_stop(std::string_view operands) {
        const auto stop = stop_of(operands);
        if (!stop) return "";
        if (const Stop* found = find(*stop)) s_.remove(found->id);
        return "OK";
    }

    // ---- Going on ----

    Resume resume(Resume::Kind kind, bool backward) {
        o_.asked_ = true;
        Resume resume;
        resume.kind = kind;
        resume.backward = backward;
        resume.machine = o_.machine_;
        return resume;
    }

    Resume go_on(char how, std::string_view address) {
        if (const auto value = number_of_hex(address)) {
            Alteration alteration;
            alteration.what = Alteration::What::address;
            alteration.machine = o_.machine_;
            alteration.value = *value & isa::kAddressMask;
            s_.alter(std::move(alteration));
        }
        return resume(how == 's' ? Resume::Kind::instruction : Resume::Kind::stop, false);
    }

    std::optional<Resume> go_back(std::string_view how) {
        if (how == "s") return resume(Resume::Kind::instruction, true);
        if (how == "c") return resume(Resume::Kind::stop, true);
        send("");
        return std::nullopt;
    }

    std::optional<Resume> many_lettered(std::string_view request) {
        if (request == "vCont?") {
            send("vCont;c;C;s;S");
        } else if (request.starts_with("vCont;") && request.size() > 6) {
            const char action = request[6];
            if (action == 's' || action == 'S') return resume(Resume::Kind::instruction, false);
            if (action == 'c' || action == 'C') return resume(Resume::Kind::stop, false);
            send(kError);
        } else if (request.starts_with("vKill;")) {
            send("OK");
            return leave();
        } else {
            send("");
        }
        return std::nullopt;
    }

    /// The run goes on without anybody who looks.
    Resume detach() {
        send("OK");
        std::vector<unsigned> ids;
        for (const Stop& stop : s_.stops()) ids.push_back(stop.id);
        for (const unsigned id : ids) s_.remove(id);
        o_.detached_ = true;
        Resume on = resume(Resume::Kind::stop, false);
        o_.asked_ = false;
        return on;
    }

    // ---- Queries ----

    void query(std::string_view request) {
        const auto [what, operands] = cut(request, ':');
        if (what == "qSupported") {
            o_.knows_breakpoints_ = operands.find("swbreak+") != std::string_view::npos;
            send(
                fmt::format("PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;swbreak+;hwbreak+;"
                            "vContSupported+;ReverseStep+;ReverseContinue+",
                            kLongestPayload));
        } else if (what == "QStartNoAckMode") {
            send("OK");
            o_.line_.trust();
        } else if (what == "qXfer") {
            send(transfer(operands));
        } else if (what.starts_with("qRcmd,")) {
            command(what.substr(6));
        } else if (what == "qAttached") {
            send("0");  // quitting gdb ends the run
        } else if (what == "qC") {
            send("QC1");
        } else if (what == "qfThreadInfo") {
            send("m1");
        } else if (what == "qsThreadInfo") {
            send("l");
        } else if (what == "qSymbol") {
            send("OK");
        } else {
            send("");
        }
    }

    static std::string transfer(std::string_view operands) {
        constexpr std::string_view kDescription = "features:read:target.xml:";
        if (!operands.starts_with(kDescription)) return operands.starts_with("features:") ? "E00" : "";
        const auto [offset, length] = cut(operands.substr(kDescription.size()), ',');
        const auto from = number_of_hex(offset), most = number_of_hex(length);
        const std::string text = target_description();
        if (!from || !most || *from > text.size()) return kError;
        const std::string piece = text.substr(*from, std::min<uint64_t>(*most, kTextInPacket));
        return (*from + piece.size() == text.size() ? "l" : "m") + piece;
    }

    void command(std::string_view digits) {
        const auto text = bytes_of_hex(digits);
        if (!text) return send(kError);
        say(monitor(s_, o_.machine_, *text));
        send("OK");
    }

  public:
    /// Text on gdb's terminal.
    void say(std::string_view text) {
        for (; !text.empty(); text.remove_prefix(std::min(kTextInPacket, text.size())))
            send("O" + hex_of(text.substr(0, kTextInPacket)));
    }

  private:
    GdbFrontend& o_;
    Session& s_;
};

GdbFrontend::GdbFrontend(Connection& connection, std::string machine)
    : line_(connection), name_(std::move(machine)) {}

Resume GdbFrontend::stopped(Session& session, const Stopped& why) {
    Requests requests(*this, session);
    if (!name_.empty()) {
        const auto found = session.find(name_);
        if (!found)
            throw debug::DebugError(fmt::format("--vm {}: expected a virtual machine of this run", name_));
        machine_ = *found;
    }
    const bool ended = why.why == Stopped::Why::ended;
    if (detached_) {
        if (ended) return Requests::leave();
        Resume on;
        return on;
    }
    if (why.why == Stopped::Why::begin && !session.logged_on(machine_)) {
        // gdb cannot do without registers: it begins where the machine does.
        Resume first;
        first.kind = Resume::Kind::instruction;
        first.machine = machine_;
        return first;
    }
    why_ = stop_reply(why, knows_breakpoints_);
    if (asked_) {
        if (ended && told_end_) {
            line_.send("W00");
            return Requests::leave();
        }
        if (needs_words(why)) requests.say(trimmed(why.text) + "\n");
        line_.send(why_);
        asked_ = false;
    }
    told_end_ = ended;
    return requests.serve();
}

nlohmann::json GdbFrontend::save() const {
    return {{"rest", hex_of(line_.rest())},
            {"trusted", line_.trusted()},
            {"asked", asked_},
            {"detached", detached_},
            {"breakpoints", knows_breakpoints_}};
}

void GdbFrontend::restore(const nlohmann::json& json) {
    line_.go_on_with(bytes_of_hex(json.at("rest").get<std::string>()).value_or(""),
                     json.at("trusted").get<bool>());
    asked_ = json.at("asked").get<bool>();
    detached_ = json.at("detached").get<bool>();
    knows_breakpoints_ = json.at("breakpoints").get<bool>();
    told_end_ = false;
}

}  // namespace vmcp::gdb
