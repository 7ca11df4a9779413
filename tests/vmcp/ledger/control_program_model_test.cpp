#include "vmcp/ledger/control_program_model.hpp"

#include <doctest/doctest.h>

#include <cmath>
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
    CHECK(ControlProgramModel::names() == std::vector<std::string>{"unit", "vm370"});
    for (const auto& name : ControlProgramModel::names()) {
        CAPTURE(name);
        const auto model = ControlProgramModel::load(name, machine);
        CHECK(model.name == name);
        CHECK(model.file == "examples/models/control-program/" + name + ".toml");
        CHECK(model.machine == "s370-158");
        for (unsigned i = 0; i < vmcp::kSteps; ++i) {
            CAPTURE(vmcp::kStepNames[i]);
            CHECK(model.prices[i] > 0);
            CHECK_FALSE(model.sources[i].empty());
        }
    }
}

TEST_CASE("the unit control program takes one microsecond a step on any machine") {
    for (const auto& name : MachineModel::names()) {
        const auto model = ControlProgramModel::load("unit", MachineModel::load(name));
        for (unsigned i = 0; i < vmcp::kSteps; ++i) {
            CHECK(model.price(static_cast<Step>(i)) == 1000);
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
TEST_CASE("the totals that were measured come out of the steps of vm370") {
    using enum Step;
    struct Total {
        const char* what;
        double measured;
        char confidence;
        std::vector<Step> steps;
        unsigned times = 1;  // of the last step
    };
    const std::vector<Total> totals = {
        {"LPSW", 221, 'A', {enter_from_trap, fetch_and_decode, fetch_operand, dispatch, simulate_lpsw}},
        {"LPSW that turns masks on",
         355,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_lpsw, find_pending, dispatch}},
        {"LPSW to the idle wait, with drop from the queue",
         648,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_lpsw, schedule, idle}},
        {"SSM", 211, 'A', {enter_from_trap, fetch_and_decode, fetch_operand, simulate_ssm, dispatch}},
        {"SSM that turns masks on",
         343,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_ssm, find_pending, dispatch}},
        {"STNSM",
         220,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_mask_store, dispatch}},
        {"STOSM",
         221,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_mask_store, dispatch}},
        {"STCTL of one",
         222,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, dispatch, simulate_control}},
        {"LCTL of one",
         229,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, dispatch, simulate_control}},
        {"LCTL of all",
         794,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, dispatch, simulate_control},
         16},
        {"LCTL of another segment table",
         581,
         'B',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_control, shadow_purge, find_pending,
          dispatch}},
        {"SSK", 219, 'A', {enter_from_trap, fetch_and_decode, simulate_key, dispatch}},
        {"ISK", 208, 'A', {enter_from_trap, fetch_and_decode, simulate_key, dispatch}},
        {"RRB", 257, 'A', {enter_from_trap, fetch_and_decode, simulate_rrb, dispatch}},
        {"SPKA", 197, 'A', {enter_from_trap, fetch_and_decode, simulate_spka, dispatch}},
        {"IPK", 183, 'A', {enter_from_trap, fetch_and_decode, simulate_ipk, dispatch}},
        {"STPT", 363, 'A', {enter_from_trap, fetch_and_decode, fetch_operand, simulate_cpu_timer, dispatch}},
        {"SPT", 369, 'A', {enter_from_trap, fetch_and_decode, fetch_operand, simulate_cpu_timer, dispatch}},
        {"STCKC", 348, 'A', {enter_from_trap, fetch_and_decode, fetch_operand, simulate_stckc, dispatch}},
        {"SCKC", 402, 'A', {enter_from_trap, fetch_and_decode, fetch_operand, simulate_sckc, dispatch}},
        {"STIDP",
         223,
         'A',
         {enter_from_trap, fetch_and_decode, fetch_operand, simulate_identification, dispatch}},
        {"STIDC", 237, 'A', {enter_from_trap, decode_io, identify_channel, dispatch}},
        {"LRA", 371, 'B', {enter_from_trap, fetch_and_decode, simulate_translation, dispatch}},
        {"PTLB", 356, 'B', {enter_from_trap, fetch_and_decode, simulate_translation, dispatch}},
        {"DIAGNOSE X'60'", 309, 'B', {enter_from_trap, fetch_and_decode, simulate_diagnose, dispatch}},
        {"DIAGNOSE X'0C'",
         494,
         'B',
         {enter_from_trap, fetch_and_decode, simulate_diagnose, tell_time, dispatch}},
        {"SVC reflected", 79, 'A', {reflect_svc, dispatch}},
        {"program check reflected", 320, 'A', {enter_from_trap, reflect_program, dispatch}},
        {"page fault of the guest's own reflected",
         370,
         'A',
         {enter_from_trap, walk_guest_tables, reflect_program, dispatch}},
        {"location 80 negative at the end of a slice",
         501,
         'B',
         {enter_from_trap, timer_interruption, timer_update, slice_end, reflect_external, dispatch}},
        {"CPU timer reflected", 369, 'B', {enter_from_trap, timer_interruption, reflect_external, dispatch}},
        {"clock comparator reflected",
         452,
         'B',
         {enter_from_trap, timer_interruption, take_timer_request, reflect_external, dispatch}},
        {"clock comparator reflected from the wait",
         677,
         'B',
         {enter_from_trap, timer_interruption, wake_machine, take_timer_request, reflect_external, dispatch}},
        {"TIO", 263, 'A', {enter_from_trap, decode_io, test_io, dispatch}},
        {"TCH", 222, 'A', {enter_from_trap, decode_io, test_channel, dispatch}},
        {"HIO", 294, 'A', {enter_from_trap, decode_io, halt_io, dispatch}},
        {"SIO of no CCWs",
         845,
         'B',
         {enter_from_trap, decode_io, find_device, queue_io, start_device, dispatch}},
        {"SIO of two no-operations",
         975,
         'B',
         {enter_from_trap, decode_io, find_device, queue_io, start_device, dispatch, translate_control_ccw},
         2},
        {"SIO of seek, search, TIC and read",
         1356,
         'B',
         {enter_from_trap, decode_io, find_device, queue_io, start_device, dispatch, relocate_ccw,
          translate_control_ccw, translate_data_ccw},
         3},
        {"I/O interruption reflected",
         760,
         'B',
         {take_io_interruption, end_device, untranslate_csw, reflect_io, dispatch}},
        {"I/O interruption reflected from the wait",
         1056,
         'B',
         {take_io_interruption, end_device, untranslate_csw, wake_machine, reflect_io, dispatch}},
        {"line of 60 characters on a console, and its end",
         1952 + 1456,
         'C',
         {enter_from_trap, decode_io, start_io, dispatch, console_line, end_io, reflect_io, dispatch,
          console_character},
         60},
        {"spooled record", 878, 'C', {enter_from_trap, decode_io, start_spool, spool_record, dispatch}},
        {"page of zeros", 473, 'B', {enter_from_trap, fill_page, dispatch}},
        {"page brought in", 854 + 755, 'B', {enter_from_trap, page_in, dispatch}},
        {"shadow entry filled", 335, 'B', {enter_from_trap, walk_guest_tables, shadow_fill, dispatch}},
        {"end of a slice and dispatching",
         329,
         'A',
         {enter_from_trap, timer_interruption, slice_end, dispatch}},
        {"end of a slice with two users",
         333,
         'A',
         {enter_from_trap, timer_interruption, slice_end, switch_machine, dispatch}},
        {"end of a slice with drop and add",
         627,
         'A',
         {enter_from_trap, timer_interruption, slice_end, schedule, dispatch}},
    };
    const auto cp = ControlProgramModel::load("vm370", MachineModel::load("s370-158"));
    const auto path = [&](Step step) {
        return static_cast<double>(cp.path_lengths[static_cast<unsigned>(step)]);
    };
    for (const Total& total : totals) {
        CAPTURE(total.what);
        double sum = 0;
        for (const Step step : total.steps) sum += path(step);
        sum += (total.times - 1) * path(total.steps.back());
        const double off = std::abs(sum - total.measured) / total.measured;
        CAPTURE(sum);
        CAPTURE(total.measured);
        CHECK(off <= (total.confidence == 'A' ? 0.03 : total.confidence == 'B' ? 0.08 : 0.20));
    }
}

TEST_CASE("a scaled control-program model says so") {
    const auto model = ControlProgramModel::load("vm370", MachineModel::load("s370-158"));
    const auto half = model.scaled(0.5);
    CHECK(half.name == "vm370 x0.5");
    CHECK(half.title == model.title + ", prices x0.5");
    CHECK(half.scale == 0.5);
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CHECK(half.prices[i] == (model.prices[i] + 1) / 2);
        CHECK(half.sources[i] == model.sources[i] + ", x0.5");
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
        ControlProgramModel::load("cp67", machine),
        "unknown control-program model \"cp67\": expected one of unit, vm370, or a path that ends in "
        ".toml",
        TomlError);
}
