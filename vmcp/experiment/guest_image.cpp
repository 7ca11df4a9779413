#include "vmcp/experiment/guest_image.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <span>

#include "isa/assembler/assembler.hpp"
#include "isa/psw.hpp"
#include "simulation/devices/deck_file.hpp"
#include "simulation/model/embedded_text.hpp"
#include "simulation/model/input_file.hpp"
#include "vmcp/experiment/assembled_source.hpp"

namespace vmcp::experiment {

std::span<const simulation::EmbeddedText> embedded_members();  // generated: cmake/embed_text.cmake

namespace {

std::string_view as_text(const std::vector<uint8_t>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool parse_hex(std::string_view text, uint32_t max, uint32_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return error == std::errc{} && end == text.data() + text.size() && value <= max;
}

std::vector<uint8_t> read_bytes(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw GuestError(fmt::format("{}: cannot be read: {}", path, std::strerror(EISDIR)));
    const auto bytes = simulation::read_input_file(path, kLongestGuestFile + 1);
    if (!bytes) throw GuestError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    if (bytes->size() > kLongestGuestFile)
        throw GuestError(fmt::format("{}: expected a file of at most {} bytes", path, kLongestGuestFile));
    return {bytes->begin(), bytes->end()};
}

std::vector<isa::assembler::BuiltInMember> built_in_members() {
    std::vector<isa::assembler::BuiltInMember> members;
    for (const simulation::EmbeddedText& one : embedded_members()) members.push_back({one.name, one.text});
    return members;
}

std::shared_ptr<const GuestImage> assemble_guest(const std::string& path,
                                                 const std::vector<std::string>& copy_directories) {
    const std::vector<uint8_t> source = read_bytes(path);
    isa::assembler::Options options;
    options.copy_directories.assign(copy_directories.begin(), copy_directories.end());
    options.built_in = built_in_members();
    isa::assembler::Result result = isa::assembler::assemble(as_text(source), path, options);
    if (!result.ok) {
        std::string lines;
        for (const auto& diagnostic : result.diagnostics) {
            if (diagnostic.severity != isa::assembler::Severity::error) continue;
            if (!lines.empty()) lines += '\n';
            lines += to_string(diagnostic);
        }
        throw GuestSourceError(lines);
    }
    auto image = std::make_shared<GuestImage>();
    image->file = path;
    image->storage = {result.load_address, result.image};
    AssembledSource assembled;
    assembled.statements = std::move(result.statements);
    assembled.symbols = std::move(result.symbols);
    assembled.members = std::move(result.members);
    for (const auto& diagnostic : result.diagnostics)
        assembled.warnings += to_string(diagnostic) + '\n' + pointed_out(diagnostic);
    image->source = std::make_shared<const AssembledSource>(std::move(assembled));
    if (result.load_address >= 8) {
        std::vector<uint8_t>& bytes = image->storage.bytes;
        bytes.insert(bytes.begin(), result.load_address, 0);
        isa::Psw psw;
        psw.address = result.entry;
        const uint64_t restart = isa::encode(psw);
        for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(restart >> (56 - 8 * i));
        image->storage.address = 0;
    }
    return image;
}

std::shared_ptr<const GuestImage> core_guest(const std::string& file_at_address) {
    auto image = std::make_shared<GuestImage>();
    const size_t at = file_at_address.rfind('@');
    image->file = file_at_address.substr(0, at);
    if (at != std::string::npos &&
        !parse_hex(std::string_view(file_at_address).substr(at + 1), 0xFFFFFF, image->storage.address))
        throw GuestError(fmt::format("{}: expected a hexadecimal address of at most FFFFFF behind the @",
                                     file_at_address));
    image->storage.bytes = read_bytes(image->file);
    return image;
}

std::shared_ptr<const GuestImage> saved_guest(const std::string& path) {
    constexpr size_t kSavedPage = 4096, kKeys = 168;
    const std::vector<uint8_t> bytes = read_bytes(path);
    const size_t pages = bytes.size() / kSavedPage;
    if (bytes.size() % kSavedPage != 0 || pages < 2 || pages - 1 > kSavedPage - kKeys)
        throw GuestError(
            fmt::format("{}: expected a saved system: whole pages of 4096 bytes, at least two", path));
    const auto number = [&bytes](size_t at, unsigned length) {
        uint64_t value = 0;
        for (unsigned i = 0; i < length; ++i) value = value << 8 | bytes[at + i];
        return value;
    };
    auto image = std::make_shared<GuestImage>();
    image->file = path;
    image->storage.bytes.assign(bytes.begin() + kSavedPage, bytes.end());
    SavedState& state = image->saved.emplace();
    state.psw = isa::decode_psw(number(0, 8));
    for (size_t i = 0; i < 16; ++i) state.gpr[i] = static_cast<uint32_t>(number(8 + 4 * i, 4));
    for (size_t i = 0; i < 4; ++i) state.fpr[i] = number(72 + 8 * i, 8);
    for (size_t i = 0; i < 16; ++i) state.cr[i] = static_cast<uint32_t>(number(104 + 4 * i, 4));
    for (size_t page = 0; page + 1 < pages; ++page) {
        const uint8_t both = bytes[kKeys + page];
        state.keys.push_back(both & 0xF0);
        state.keys.push_back(static_cast<uint8_t>(both << 4));
    }
    return image;
}

std::vector<uint8_t> saved_bytes(const SavedState& state, const std::vector<uint8_t>& pages) {
    std::vector<uint8_t> bytes;
    const auto put = [&bytes](uint64_t value, unsigned length) {
        while (length-- > 0) bytes.push_back(static_cast<uint8_t>(value >> (8 * length)));
    };
    put(isa::encode(state.psw), 8);
    for (const uint32_t value : state.gpr) put(value, 4);
    for (const uint64_t value : state.fpr) put(value, 8);
    for (const uint32_t value : state.cr) put(value, 4);
    for (size_t page = 0; page < pages.size() / 4096; ++page)
        put((state.keys[2 * page] & 0xF0) | state.keys[2 * page + 1] >> 4, 1);
    bytes.resize(4096);
    bytes.insert(bytes.end(), pages.begin(), pages.end());
    return bytes;
}

std::shared_ptr<const GuestImage> deck_guest(const std::string& path) {
    auto image = std::make_shared<GuestImage>();
    image->file = path;
    image->deck = std::make_shared<const simulation::Deck>(read_cards(path));
    if (image->deck->empty()) throw GuestError(fmt::format("{}: expected at least one card", path));
    return image;
}

simulation::Deck read_cards(const std::string& path) {
    try {
        return simulation::read_deck(path);
    } catch (const std::runtime_error& error) {
        throw GuestError(error.what());
    }
}

}  // namespace vmcp::experiment
