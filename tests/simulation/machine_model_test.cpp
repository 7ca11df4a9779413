#include "simulation/model/machine_model.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "simulation/model/toml_reader.hpp"
#include "tests/simulation/instruction_mix.hpp"

using isa::CostClass;
using simulation::MachineModel;
using simulation::TomlError;

namespace {

std::string model_text(const std::string& name) {
    return simulation::read_text_file(std::string(VMCP_SOURCE_DIR) + "/examples/models/machine/" + name +
                                      ".toml");
}

// The message of parsing model `name` after replacing `from` with `to`.
std::string message_with(const std::string& name, const std::string& from, const std::string& to) {
    auto text = model_text(name);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    try {
        MachineModel::parse(text, "m.toml");
    } catch (const TomlError& error) {
        return error.what();
    }
    return "no error";
}

int line_of(const std::string& name, const std::string& part) {
    const auto text = model_text(name);
    int line = 1;
    for (size_t i = 0; i < text.find(part); ++i) line += text[i] == '\n';
    return line;
}

void check_complete(const MachineModel& model) {
    for (unsigned i = 0; i < isa::kCostClasses; ++i) {
        CAPTURE(isa::kCostClassNames[i]);
        CHECK(model.prices[i].fixed >= 1);
        CHECK(model.prices[i].per_unit >= 0);
        CHECK_FALSE(model.price_sources[i].empty());
        if (isa::kCostUnits[i] == isa::CostUnit::none) CHECK(model.prices[i].per_unit == 0);
    }
    for (const auto* figure :
         {&model.cpu_version, &model.cpu_serial, &model.model_number, &model.machine_check_extension,
          &model.cycle_ns, &model.cpus, &model.storage_bytes, &model.max_storage_bytes,
          &model.interval_timer_hz, &model.cp_instruction_ns, &model.interruption_ns, &model.tlb_entries,
          &model.tlb_ways, &model.table_reference_ns, &model.one_burst}) {
        CHECK_FALSE(figure->source.empty());
    }
    CHECK_FALSE(model.facilities_source.empty());
    CHECK(model.tlb_replacement == "fifo");
    CHECK_FALSE(model.tlb_replacement_source.empty());
    for (const auto& type : model.devices) {
        for (const auto& figure : type.second) {
            CAPTURE(type.first);
            CAPTURE(figure.first);
            CHECK_FALSE(figure.second.source.empty());
            CHECK(figure.second.value > 0);
        }
    }
}

}  // namespace

TEST_CASE("every built-in machine model is complete and sourced") {
    const auto names = MachineModel::names();
    CHECK(names == std::vector<std::string>{"s370-158", "s370-158-apart", "s370-158-assists", "s370-158-gcc",
                                            "s370-158-horizontal", "s370-158-interpretive",
                                            "s370-158-interpretive-io", "s370-158-interpretive-nested",
                                            "s370-158-keys", "s370-158-nested", "s370-158-translating",
                                            "s370-158-untagged", "s370-holes", "unit"});
    for (const auto& name : names) {
        CAPTURE(name);
        const auto model = MachineModel::load(name);
        CHECK(model.name == name);
        CHECK(model.file == "examples/models/machine/" + name + ".toml");
        check_complete(model);
        for (const char* type : {"3215", "3210", "2540", "3505", "3525", "1403", "3211", "2305-2", "3330-1",
                                 "3350", "2401-3", "3420-7"}) {
            CHECK(model.has_device(type));
        }
    }
}

TEST_CASE("the unit machine takes one microsecond for everything") {
    const auto model = MachineModel::load("unit");
    for (unsigned i = 0; i < isa::kCostClasses; ++i)
        CHECK(model.cost(static_cast<CostClass>(i), 256) == 1000);
    CHECK(model.interruption_ns.value == 1000);
    CHECK(model.cp_instruction_ns.value == 1000);
    CHECK(model.interval_timer_hz.value == 300);
    CHECK(model.storage_bytes.value == 16 << 20);
    CHECK(model.max_storage_bytes.value == 64 << 20);
    CHECK(simulation::average_instruction_ns(model) ==
          1008);  // the subject instructions of EX are not counted
    CHECK(model.facilities == isa::FacilitySet::system370());
}

