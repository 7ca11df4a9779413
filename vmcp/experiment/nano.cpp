#include "vmcp/experiment/nano.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "isa/assembler/assembler.hpp"
#include "vmcp/experiment/csv_report.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned kCopies = 8;  // of the operation in a round
constexpr unsigned kFew = 20, kMany = 120;

/// Identity tables of 4K pages: a segment table at 8000, the page table of the first segment at 8100.
/// Register 8: that page table, 9: page 5000, 10: its entry, 7: what makes it valid.
constexpr std::string_view kTranslateOn = R"(
         LCTL  0,1,TABLES
         L     8,=A(X'8100')
         L     9,=A(X'5000')
         L     10,=A(X'810A')
         LA    7,X'50'
         LPSW  DATON
TABLES   DC    X'008000E0',X'00008000'
DATON    DC    0D'0',X'04080000',A(LOOP)
)";
constexpr std::string_view kTables = R"(
         ORG   T+X'8000'
         DC    X'F0008100',15X'00000001'
         ORG   T+X'8100'
         DC    X'00000010002000300040005000600070'
         DC    X'0080009000A000B000C000D000E000F0'
)";

std::string source_of(const NanoOperation& operation, bool with) {
    std::string source = fmt::format(R"(T        START 0
         DC    A(0,BEGIN)
         ORG   T+72
         DC    A(CCW)
         ORG   T+96
         DC    A(0,CALLED)
         DC    {},A(CHECKED)
         ORG   T+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     11,COUNT
         STCTL 0,1,WORK
         LA    3,X'800'
         SR    2,2
         SR    4,4
         SR    5,5
{}LOOP     DS    0H
)",
                                     operation.translates ? "X'04080000'" : "A(0)",
                                     operation.translates ? kTranslateOn.substr(1) : "");
    if (with)
        for (unsigned i = 0; i < kCopies; ++i) source += operation.instructions;
    source += R"(         BCT   11,LOOP
         LPSW  DONE
CALLED   LPSW  32
CHECKED  STH   7,0(10)
         LPSW  40
SUB      BR    14
DONE     DC    0D'0',X'0002000000000000'
WORK     DS    2D
CCW      CCW   3,0,X'20',1
COUNT    DC    F'1'
MASK     DC    X'00'
BYTE     DS    X
NEXT     DC    0D'0',A(0,0)
         LTORG
)";
    if (operation.translates) source += kTables.substr(1);
    return source + "         END   BEGIN\n";
}

std::shared_ptr<const GuestImage> image_of(const NanoOperation& operation, bool with, uint32_t rounds) {
    const std::string name = fmt::format("operation {}", operation.name);
    std::string source = source_of(operation, with);
    constexpr std::string_view kOne = "COUNT    DC    F'1'";
    source.replace(source.find(kOne), kOne.size(), fmt::format("COUNT    DC    F'{}'", rounds));
    const isa::assembler::Result result = isa::assembler::assemble(source, name);
    for (const auto& diagnostic : result.diagnostics) throw std::logic_error(to_string(diagnostic));
    auto image = std::make_shared<GuestImage>();
    image->file = name;
    image->storage = {result.load_address, result.image};
    return image;
}

/// What a run took in all.
struct Taken {
    SimTime guest = 0, cp = 0;
    uint64_t exits = 0;
};

class Measurement {
  public:
    Measurement(const Scenario& scenario, const std::function<bool()>& interrupted)
        : scenario_(scenario), interrupted_(interrupted) {}

    /// Of one operation; `rung` null: natively.
    NanoCost cost(const NanoOperation& operation, const Rung* rung) {
        const Taken with = rounds(operation, true, rung), without = empty_rounds(operation, rung);
        constexpr double kTimes = kCopies * (kMany - kFew);
        return {static_cast<double>(with.guest - without.guest) / kTimes,
                static_cast<double>(with.cp - without.cp) / kTimes,
                static_cast<double>(with.exits - without.exits) / kTimes};
    }
    bool was_interrupted() const { return was_interrupted_; }

