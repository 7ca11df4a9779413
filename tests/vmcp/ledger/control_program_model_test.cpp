#include "vmcp/ledger/control_program_model.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulation/model/toml_reader.hpp"

using simulation::MachineModel;
using simulation::TomlError;
using vmcp::ControlProgramModel;
using vmcp::Step;

namespace {

std::string model_text(const std::string& name) {
    return simulation::read_text_file(std::string(VMCP_SOURCE_DIR) + "/examples/models/control-program/" +
                                      name + ".toml");
}

// The message of parsing model "unit" after replacing `from` with `to`.
std::string message_with(const std::string& from, const std::string& to) {
    auto text = model_text("unit");
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    try {
        ControlProgramModel::parse(text, "cp.toml", MachineModel::load("unit"));
    } catch (const TomlError& error) {
        return error.what();
    }
    return "no error";
}

std::string line_of(const std::string& part) {
    const auto text = model_text("unit");
    int line = 1;
    for (size_t i = 0; i < text.find(part); ++i) line += text[i] == '\n';
    return "cp.toml:" + std::to_string(line);
}

}  // namespace

TEST_CASE("every step has a name of its own and a text") {
    std::set<std::string_view> names;
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CHECK(names.insert(vmcp::kStepNames[i]).second);
        CHECK_FALSE(vmcp::kStepTexts[i].empty());
    }
    CHECK(vmcp::name_of(Step::cross_page) == "cross_page");
    CHECK(vmcp::text_of(Step::start_device) == "starts a channel program on a real device");
}

TEST_CASE("every built-in control-program model prices every step and says why") {
    const auto machine = MachineModel::load("s370-158");
    CHECK(ControlProgramModel::names() == std::vector<std::string>{"avm", "cp67", "cp67-short", "hosted",
                                                                   "kvm", "unit", "vm370", "vm370-notrace",
                                                                   "vms", "vms-es"});
    for (const auto& name : ControlProgramModel::names()) {
        CAPTURE(name);
        const auto model = ControlProgramModel::load(name, machine);
        CHECK(model.name == name);
        CHECK(model.file == "examples/models/control-program/" + name + ".toml");
        CHECK(model.machine == "s370-158");
        for (unsigned i = 0; i < vmcp::kSteps; ++i) {
            CAPTURE(vmcp::kStepNames[i]);
            CHECK((model.prices[i] > 0) == model.has(i));
            CHECK(model.sources[i].empty() == !model.has(i));
        }
    }
}

TEST_CASE("the unit control program takes one microsecond a step on any machine") {
    for (const auto& name : MachineModel::names()) {
        const auto model = ControlProgramModel::load("unit", MachineModel::load(name));
        for (unsigned i = 0; i < vmcp::kSteps; ++i) {
            CHECK(model.price(static_cast<Step>(i)) == (vmcp::is_of_host(i) ? 0 : 1000));
            CHECK(model.path_lengths[i] == 0);
        }
    }
}

TEST_CASE("path lengths become times with the machine's instruction time") {
    const auto machine = MachineModel::load("s370-158");
    const auto model = ControlProgramModel::load("vm370", machine);
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CHECK(model.prices[i] == model.path_lengths[i] * machine.cp_instruction_ns.value);
    }
    const auto slow = ControlProgramModel::load("vm370", machine.scaled(2));
    CHECK(slow.price(Step::simulate_lpsw) == 2 * model.price(Step::simulate_lpsw));
    CHECK(slow.machine == "s370-158 x2");
}

