#include "vmcp/audit/outcome.hpp"

#include <fmt/format.h>

#include "isa/interruption.hpp"

namespace vmcp::audit {
namespace {

constexpr uint8_t kKeyProper = 0xF8, kKeyUse = 0x06;  // access control and fetch protection; use of the block

std::string end_text(const Outcome& outcome) {
    switch (outcome.end) {
        case Outcome::End::completed: return "completed";
        case Outcome::End::supervisor_call: return fmt::format("SVC {}", outcome.code);
        default: return std::string(isa::name_of(static_cast<isa::ProgramCode>(outcome.code)));
    }
}

/// Remembers the first difference that it is shown.
class Comparison {
  public:
    template <class T>
    void compare(std::string_view what, T a, T b, unsigned digits) {
        if (found_ || a == b) return;
        const auto text = [digits](T value) { return fmt::format("{:0{}X}", value, digits); };
        found_ = Difference{std::string(what), text(a), text(b)};
    }
    void flag(std::string_view what, bool a, bool b) {
        if (!found_ && a != b) found_ = Difference{std::string(what), a ? "on" : "off", b ? "on" : "off"};
    }
    template <class Array>
    void each(std::string_view what, const Array& a, const Array& b, unsigned digits, unsigned step = 1) {
        for (size_t i = 0; i < a.size() && !found_; ++i)
            if (a[i] != b[i]) compare(fmt::format("{} {}", what, i * step), a[i], b[i], digits);
    }
    void difference(Difference d) {
        if (!found_) found_ = std::move(d);
    }
    bool found() const { return found_.has_value(); }
    std::optional<Difference> take() { return std::move(found_); }

  private:
    std::optional<Difference> found_;
};

void compare_storage(Comparison& c, const Outcome& a, const Outcome& b) {
    if (c.found() || a.storage == b.storage) return;
    uint32_t at = 0;
    while (a.storage[at] == b.storage[at]) ++at;
    c.compare(fmt::format("byte at {:04X}", at), unsigned{a.storage[at]}, unsigned{b.storage[at]}, 2);
}

void compare_key(Comparison& c, unsigned block, unsigned a, unsigned b) {
    c.compare(fmt::format("key of block {:04X}", block * 2048), a, b, 2);
}

}  // namespace

std::optional<Difference> visible_difference(const Outcome& a, const Outcome& b) {
    Comparison c;
    if (a.end != b.end || a.code != b.code) c.difference({"it", end_text(a), end_text(b)});
    c.each("register", a.gpr, b.gpr, 8);
    c.each("floating-point register", a.fpr, b.fpr, 16, 2);
    c.compare("condition code", unsigned{a.condition_code}, unsigned{b.condition_code}, 1);
    c.compare("program mask", unsigned{a.program_mask}, unsigned{b.program_mask}, 1);
    c.compare("next address", a.address, b.address, 6);
    compare_storage(c, a, b);
    for (unsigned block = 0; block < kGuestBlocks; ++block)
        compare_key(c, block, a.keys[block] & kKeyProper, b.keys[block] & kKeyProper);
    return c.take();
}

std::optional<Difference> control_difference(const Outcome& a, const Outcome& b) {
    Comparison c;
    c.compare("system mask", unsigned{a.system_mask}, unsigned{b.system_mask}, 2);
    c.compare("PSW key", unsigned{a.psw_key}, unsigned{b.psw_key}, 1);
    c.flag("EC mode", a.ec_mode, b.ec_mode);
    c.flag("machine-check mask", a.machine_check_mask, b.machine_check_mask);
    c.flag("wait state", a.wait, b.wait);
    c.flag("secondary-space mode", a.secondary_space, b.secondary_space);
    c.flag("another state", a.state_changed, b.state_changed);
    c.each("control register", a.cr, b.cr, 8);
    c.compare("prefix", a.prefix, b.prefix, 6);
    c.compare("clock comparator", a.comparator, b.comparator, 16);
    c.compare("CPU timer", a.timer, b.timer, 16);
    c.compare("clock", a.tod, b.tod, 16);
    c.compare("operations of devices", a.device_operations, b.device_operations, 1);
    c.flag("external interruption", a.external_pending, b.external_pending);
    c.flag("purge of the TLB", a.tlb_purged, b.tlb_purged);
    for (unsigned block = 0; block < kGuestBlocks; ++block) {
        const unsigned was = a.keys[block], is = b.keys[block];
        if ((was & kKeyProper) != (is & kKeyProper) || (was & ~is & kKeyUse) != 0)
            compare_key(c, block, was, is);
    }
    return c.take();
}

}  // namespace vmcp::audit
