#include "vmcp/experiment/scenario_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <sstream>

#include "simulation/model/capitals.hpp"

namespace vmcp::experiment {

using simulation::TomlReader;

SimTime time_of_ms(double ms) {
    return static_cast<SimTime>(std::llround(ms * static_cast<double>(simulation::kMillisecond)));
}

void read_locked_pages(TomlReader& table, VmOptions& options) {
    const uint32_t pages = options.storage / kPage;
    for (const std::string& text : table.texts("locked_pages")) {
        const size_t dash = text.find('-');
        uint32_t first = 0, last = 0;
        const std::string_view all(text);
        if (!parse_hex(all.substr(0, dash), 0xFFF, first) ||
            !parse_hex(dash == std::string::npos ? all : all.substr(dash + 1), 0xFFF, last) || last < first ||
            last >= pages)
            table.fail("locked_pages",
                       fmt::format("\"{}\": expected hexadecimal page numbers below {:X}, such as \"0-3\"",
                                   text, pages));
        options.locked_pages.emplace_back(first, last);
    }
}

std::vector<StorageBytes> read_storage_bytes(TomlReader& table, const char* name, uint32_t storage) {
    std::vector<StorageBytes> all;
    TomlReader patch = table.table(name);
    for (const std::string& key : patch.keys()) {
        StorageBytes bytes;
        if (!parse_hex(key, 0xFFFFFF, bytes.address))
            patch.fail(key, fmt::format("\"{}\": expected a hexadecimal storage address", key));
        const std::string digits = patch.text(key);
        for (size_t i = 0; i + 1 < digits.size(); i += 2) {
            uint32_t byte = 0;
            if (!parse_hex(std::string_view(digits).substr(i, 2), 0xFF, byte)) break;
            bytes.bytes.push_back(static_cast<uint8_t>(byte));
        }
        if (bytes.bytes.empty() || 2 * bytes.bytes.size() != digits.size())
            patch.fail(key, fmt::format("\"{}\": expected pairs of hexadecimal digits", digits));
        if (bytes.bytes.size() > storage || bytes.address > storage - bytes.bytes.size())
            patch.fail(key, fmt::format("the {} at {} lies beyond {} bytes of storage", name, key, storage));
        all.push_back(std::move(bytes));
    }
    patch.finish();
    return all;
}

void read_patches(TomlReader& table, VmDescription& vm) {
    vm.patches = read_storage_bytes(table, "patch", vm.options.storage);
}

void read_console_input(TomlReader& table, VmDescription& vm) {
    for (TomlReader& line : table.tables("console_input")) {
        ConsoleInput input;
        input.at = time_of_ms(line.number("at_ms", 0, kLongestMs));
        input.text = line.text("text");
        if (!vm.console_input.empty() && input.at < vm.console_input.back().at)
            line.fail("at_ms", "the lines of console_input must be in the order of time");
        line.finish();
        vm.console_input.push_back(std::move(input));
    }
}

uint32_t read_storage_size(TomlReader& table, const char* key) {
    const std::string text = table.text(key);
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    const uint64_t factor = unit.empty() ? 1 : unit == "K" ? 1024 : unit == "M" ? 1024 * 1024 : 0;
    if (error != std::errc{} || factor == 0 || value == 0 || value > (uint64_t{64} << 20) ||
        value * factor > (uint64_t{64} << 20) || value * factor % 4096 != 0)
        table.fail(
            key, fmt::format("\"{}\": expected a size such as \"256K\" or \"1M\", a multiple of 4K up to 64M",
                             text));
    return static_cast<uint32_t>(value * factor);
}

void read_iucv(TomlReader& table, VmOptions& options) {
    constexpr const char* kExpected =
        "expected ALLOW, ANY or the name of a machine, and behind it PRIORITY, MSGLIMIT and a number from 1 "
        "to 255";
    for (const std::string& statement : table.texts("iucv")) {
        const auto fail = [&] { table.fail("iucv", fmt::format("\"{}\": {}", statement, kExpected)); };
        std::istringstream words(statement);
        IucvAuthority::Entry entry;
        if (!(words >> entry.name)) fail();
        const std::string whom = simulation::capitals(entry.name);
        if (whom == "ALLOW" || whom == "ANY") {
            entry.whom = whom == "ANY" ? IucvAuthority::Entry::Whom::any : IucvAuthority::Entry::Whom::allow;
            entry.name.clear();
        }
        for (std::string word; words >> word;) {
            word = simulation::capitals(word);
            int limit = 0;
            if (word == "PRIORITY")
                entry.priority = true;
            else if (word == "MSGLIMIT" && words >> limit && limit >= 1 &&
                     limit <= static_cast<int>(IucvAuthority::kMostMessages))
                entry.message_limit = static_cast<unsigned>(limit);
            else
                fail();
        }
        options.iucv.entries.push_back(entry);
    }
}

void read_most_connections(TomlReader& table, VmOptions& options) {
    options.iucv.most_connections =
        static_cast<unsigned>(table.integer("maxconn", 1, IucvAuthority::kMostConnections));
}

void read_grants(TomlReader& table, VmOptions& options) {
    options.grants = static_cast<unsigned>(table.integer("grants", 1, kMostGrants));
}

}  // namespace vmcp::experiment
