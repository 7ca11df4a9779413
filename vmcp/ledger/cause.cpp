#include "vmcp/ledger/cause.hpp"

namespace vmcp {
namespace {

constexpr std::string_view kNames[] = {
#define CAUSE(name, text) #name,
    VMCP_CAUSES(CAUSE)
#undef CAUSE
};
constexpr std::string_view kTexts[] = {
#define CAUSE(name, text) text,
    VMCP_CAUSES(CAUSE)
#undef CAUSE
};

constexpr auto kMnemonics = [] {
    std::array<std::string_view, kSimulatedRows> names{};
    unsigned n = 0;
    for (const isa::Row& row : isa::kRows)
        if (may_be_simulated(row)) names[n++] = row.mnemonic;
    return names;
}();

}  // namespace

std::string_view Cause::name() const {
    return index_ < named_causes ? kNames[index_] : kMnemonics[index_ - named_causes];
}

std::string Cause::text() const {
    return index_ < named_causes ? std::string(kTexts[index_]) : std::string(name()) + " simulated";
}

}  // namespace vmcp
