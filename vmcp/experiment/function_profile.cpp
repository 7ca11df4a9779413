#include "vmcp/experiment/function_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "isa/ebcdic.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

Spent FunctionProfile::total() const {
    Spent all = elsewhere;
    all += interruptions;
    for (const Function& function : functions) all += function.spent;
    for (const Program& program : programs) all += program.own;
    return all;
}

FunctionProfiler::FunctionProfiler(simulation::Machine& machine, const std::string& file)
    : machine_(machine), symbols_(SymbolTable::load(file)), file_(file) {
    if (machine.cpu_count() != 1)
        throw std::invalid_argument(fmt::format(
            "{} CPUs: expected a machine with one, for a profile by function", machine.cpu_count()));
    for (const SymbolTable::Function& function : symbols_.functions())
        functions_.push_back({function.name, 0, {}});
    machine_.executor().observers.add(*this);
    machine_.observers.add(*this);
}

FunctionProfiler::~FunctionProfiler() {
    machine_.executor().observers.remove(*this);
    machine_.observers.remove(*this);
}

/// What the CPU has done since the last time.
void FunctionProfiler::charge() {
    const uint64_t instructions = machine_.instructions();
    const simulation::SimTime worked = machine_.cpu().now() - machine_.waited();
    const Spent spent{instructions - instructions_, worked - worked_};
    if (running_ != nullptr) *running_ += spent;
    if (served_ != nullptr) *served_ += spent;
    instructions_ = instructions;
    worked_ = worked;
}

FunctionProfile::Program& FunctionProfiler::program(const std::string& name) {
    FunctionProfile::Program& found = programs_[name];
    found.name = name;
    return found;
}

const std::string& FunctionProfiler::loaded_name() {
    constexpr uint32_t kLength = 8;
    const simulation::RealStorage& storage = machine_.storage();
    const auto pointer = symbols_.address_of("loaded");
    uint32_t block = 0;
    if (pointer && *pointer <= storage.size() - 4) block = storage.get32(*pointer) & isa::kAddressMask;
    if (block == block_) return name_;
    block_ = block;
    name_.clear();
    if (block > storage.size() - kLength) return name_;
    for (uint32_t i = 0; i < kLength; ++i) {
        const char character = isa::to_ascii(*storage.at(block + i));
        if (character < ' ' || character > '~') return name_ = "";  // another kind of pointer
        name_ += character;
    }
    name_.erase(name_.find_last_not_of(' ') + 1);
    return name_;
}

void FunctionProfiler::before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded&) {
    charge();
    served_ = nullptr;
    const isa::Psw& psw = cpu.psw();
    const std::string& name = loaded_name();
    if (psw.problem_state || psw.dat) {
        running_ = &program(!name.empty() ? name
                            : psw.dat     ? fmt::format("tables at {:06X}", cpu.cr(1) & 0x00FFFFC0)
                                          : "problem state")
                        .own;
        return;
    }
    if (!name.empty()) served_ = &program(name).served;
    const auto found = symbols_.function_at(address);
    if (!found) {
        running_ = &elsewhere_;
        return;
    }
    FunctionProfile::Function& function = functions_[*found];
    if (address == symbols_.functions()[*found].address) ++function.calls;
    running_ = &function.spent;
}

void FunctionProfiler::interruption(const simulation::Cpu&, const isa::Interruption&) {
    charge();
    if (running_ == nullptr) return;  // the restart, or what initial program loading ends with
    running_ = &interruptions_;
    served_ = nullptr;
}

FunctionProfile FunctionProfiler::profile() {
    charge();
    FunctionProfile profile;
    profile.file = file_;
    profile.elsewhere = elsewhere_;
    profile.interruptions = interruptions_;
    for (const FunctionProfile::Function& function : functions_)
        if (function.calls != 0 || function.spent.instructions != 0) profile.functions.push_back(function);
    std::stable_sort(profile.functions.begin(), profile.functions.end(), [](const auto& a, const auto& b) {
        return a.spent.instructions > b.spent.instructions;
    });
    for (const auto& [name, program] : programs_) profile.programs.push_back(program);
    return profile;
}

std::string profile_text(const FunctionProfile& profile, size_t width) {
    using Align = TextTable::Align;
    const Spent total = profile.total();
    TextPage page(width);
    const auto share = [&](const Spent& spent) {
        return share_text(static_cast<double>(spent.time), static_cast<double>(total.time));
    };
    TextTable functions({"function", Align::left}, {{"calls"}, {"instructions"}, {"time"}, {"share"}});
    const auto add = [&](const std::string& name, const std::string& calls, const Spent& spent) {
        if (spent.time == 0 && spent.instructions == 0) return;
        functions.row(name, {calls, count_text(spent.instructions), duration_text(spent.time), share(spent)});
    };
    for (const auto& function : profile.functions)
        add(function.name, count_text(function.calls), function.spent);
    add("(no function)", "-", profile.elsewhere);
    add("(interruptions, by the machine)", "-", profile.interruptions);
    page.line(fmt::format("By function ({}): completed instructions, simulated time, share of the {} busy",
                          profile.file, duration_text(total.time)));
    page.table(functions);
    if (profile.programs.empty()) return page.take();
    TextTable programs({"program", Align::left}, {{"its own\ninstructions"},
                                                  {"time"},
                                                  {"share"},
                                                  {"for it\ninstructions", Align::right, true},
                                                  {"time"},
                                                  {"share"}});
    for (const auto& program : profile.programs)
        programs.row(program.name, {count_text(program.own.instructions), duration_text(program.own.time),
                                    share(program.own), count_text(program.served.instructions),
                                    duration_text(program.served.time), share(program.served)});
    page.blank();
    page.line("By program that it runs: what that did itself, and what was done while it was loaded");
    page.table(programs);
    return page.take();
}

nlohmann::ordered_json to_json(const FunctionProfile& profile) {
    const auto spent_to_json = [](const Spent& spent) {
        return nlohmann::ordered_json{{"instructions", spent.instructions}, {"busy_ns", spent.time}};
    };
    nlohmann::ordered_json j;
    j["file"] = profile.file;
    auto functions = nlohmann::ordered_json::array();
    for (const auto& function : profile.functions)
        functions.push_back({{"name", function.name},
                             {"calls", function.calls},
                             {"instructions", function.spent.instructions},
                             {"busy_ns", function.spent.time}});
    j["functions"] = std::move(functions);
    j["elsewhere"] = spent_to_json(profile.elsewhere);
    j["interruptions"] = spent_to_json(profile.interruptions);
    auto programs = nlohmann::ordered_json::array();
    for (const auto& program : profile.programs)
        programs.push_back({{"name", program.name},
                            {"own", spent_to_json(program.own)},
                            {"served", spent_to_json(program.served)}});
    j["programs"] = std::move(programs);
    return j;
}

}  // namespace vmcp::experiment
