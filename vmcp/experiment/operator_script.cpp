#include "vmcp/experiment/operator_script.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "simulation/devices/device_address.hpp"
#include "simulation/devices/display_keyboard.hpp"
#include "simulation/model/toml_reader.hpp"

namespace vmcp::experiment {
namespace {

using simulation::TomlReader;

uint16_t read_address(TomlReader& table, const char* key) {
    const std::string text = table.text(key);
    const auto address = simulation::parse_device_address(text);
    if (!address)
        table.fail(
            key, fmt::format("\"{}\": expected a device address of three hexadecimal digits, such as \"180\"",
                             text));
    return *address;
}

}  // namespace

OperatorScript read_operator_script(const std::string& path) {
    TomlReader root = TomlReader::load(path);
    const auto folder = std::filesystem::path(path).parent_path();
    const auto beside = [&](const std::string& name) { return (folder / name).lexically_normal().string(); };
    OperatorScript script;
    for (TomlReader& table : root.tables("step")) {
        OperatorStep step;
        step.where = table.where();
        if (table.has("wait")) {
            const std::string text = table.text("wait");
            try {
                step.wait.emplace(text);
            } catch (const std::regex_error& error) {
                table.fail("wait",
                           fmt::format("\"{}\": expected a regular expression: {}", text, error.what()));
            }
        }
        constexpr double kLongest = 1e6;
        const auto seconds = [&](const char* key, simulation::SimTime& time) {
            if (table.has(key))
                time = static_cast<simulation::SimTime>(
                    std::llround(table.number(key, 0, kLongest) * static_cast<double>(simulation::kSecond)));
        };
        seconds("limit_s", step.limit);
        seconds("pause_s", step.pause);
        step.attention = table.boolean_or("attention", false);
        if (table.has("display")) step.display = read_address(table, "display");
        if (table.has("type")) step.type = table.text("type");
        if (table.has("key")) {
            step.key = table.text("key");
            if (!step.display) table.fail("key", "expected the display that has the key: display = \"CUU\"");
            if (!simulation::DisplayKeyboard::is_key_name(step.key))
                table.fail("key", fmt::format("\"{}\": expected one of {}", step.key,
                                              simulation::DisplayKeyboard::key_names()));
        }
        if (step.display && step.attention)
            table.fail("attention", "a display has no request key: expected key = \"PA1\" or the like");
        if (table.has("cards"))
            step.cards = std::make_shared<const simulation::Deck>(read_cards(beside(table.text("cards"))));
        if (table.has("reader")) {
            step.reader = read_address(table, "reader");
            if (!step.cards) table.fail("reader", "expected the cards for it: cards = \"FILE\"");
        }
        if (table.has("ipl")) step.ipl = read_address(table, "ipl");
        if (table.has("command")) {
            step.command = table.text("command");
            if (step.command.empty()) table.fail("command", "expected a CP command, such as \"QUERY TIME\"");
        }
        if (table.has("mount")) {
            TomlReader mount = table.table("mount");
            simulation::DeviceDescription device;
            device.address = read_address(mount, "device");
            device.file = mount.text_or("file", "");
            if (!device.file.empty()) device.file = beside(device.file);
            device.read_only = mount.boolean_or("read_only", false);
            mount.finish();
            step.mount = device;
        }
        table.finish();
        script.push_back(std::move(step));
    }
    if (script.empty()) root.fail("step", "expected at least one [[step]]");
    root.finish();
    return script;
}

}  // namespace vmcp::experiment