  private:
    /// What more rounds of the loop take; fewer are taken off, with what is there but once.
    Taken rounds(const NanoOperation& operation, bool with, const Rung* rung) {
        const Taken few = take(operation, with, kFew, rung), many = take(operation, with, kMany, rung);
        return {many.guest - few.guest, many.cp - few.cp, many.exits - few.exits};
    }
    /// The loop without the operation is the same for all that translate, and all that do not.
    Taken empty_rounds(const NanoOperation& operation, const Rung* rung) {
        const auto [at, anew] = empty_.try_emplace({operation.translates, rung});
        if (anew) at->second = rounds(operation, false, rung);
        return at->second;
    }
    Taken take(const NanoOperation& operation, bool with, uint32_t rounds, const Rung* rung) {
        VmDescription vm;
        vm.options.name = "GUEST";
        vm.options.storage = 64 * 1024;
        vm.guest = image_of(operation, with, rounds);
        if (rung == nullptr) {
            NativeHooks hooks;
            hooks.interrupted = interrupted_;
            const NativeResult result =
                NativeMachine(scenario_.machine, vm, hooks).run({.time = scenario_.time_limit});
            was_interrupted_ = was_interrupted_ || result.interrupted;
            check(operation, result.interrupted || result.stop == simulation::Stop::disabled_wait,
                  result.cpu.psw.address);
            return {result.busy, 0, 0};
        }
        Scenario single = scenario_;
        single.vms = {std::move(vm)};
        single.segments.clear();
        single.systems.clear();
        single.real_devices.clear();
        single.spool.reset();
        RunHooks hooks;
        hooks.interrupted = interrupted_;
        const RunResult result = run(on_rung(std::move(single), *rung), hooks);
        was_interrupted_ = was_interrupted_ || result.interrupted;
        const VmResult& one = result.vms.front();
        check(operation, result.interrupted || one.stop == StopReason::disabled_wait, one.cpu.psw.address);
        return {one.account.guest, one.account.control_program, one.exits};
    }
    static void check(const NanoOperation& operation, bool ended, uint32_t address) {
        if (!ended || address != 0)
            throw std::runtime_error(fmt::format("the guest of operation {} failed", operation.name));
    }

    const Scenario& scenario_;
    const std::function<bool()>& interrupted_;
    std::map<std::pair<bool, const Rung*>, Taken> empty_;
    bool was_interrupted_ = false;
};

std::string ns_text(double ns) { return duration_text(static_cast<SimTime>(std::llround(ns))); }

}  // namespace

const std::vector<NanoOperation>& nano_operations() {
    static const std::vector<NanoOperation> all = {
        {"call", "call and return (BAL, BR)", "         BAL   14,SUB\n"},
        {"svc", "system call and return (SVC, LPSW)", "         SVC   1\n"},
        {"ssm", "interruptions masked (SSM)", "         SSM   MASK\n"},
        {"stosm", "mask stored and set (STOSM)", "         STOSM BYTE,0\n"},
        {"spka", "key of the PSW (SPKA)", "         SPKA  0\n"},
        {"isk", "storage key read (ISK)", "         ISK   2,3\n"},
        {"ssk", "storage key set (SSK)", "         SSK   2,3\n"},
        {"stctl", "control registers stored (STCTL)", "         STCTL 0,1,WORK\n"},
        {"lctl", "control registers loaded (LCTL)", "         LCTL  0,1,WORK\n"},
        {"stpt", "CPU timer read (STPT)", "         STPT  WORK\n"},
        {"stck", "clock read (STCK)", "         STCK  WORK\n"},
        {"tio", "device asked (TIO)", "         TIO   X'00E'\n"},
        {"sio", "device started, ends at once (SIO)", "         SIO   X'00E'\n"},
        {"divzero", "divide by zero, and return", "         DR    4,2\n"},
        {"ipte", "page-table entry invalidated (IPTE)", "         IPTE  8,9\n         STH   7,0(10)\n", true},
        {"ptemod", "the same, and the page touched",
         "         IPTE  8,9\n         STH   7,0(10)\n         IC    0,0(9)\n", true},
        {"pgfault", "the same, by a page fault", "         IPTE  8,9\n         IC    0,0(9)\n", true},
    };
    return all;
}

