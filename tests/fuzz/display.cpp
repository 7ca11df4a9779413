// Any data streams and any keys at a 3270 display: what is on the screen stays within it, and a screen that
// is read as a whole and written to another display is the same there.
//
// The input: a byte that chooses the model, then steps of a byte that chooses what is done, a byte that says
// how long what follows is, and that.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/devices/display_buffer.hpp"
#include "simulation/devices/display_keyboard.hpp"

namespace {

using namespace simulation;

constexpr uint8_t kStartField = 0x1D;

void require(bool holds) {
    if (!holds) std::abort();
}

void write(DisplayBuffer& buffer, std::span<const uint8_t> stream, bool continues) {
    buffer.begin_write(continues);
    for (const uint8_t byte : stream)
        if (!buffer.write(byte)) break;
    buffer.end_write();
}

/// Characters that a data stream cannot have: there they are orders.
bool is_order(uint8_t byte) {
    constexpr uint8_t kOrders[] = {0x05, 0x11, 0x12, 0x13, kStartField, 0x3C};
    return std::find(std::begin(kOrders), std::end(kOrders), byte) != std::end(kOrders);
}

void check(const DisplayBuffer& buffer) {
    require(buffer.cursor() < buffer.size());
    const std::string text = buffer.text();
    require(std::count(text.begin(), text.end(), '\n') == static_cast<long>(buffer.rows()));
    require(!buffer.read_modified(false).bytes.empty());

    for (unsigned address = 0; address < buffer.size(); ++address)
        if (!buffer.is_attribute(address) && is_order(buffer.character(address))) return;
    const std::vector<uint8_t> all = buffer.read_buffer(false).bytes;
    require(all.size() >= 3 + buffer.size());
    std::vector<uint8_t> stream{0};  // a write control character that asks for nothing
    stream.insert(stream.end(), all.begin() + 3, all.end());
    DisplayBuffer copy(buffer.model());
    write(copy, stream, false);
    copy.set_cursor(buffer.cursor());
    copy.set_aid(buffer.aid());
    require(copy.text() == text);
    require(copy.read_buffer(false).bytes == all);
    require(copy.read_modified(false).bytes == buffer.read_modified(false).bytes);
}

unsigned address_in(std::span<const uint8_t> bytes) {
    return bytes.size() < 2 ? 0 : static_cast<unsigned>(bytes[0] << 8 | bytes[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    constexpr DisplayModel kModels[] = {DisplayModel::d3277_1, DisplayModel::d3277_2, DisplayModel::d3278_2};
    DisplayBuffer buffer(kModels[data[0] % std::size(kModels)]);
    unsigned attentions = 0;
    DisplayKeyboard keyboard(buffer, [&attentions] { ++attentions; });
    unsigned steps = 0;
    for (size_t at = 1; at + 1 < size && steps < 64; ++steps) {
        const uint8_t choice = data[at];
        const size_t length = std::min<size_t>(data[at + 1], size - at - 2);
        const std::span<const uint8_t> rest(data + at + 2, length);
        const std::string_view text(reinterpret_cast<const char*>(rest.data()), rest.size());
        at += 2 + length;
        switch (choice % 8) {
            case 0: buffer.erase(); [[fallthrough]];
            case 1: write(buffer, rest, (choice & 0x80) != 0); break;
            case 2: keyboard.type(text); break;
            case 3: require(!keyboard.press(text) || DisplayKeyboard::is_key_name(text)); break;
            case 4: {
                const auto read = (choice & 0x40) != 0 ? buffer.read_buffer((choice & 0x80) != 0)
                                                       : buffer.read_modified((choice & 0x80) != 0);
                require(read.bytes.size() == read.address_after.size());
                const auto most = static_cast<unsigned>(read.bytes.size());
                buffer.end_read(read, std::min(most, address_in(rest)));
                break;
            }
            case 5: buffer.erase_unprotected(); break;
            case 6: keyboard.move_to(address_in(rest) % buffer.size()); break;
            default: keyboard.pen(address_in(rest) % buffer.size()); break;
        }
        if ((choice & 0x20) != 0) keyboard.restore();
    }
    check(buffer);
    return 0;
}