// Instruction counts of modules of VM/370 Release 6, executed and traced; the sources in the model name the
// modules. Confidence A: within 3 %; B: 8 %; C: 20 %.
TEST_CASE("the totals that were measured come out of the steps of vm370, with and without its trace table") {
    using enum Step;
    struct Total {
        const char* what;
        double measured;
        char confidence;
        std::vector<Step> way;    // that it shares with others
        std::vector<Step> steps;  // of its own
        unsigned times = 1;       // of the last one
    };
    const std::vector<Step> kFault = {enter_from_trap, dispatch},
                            kPrivileged = {enter_from_trap, fetch_and_decode, dispatch},
                            kOperand = {enter_from_trap, fetch_and_decode, fetch_operand, dispatch},
                            kIo = {enter_from_trap, decode_io, dispatch},
                            kTimer = {enter_from_trap, timer_interruption, dispatch},
                            kRealIo = {take_io_interruption, end_device, untranslate_csw, dispatch};
    const std::vector<Total> totals = {
        {"LPSW", 221, 'A', kOperand, {simulate_lpsw}},
        {"LPSW that turns masks on", 355, 'A', kOperand, {simulate_lpsw, find_pending}},
        {"LPSW to the idle wait, with drop from the queue",
         648,
         'A',
         {},
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_lpsw, schedule, idle}},
        {"SSM", 211, 'A', kOperand, {simulate_ssm}},
        {"SSM that turns masks on", 343, 'A', kOperand, {simulate_ssm, find_pending}},
        {"STNSM", 220, 'A', kOperand, {simulate_mask_store}},
        {"STOSM", 221, 'A', kOperand, {simulate_mask_store}},
        {"STCTL of one", 222, 'A', kOperand, {simulate_control}},
        {"LCTL of one", 229, 'A', kOperand, {simulate_control}},
        {"LCTL of all", 794, 'A', kOperand, {simulate_control}, 16},
        {"LCTL of another segment table", 581, 'B', kOperand, {simulate_control, shadow_purge, find_pending}},
        {"SSK", 219, 'A', kPrivileged, {simulate_key}},
        {"ISK", 208, 'A', kPrivileged, {simulate_key}},
        {"RRB", 257, 'A', kPrivileged, {simulate_rrb}},
        {"SPKA", 197, 'A', kPrivileged, {simulate_spka}},
        {"IPK", 183, 'A', kPrivileged, {simulate_ipk}},
        {"STPT", 363, 'A', kOperand, {simulate_cpu_timer}},
        {"SPT", 369, 'A', kOperand, {simulate_cpu_timer}},
        {"STCKC", 348, 'A', kOperand, {simulate_stckc}},
        {"SCKC", 402, 'A', kOperand, {simulate_sckc}},
        {"STIDP", 223, 'A', kOperand, {simulate_identification}},
        {"STIDC", 237, 'A', kIo, {identify_channel}},
        {"LRA", 371, 'B', kPrivileged, {simulate_translation}},
        {"PTLB", 356, 'B', kPrivileged, {simulate_translation}},
        {"DIAGNOSE X'60'", 309, 'B', kPrivileged, {simulate_diagnose}},
        {"DIAGNOSE X'0C'", 494, 'B', kPrivileged, {simulate_diagnose, tell_time}},
        {"SVC reflected", 79, 'A', {}, {reflect_svc, dispatch}},
        {"program check reflected", 320, 'A', kFault, {reflect_program}},
        {"page fault of the guest's own reflected", 370, 'A', kFault, {walk_guest_tables, reflect_program}},
        {"location 80 negative at the end of a slice",
         501,
         'B',
         kTimer,
         {timer_update, slice_end, reflect_external}},
        {"CPU timer reflected", 369, 'B', kTimer, {reflect_external}},
        {"clock comparator reflected", 452, 'B', kTimer, {take_timer_request, reflect_external}},
        {"clock comparator reflected from the wait",
         677,
         'B',
         kTimer,
         {wake_machine, take_timer_request, reflect_external}},
        {"TIO", 263, 'A', kIo, {test_io}},
        {"TCH", 222, 'A', kIo, {test_channel}},
        {"HIO", 294, 'A', kIo, {halt_io}},
        {"SIO of no CCWs", 845, 'B', kIo, {find_device, queue_io, start_device}},
        {"SIO of two no-operations",
         975,
         'B',
         kIo,
         {find_device, queue_io, start_device, translate_control_ccw},
         2},
        {"SIO of seek, search, TIC and read",
         1356,
         'B',
         kIo,
         {find_device, queue_io, start_device, relocate_ccw, translate_control_ccw, translate_data_ccw},
         3},
        {"I/O interruption reflected", 760, 'B', kRealIo, {reflect_io}},
        {"I/O interruption reflected from the wait", 1056, 'B', kRealIo, {reflect_io, wake_machine}},
        {"line of 60 characters on a console, and its end",
         1952 + 1456,
         'C',
         kIo,
         {start_io, console_line, end_io, reflect_io, dispatch, console_character},
         60},
        {"spooled record", 878, 'C', kIo, {start_spool, spool_record}},
        {"page of zeros", 473, 'B', kFault, {fill_page}},
        {"page brought in", 854 + 755, 'B', kFault, {page_in}},
        {"shadow entry filled", 335, 'B', kFault, {walk_guest_tables, shadow_fill}},
        {"end of a slice and dispatching", 329, 'A', kTimer, {slice_end}},
        {"end of a slice with two users", 333, 'A', kTimer, {slice_end, switch_machine}},
        {"end of a slice with drop and add", 627, 'A', kTimer, {slice_end, schedule}},
    };
    // Those of them that were counted with the trace table off, too.
    const std::map<std::string, double> without_trace = {
        {"LPSW", 211},
        {"LPSW that turns masks on", 333},
        {"LPSW to the idle wait, with drop from the queue", 609},
        {"SSM", 201},
        {"STNSM", 210},
        {"STOSM", 211},
        {"STCTL of one", 212},
        {"LCTL of one", 219},
        {"LCTL of another segment table", 559},
        {"SSK", 209},
        {"ISK", 198},
        {"RRB", 247},
        {"SPKA", 187},
        {"IPK", 173},
        {"STPT", 341},
        {"SPT", 347},
        {"STCKC", 326},
        {"SCKC", 380},
        {"STIDP", 213},
        {"STIDC", 227},
        {"LRA", 334},
        {"PTLB", 346},
        {"DIAGNOSE X'0C'", 472},
        {"SVC reflected", 70},
        {"program check reflected", 298},
        {"page fault of the guest's own reflected", 348},
        {"location 80 negative at the end of a slice", 441},
        {"CPU timer reflected", 335},
        {"clock comparator reflected", 404},
        {"clock comparator reflected from the wait", 613},
        {"TIO", 253},
        {"TCH", 212},
        {"HIO", 274},
        {"SIO of seek, search, TIC and read", 1236},
        {"I/O interruption reflected from the wait", 943},
        {"line of 60 characters on a console, and its end", 1836 + 1307},
        {"spooled record", 829},
        {"page of zeros", 424},
        {"page brought in", 745 + 678},
        {"shadow entry filled", 313},
        {"end of a slice and dispatching", 292},
        {"end of a slice with two users", 296},
        {"end of a slice with drop and add", 577},
    };
    const auto machine = MachineModel::load("s370-158");
    const auto check = [&](const ControlProgramModel& cp, const Total& total, double measured) {
        CAPTURE(cp.name);
        CAPTURE(total.what);
        const auto path = [&cp](Step step) {
            return static_cast<double>(cp.path_lengths[static_cast<unsigned>(step)]);
        };
        double sum = 0;
        for (const auto* steps : {&total.way, &total.steps})
            for (const Step step : *steps) sum += path(step);
        sum += (total.times - 1) * path(total.steps.back());
        const double off = std::abs(sum - measured) / measured;
        CAPTURE(sum);
        CAPTURE(measured);
        CHECK(off <= (total.confidence == 'A' ? 0.03 : total.confidence == 'B' ? 0.08 : 0.20));
    };
    const auto with = ControlProgramModel::load("vm370", machine);
    const auto without = ControlProgramModel::load("vm370-notrace", machine);
    unsigned found = 0;
    for (const Total& total : totals) {
        check(with, total, total.measured);
        if (const auto off = without_trace.find(total.what); off != without_trace.end()) {
            check(without, total, off->second);
            ++found;
        }
    }
    CHECK(found == without_trace.size());
}