TEST_CASE("the 158 runs its mix at its rated 1 MIPS") {
    const auto model = MachineModel::load("s370-158");
    CHECK(model.cycle_ns.value == 115);
    CHECK(model.cost(CostClass::register_op, 0) == 345);
    CHECK(model.cost(CostClass::move_bytes, 10) == 20 * 115 + 10 * 228);
    const auto average = simulation::average_instruction_ns(model);
    CHECK(average > 950);
    CHECK(average < 1050);
    CHECK(model.cpu_id() == 0x0001015801580000);
    CHECK(model.facilities.has(isa::Facility::translation));
    CHECK_FALSE(model.facilities.has(isa::Facility::dual_address_space));
    CHECK_FALSE(model.facilities.has(isa::Facility::gcc));
}

TEST_CASE("device figures are found by name") {
    const auto model = MachineModel::load("s370-158");
    CHECK(model.device("1403", "lines_per_minute").value == 1100);
    CHECK_FALSE(model.device("1403", "lines_per_minute").assumed());
    CHECK(model.device("1403", "lines_per_inch").assumed());
    CHECK_THROWS_WITH_AS(
        model.device("1404", "lines_per_minute"),
        "examples/models/machine/s370-158.toml: machine model \"s370-158\" has no [device.1404]",
        std::out_of_range);
    CHECK_THROWS_WITH_AS(
        model.device("1403", "speed"),
        "examples/models/machine/s370-158.toml: machine model \"s370-158\" has no \"speed\" in "
        "[device.1403]",
        std::out_of_range);
}

TEST_CASE("loading twice gives the same model, and a file gives what is built in") {
    const auto a = MachineModel::load("s370-158");
    const auto b =
        MachineModel::load(std::string(VMCP_SOURCE_DIR) + "/examples/models/machine/s370-158.toml");
    CHECK(a.prices == b.prices);
    CHECK(a.price_sources == b.price_sources);
    CHECK(a.title == b.title);
    CHECK(a.devices.size() == b.devices.size());
}

TEST_CASE("a scaled model says so and scales the CPU only") {
    const auto model = MachineModel::load("s370-158");
    const auto doubled = model.scaled(2);
    check_complete(doubled);
    CHECK(doubled.name == "s370-158 x2");
    CHECK(doubled.title == model.title + ", prices x2");
    CHECK(doubled.scale == 2);
    for (unsigned i = 0; i < isa::kCostClasses; ++i) {
        CHECK(doubled.prices[i].fixed == 2 * model.prices[i].fixed);
        CHECK(doubled.prices[i].per_unit == 2 * model.prices[i].per_unit);
    }
    CHECK(doubled.interruption_ns.value == 2 * model.interruption_ns.value);
    CHECK(doubled.cp_instruction_ns.value == 1550);
    CHECK(doubled.table_reference_ns.value == 2 * model.table_reference_ns.value);
    CHECK(doubled.interval_timer_hz.value == 300);
    CHECK(doubled.device("1403", "lines_per_minute").value == 1100);
    const auto halved = model.scaled(0.5);
    CHECK(halved.name == "s370-158 x0.5");
    CHECK(halved.cost(CostClass::register_op, 0) == 173);  // 172.5, rounded away from zero
    CHECK(MachineModel::load("unit").scaled(0.001).cost(CostClass::branch, 0) == 1);
    CHECK_THROWS_WITH_AS(model.scaled(0), "scale factor 0: expected a number from 0.001 to 1000",
                         std::invalid_argument);
    CHECK_THROWS_AS(model.scaled(-1), std::invalid_argument);
}

