#include "vmcp/ledger/control_program_model.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>

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
    CHECK(slow.price(Step::simulate_psw) == 2 * model.price(Step::simulate_psw));
    CHECK(slow.machine == "s370-158 x2");
}

TEST_CASE("the sums that docs/models.md promises come out") {
    const auto machine = MachineModel::load("s370-158");
    const auto cp = ControlProgramModel::load("vm370", machine);
    const auto path = [&](Step step) { return cp.path_lengths[static_cast<unsigned>(step)]; };
    const auto trap = path(Step::enter_from_trap) + path(Step::fetch_and_decode) + path(Step::dispatch);
    CHECK(trap + path(Step::fetch_operand) + path(Step::simulate_psw) == 350);
    CHECK(trap + path(Step::start_io) == 650);
    CHECK(trap + path(Step::start_spool) + path(Step::spool_record) == 954);
    CHECK(path(Step::page_in) + path(Step::page_out) == 500);
}

// Instruction counts of VM/370 Release 6 (DMKVSI, DMKVIO, DMKIOS, DMKCCW), traced; the sources in the model
// name them.
TEST_CASE("input and output on a real device takes what was measured, within 3 %") {
    const auto cp = ControlProgramModel::load("vm370", MachineModel::load("s370-158"));
    const auto path = [&](Step step) {
        return static_cast<double>(cp.path_lengths[static_cast<unsigned>(step)]);
    };
    const auto within = [](double sum, double measured) {
        CAPTURE(measured);
        CHECK(sum == doctest::Approx(measured).epsilon(0.03));
    };
    const double start = path(Step::enter_from_trap) + path(Step::fetch_and_decode) +
                         path(Step::find_device) + path(Step::queue_io) + path(Step::start_device) +
                         path(Step::dispatch);
    within(start, 845);  // without the CCWs
    within(start + 2 * path(Step::translate_control_ccw), 975);
    // Seek, search, TIC, read: three have data, and the argument of the seek is moved.
    within(start + 3 * path(Step::translate_data_ccw) + path(Step::translate_control_ccw) +
               path(Step::relocate_ccw),
           1356);
    within(path(Step::take_io_interruption) + path(Step::end_device) + path(Step::untranslate_csw) +
               path(Step::reflect_interruption) + path(Step::dispatch),
           760);
}

TEST_CASE("a scaled control-program model says so") {
    const auto model = ControlProgramModel::load("vm370", MachineModel::load("s370-158"));
    const auto half = model.scaled(0.5);
    CHECK(half.name == "vm370 x0.5");
    CHECK(half.title == model.title + ", prices x0.5");
    CHECK(half.scale == 0.5);
    for (unsigned i = 0; i < vmcp::kSteps; ++i) {
        CHECK(half.prices[i] == model.prices[i] / 2);
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