Nano measure_operations(const Scenario& scenario, const std::vector<const NanoOperation*>& operations,
                        const std::vector<const Rung*>& chosen, const NanoHooks& hooks) {
    Nano nano;
    nano.rungs = chosen;
    Measurement measurement(scenario, hooks.interrupted);
    const size_t all = operations.size() * (chosen.size() + 1);
    size_t done = 0;
    for (const NanoOperation* operation : operations) {
        const auto begin = [&](const std::string& where) {
            if (hooks.progress) hooks.progress(done, all, fmt::format("{} {}", operation->name, where));
            ++done;
        };
        begin("natively");
        const NanoCost native = measurement.cost(*operation, nullptr);
        std::vector<NanoCost> row;
        for (const Rung* rung : chosen) {
            begin("on rung " + rung->name);
            row.push_back(measurement.cost(*operation, rung));
        }
        if (measurement.was_interrupted()) {
            nano.interrupted = true;
            break;
        }
        nano.operations.push_back(operation);
        nano.native.push_back(native);
        nano.cost.push_back(std::move(row));
    }
    return nano;
}

std::string report(const Scenario& scenario, const Nano& nano, size_t width) {
    TextPage page(width);
    page.line("Single operations of a guest: CPU time of one, guest and control program");
    page.add(models_text(scenario, width));
    if (nano.interrupted) page.line("Interrupted: the operations that were measured are shown.");
    page.blank();
    std::vector<TextTable::Column> columns = {{"natively"}};
    for (const Rung* rung : nano.rungs) columns.push_back({rung->name});
    TextTable table({"Simulated time", TextTable::Align::left}, columns);
    TextTable exits({"Exits", TextTable::Align::left}, {columns.begin() + 1, columns.end()});
    for (size_t o = 0; o < nano.operations.size(); ++o) {
        const std::string name(nano.operations[o]->name);
        std::vector<std::string> times = {ns_text(nano.native[o].ns())}, counts;
        for (const NanoCost& cost : nano.cost[o]) {
            times.push_back(ns_text(cost.ns()));
            counts.push_back(fmt::format("{:.3g}", cost.exits));
        }
        table.row(name, std::move(times));
        exits.row(name, std::move(counts));
    }
    page.table(table);
    page.blank();
    page.table(exits);
    page.blank();
    for (const NanoOperation* operation : nano.operations)
        page.line(fmt::format("{:<8} {}", operation->name, operation->title), 9);
    return page.take();
}

Json to_json(const Scenario& scenario, const Nano& nano) {
    Json j;
    j["vmcp"] = maker_to_json("nano");
    j["settings"] = settings_to_json(scenario);
    j["models"] = models_to_json(scenario);
    j["interrupted"] = nano.interrupted;
    j["operations"] = Json::array();
    const auto cell = [](std::string_view technique, const NanoCost& cost) {
        return Json{{"technique", technique},
                    {"guest_ns", rounded(cost.guest_ns)},
                    {"cp_ns", rounded(cost.cp_ns)},
                    {"exits", rounded(cost.exits)}};
    };
    for (size_t o = 0; o < nano.operations.size(); ++o) {
        Json costs = Json::array({cell("native", nano.native[o])});
        for (size_t r = 0; r < nano.rungs.size(); ++r)
            costs.push_back(cell(nano.rungs[r]->name, nano.cost[o][r]));
        j["operations"].push_back({{"name", nano.operations[o]->name},
                                   {"title", nano.operations[o]->title},
                                   {"cost", std::move(costs)}});
    }
    return j;
}

std::string to_csv(const Nano& nano) {
    std::string csv = "operation,technique,guest_ns,cp_ns,exits\n";
    const auto line = [&csv](std::string_view operation, std::string_view technique, const NanoCost& cost) {
        csv += fmt::format("{},{},{:.3f},{:.3f},{:.3f}\n", operation, technique, cost.guest_ns, cost.cp_ns,
                           cost.exits);
    };
    for (size_t o = 0; o < nano.operations.size(); ++o) {
        line(nano.operations[o]->name, "native", nano.native[o]);
        for (size_t r = 0; r < nano.rungs.size(); ++r)
            line(nano.operations[o]->name, nano.rungs[r]->name, nano.cost[o][r]);
    }
    return csv;
}

}  // namespace vmcp::experiment