TEST_CASE("mistakes in a machine model are told with their place") {
    const auto line = [](const std::string& part) {
        return "m.toml:" + std::to_string(line_of("unit", part));
    };
    // A number without its source.
    CHECK(
        message_with("unit", "{ value = 1000, source = \"assumed: by definition of this model\" }", "1000") ==
        line("cycle_ns") +
            ":12: \"cycle_ns\" has no source: expected cycle_ns = { value = ..., source = \"...\" }");
    CHECK(message_with("unit", "branch = { cycles = 1, source = \"assumed: by definition of this model\" }",
                       "branch = { cycles = 1 }") ==
          line("branch =") + ":10: [cost.branch] lacks \"source\": expected a string");
    CHECK(message_with("unit", "{ value = 300, source = \"", "{ value = 300, source = \"\" } # ") ==
          line("interval_timer_hz") + ":45: \"source\" is empty: expected a document, or \"assumed\"");
    // A cost class is missing, or there is one too many.
    CHECK(message_with("unit", "divide = ", "divides = ") ==
          line("[cost]") + ":1: [cost] lacks \"divide\": expected a table");
    CHECK(message_with("unit", "[cost]\n", "[cost]\njump = { cycles = 1, source = \"assumed\" }\n")
              .starts_with("m.toml:" + std::to_string(line_of("unit", "[cost]") + 1) +
                           ":1: unknown key \"jump\" in [cost]: expected one of branch, "));
    CHECK(message_with("unit", "title = ", "titel = ") ==
          "m.toml:1:1: the file lacks \"title\": expected a string");
    // Prices.
    CHECK(message_with("unit", "register_op = { cycles = 1,", "register_op = { cycles = 1, ns = 5,") ==
          line("register_op") + ":15: \"register_op\": expected either cycles or ns");
    CHECK(message_with("unit", "register_op = { cycles = 1,", "register_op = { cycles = 0,") ==
          line("register_op") + ":26: \"cycles\" is 0: expected an integer from 1 to 1000000");
    CHECK(
        message_with("unit", "register_op = { cycles = 1,",
                     "register_op = { cycles = 1, cycles_per_unit = 1,")
            .starts_with(line("register_op") + ":29: unknown key \"cycles_per_unit\" in [cost.register_op]"));
    CHECK(message_with("unit", "move_bytes = { cycles = 1, cycles_per_unit = 0,",
                       "move_bytes = { cycles = 1,") ==
          line("move_bytes") +
              ":14: \"move_bytes\": expected either cycles_per_unit or ns_per_unit (unit: byte)");
    // Ranges.
    CHECK(message_with("unit", "cpus = { value = 1,", "cpus = { value = 5,") ==
          line("cpus") + ":18: \"value\" is 5: expected an integer from 1 to 4");
    CHECK(message_with("unit", "{ value = 128,", "{ value = 100,") ==
          line("entries") + ":11: \"entries\" is 100: expected a power of two");
    CHECK(message_with("unit", "ways = { value = 2,", "ways = { value = 3,") ==
          line("ways") + ":8: \"ways\" is 3: expected a divisor of 128 entries");
    CHECK(message_with("unit", "storage_bytes = { value = 16_777_216,", "storage_bytes = { value = 5000,") ==
          line("storage_bytes") + ":17: \"storage_bytes\" is 5000: expected a multiple of 4096");
    CHECK(message_with("unit", "max_storage_bytes = { value = 67_108_864,",
                       "max_storage_bytes = { value = 67_112_960,") ==
          line("max_storage_bytes") +
              ":31: \"value\" is 67112960: expected an integer from 4096 to 67108864");
    CHECK(message_with("unit", "\"direct_control\"]", "\"warp\"]")
              .starts_with(line("installed") + ":13: unknown facility \"warp\": expected some of base, "));
    CHECK(message_with("unit", "installed = [\"base\", ", "installed = [")
              .ends_with("facility \"base\" is missing: expected it on every machine"));
    CHECK(message_with("unit", "lines_per_minute = { value = 1100,",
                       "lines_per_minute = { value = \"1100\",") ==
          line("lines_per_minute") +
              ":30: \"value\" is a string: expected an integer from 0 to 1125899906842624");
}