TEST_CASE("the control-program assist makes the steps that it covers as cheap as the machine says") {
    const auto steps_with = [](const char* machine) {
        return ControlProgramModel::load("vm370", MachineModel::load(machine));
    };
    const auto none = steps_with("s370-158"), tenth = steps_with("s370-158-assists"),
               same = steps_with("s370-158-horizontal");
    unsigned covered = 0;
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CHECK(none.assisted_prices[i] == none.prices[i]);
        CHECK(same.assisted_prices[i] == same.prices[i]);
        CHECK(tenth.prices[i] == none.prices[i]);
        CHECK(tenth.assisted_prices[i] == (tenth.assisted[i] ? (tenth.prices[i] + 5) / 10 : tenth.prices[i]));
        covered += tenth.assisted[i];
    }
    CHECK(covered > 20);
    CHECK(covered < vmcp::kSteps);
    const auto half = tenth.scaled(0.5);
    CHECK(half.assisted_prices[static_cast<unsigned>(Step::dispatch)] ==
          (tenth.assisted_prices[static_cast<unsigned>(Step::dispatch)] + 1) / 2);
}

TEST_CASE("a scaled control-program model says so") {
    const auto model = ControlProgramModel::load("vm370", MachineModel::load("s370-158"));
    const auto half = model.scaled(0.5);
    CHECK(half.name == "vm370 x0.5");
    CHECK(half.title == model.title + ", prices x0.5");
    CHECK(half.scale == 0.5);
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CHECK(half.prices[i] == (model.prices[i] + 1) / 2);
        CHECK(half.sources[i] == (model.has(i) ? model.sources[i] + ", x0.5" : ""));
    }
    CHECK(model.scaled(2).scaled(0.5).prices == model.prices);
    CHECK_THROWS_AS(model.scaled(0), std::invalid_argument);
    CHECK_THROWS_AS(model.scaled(1e9), std::invalid_argument);
}