TEST_CASE("interpretive I/O has a price, and needs interpretive execution") {
    const auto none = MachineModel::load("s370-158-interpretive"),
               has = MachineModel::load("s370-158-interpretive-io");
    CHECK(none.interpretive.io_ns.source.empty());
    CHECK(has.interpretive.io_ns.value == 30 * 115);
    CHECK(has.scaled(2).interpretive.io_ns.value == 60 * 115);
    CHECK(message_with("s370-158-interpretive-io", "\"interpretive_execution\", ", "")
              .find("facility \"interpretive_io\": expected interpretive_execution, too") !=
          std::string::npos);
}

TEST_CASE("a machine with interpretive execution says what going in and out costs") {
    const auto none = MachineModel::load("s370-158"), has = MachineModel::load("s370-158-interpretive");
    CHECK(none.interpretive.entry_ns.value == 0);
    CHECK(has.interpretive.entry_ns.value == 150 * 115);
    CHECK(has.interpretive.exit_ns.value == 100 * 115);
    CHECK(has.scaled(2).interpretive.exit_ns.value == 200 * 115);
    CHECK(message_with("s370-158-interpretive", "\"nested_translation\", ", "")
              .ends_with(
                  "facility \"interpretive_execution\": expected nested_translation or preferred_machine, "
                  "too"));
    CHECK(message_with("s370-158-interpretive", "entry = {", "# {").find("\"entry\"") != std::string::npos);
    CHECK(message_with("s370-158-interpretive", "\"interpretive_execution\"",
                       "\"nested_interpretive_execution\"")
              .ends_with("facility \"nested_interpretive_execution\": expected interpretive_execution, too"));
}

TEST_CASE("a machine has assists by its facilities, and then says what they cost") {
    const auto none = MachineModel::load("s370-158"), all = MachineModel::load("s370-158-assists");
    CHECK(none.assist.simulate_ns.value == 0);
    CHECK(all.assist.simulate_ns.value == 20 * 115);
    CHECK(all.assist.refuse_ns.value == 10 * 115);
    CHECK(all.assist.shadow_ns.value == 60 * 115);
    CHECK(all.assist.path_percent.value == 10);
    CHECK(all.scaled(2).assist.simulate_ns.value == 2 * all.assist.simulate_ns.value);
    CHECK(all.scaled(2).assist.path_percent.value == 10);
    CHECK(MachineModel::load("s370-158-horizontal").assist.path_percent.value == 100);
    const auto message = [](const std::string& facilities, const std::string& assist) {
        try {
            MachineModel::parse(
                "name = \"m\"\ntitle = \"M\"\nextends = \"s370-158\"\n[facilities]\ninstalled = [" +
                    facilities + "]\nsource = \"assumed\"\n" + assist,
                "m.toml");
        } catch (const TomlError& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(message("\"virtual_machine_assist\"", "").find("lacks \"assist\"") != std::string::npos);
    CHECK(message("\"expanded_assist\"", "").find("expected virtual_machine_assist, too") !=
          std::string::npos);
    CHECK(message("\"gcc\"", "[assist]\n").find("unknown key \"assist\"") != std::string::npos);
    CHECK(message("\"control_program_assist\"",
                  "[assist]\npath_percent = { value = 0, source = \"assumed\" }\n")
              .find("expected an integer from 1 to 100") != std::string::npos);
}

TEST_CASE("an unknown model is told with the known ones") {
    CHECK_THROWS_WITH_AS(MachineModel::load("s390"),
                         "unknown machine model \"s390\": expected one of s370-158, s370-158-apart, "
                         "s370-158-assists, s370-158-gcc, s370-158-horizontal, "
                         "s370-158-interpretive, s370-158-interpretive-io, "
                         "s370-158-interpretive-nested, s370-158-keys, "
                         "s370-158-nested, s370-158-translating, "
                         "s370-158-untagged, s370-holes, unit, "
                         "or a path that ends in .toml",
                         TomlError);
    CHECK_THROWS_WITH_AS(MachineModel::load("none.toml"),
                         "none.toml: cannot be read: No such file or directory", TomlError);
}