TEST_CASE("loading twice gives the same model, and a file gives what is built in") {
    const auto machine = MachineModel::load("s370-158");
    const auto a = ControlProgramModel::load("vm370", machine);
    const auto b = ControlProgramModel::load(
        std::string(VMCP_SOURCE_DIR) + "/examples/models/control-program/vm370.toml", machine);
    CHECK(a.prices == b.prices);
    CHECK(a.sources == b.sources);
}

TEST_CASE("mistakes in a control-program model are told with their place") {
    const std::string entry = "dispatch = { ns = 1000, source = \"assumed: by definition of this model\" }";
    CHECK(message_with(entry, "dispatch = 1000") ==
          line_of("dispatch") + ":12: \"dispatch\" is an integer: expected a table");
    CHECK(message_with(entry, "dispatch = { ns = 1000 }") ==
          line_of("dispatch") + ":12: [step.dispatch] lacks \"source\": expected a string");
    CHECK(message_with(entry, "dispatch = { source = \"assumed\" }") ==
          line_of("dispatch") + ":12: \"dispatch\": expected either instructions or ns");
    CHECK(message_with(entry, "dispatch = { ns = 1.5, source = \"assumed\" }") ==
          line_of("dispatch") +
              ":19: \"ns\" is a number with a fraction: expected an integer from 0 to 1000000000");
    CHECK(message_with("[step]", "[steps]") == "cp.toml:1:1: the file lacks \"step\": expected a table");
    CHECK(message_with("dispatch = ", "dispatsch = ") ==
          line_of("[step]") + ":1: [step] lacks \"dispatch\": expected a table");
    CHECK(
        message_with("[step]\n", "[step]\nloaf = { ns = 1, source = \"assumed\" }\n")
            .find(
                ":1: unknown key \"loaf\" in [step]: expected one of attach_segment, check_shared_page, ") !=
        std::string::npos);
    const auto machine = MachineModel::load("unit");
    CHECK_THROWS_WITH_AS(
        ControlProgramModel::load("cp68", machine),
        "unknown control-program model \"cp68\": expected one of avm, cp67, cp67-short, hosted, kvm, unit, "
        "vm370, vm370-notrace, vms, vms-es, or a path that ends in "
        ".toml",
        TomlError);
}

TEST_CASE("a model takes the paths of another one over, with a source of its own") {
    const auto machine = MachineModel::load("s370-158");
    const std::string head = "name = \"mine\"\ntitle = \"t\"\nextends = \"vm370\"\n";
    const std::string source = "source = \"assumed: as vm370\"\n";
    const auto parse = [&machine](const std::string& text) {
        return ControlProgramModel::parse(text, "mine.toml", machine);
    };
    const auto message = [&parse](const std::string& text) -> std::string {
        try {
            parse(text);
        } catch (const TomlError& error) {
            return error.what();
        }
        return "no error";
    };
    const auto base = ControlProgramModel::load("vm370", machine);
    const auto same = parse(head + source);
    CHECK(same.prices == base.prices);
    CHECK(same.file == "mine.toml");
    for (unsigned i = 0; i < vmcp::kSteps; ++i)
        CHECK(same.sources[i] == (same.has(i) ? "assumed: as vm370" : ""));
    CHECK_FALSE(base.assisted_source.empty());  // which is not taken over
    CHECK(same.assisted_source.empty());

    const auto longer =
        parse(head + source + "times = 1.5\n[step]\nsimulate_ssm = { instructions = 7, source = \"s\" }\n");
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CAPTURE(vmcp::kStepNames[i]);
        const bool own = static_cast<Step>(i) == Step::simulate_ssm;
        CHECK(longer.path_lengths[i] ==
              (own ? 7 : std::llround(static_cast<double>(base.path_lengths[i]) * 1.5)));
        CHECK(longer.prices[i] == longer.path_lengths[i] * machine.cp_instruction_ns.value);
        CHECK(longer.sources[i] == (own ? "s" : longer.has(i) ? "assumed: as vm370" : ""));
    }

    CHECK(message(head) == "mine.toml:1:1: the file lacks \"source\": expected a string");
    CHECK(
        message("name = \"m\"\ntitle = \"t\"\nextends = \"cp67\"\n" + source) ==
        "mine.toml:3:11: unknown control-program model \"cp67\": expected a built-in one that extends none");
    CHECK(message(head + source + "times = 0\n") ==
          "mine.toml:5:9: \"times\" is 0: expected a number from 0.001 to 1000");
    CHECK(message(head + source + "[step]\nloaf = { ns = 1, source = \"s\" }\n")
              .starts_with("mine.toml:6:1: unknown key \"loaf\" in [step]"));
}

TEST_CASE("a model with a host prices what the host does, and no other does") {
    const auto machine = MachineModel::load("s370-158");
    const std::string head =
        "name = \"mine\"\ntitle = \"t\"\nextends = \"vm370\"\nsource = \"assumed\"\n[host]\n";
    const std::string prices =
        "world_switch = { instructions = 1, source = \"s\" }\n"
        "return_to_process = { instructions = 2, source = \"s\" }\n"
        "host_call = { ns = 3, source = \"s\" }\n"
        "host_schedule = { instructions = 4, source = \"s\" }\n";
    const auto message = [&machine](const std::string& text) -> std::string {
        try {
            ControlProgramModel::parse(text, "mine.toml", machine);
        } catch (const TomlError& error) {
            return error.what();
        }
        return "no error";
    };
    const std::string said = "switches = \"service\"\ndevices = \"process\"\nsource = \"s\"\n";
    const auto mine = ControlProgramModel::parse(head + said + prices, "mine.toml", machine);
    REQUIRE(mine.host);
    CHECK(mine.host->switches == vmcp::WorldSwitch::for_service);
    CHECK(mine.host->devices == vmcp::DeviceServer::process);
    CHECK(mine.price(Step::return_to_process) == 2 * machine.cp_instruction_ns.value);
    CHECK(mine.price(Step::host_call) == 3);
    CHECK(mine.scaled(2).price(Step::host_call) == 6);
    CHECK_FALSE(ControlProgramModel::load("vm370", machine).host);
    CHECK(message(head + said).find("lacks \"world_switch\"") != std::string::npos);
    CHECK(message(head + "switches = \"never\"\ndevices = \"kernel\"\nsource = \"s\"\n" + prices) ==
          "mine.toml:6:12: \"never\": expected exit or service");
    CHECK(message(head + "switches = \"exit\"\ndevices = \"hall\"\nsource = \"s\"\n" + prices) ==
          "mine.toml:7:11: \"hall\": expected kernel or process");
    // A host's step is none of the control program's own.
    CHECK(message("name = \"m\"\ntitle = \"t\"\nextends = \"vm370\"\nsource = \"s\"\n[step]\n" + prices)
              .find("unknown key") != std::string::npos);
}

TEST_CASE("CP-67 takes 534 of what it took 113 with its paths rewritten") {
    const auto machine = MachineModel::load("s370-158");
    const auto before = ControlProgramModel::load("cp67", machine),
               after = ControlProgramModel::load("cp67-short", machine);
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CAPTURE(vmcp::kStepNames[i]);
        const double exact = static_cast<double>(after.path_lengths[i]) * 534 / 113;
        CHECK(std::abs(static_cast<double>(before.path_lengths[i]) - exact) <= 0.51);
    }
}
