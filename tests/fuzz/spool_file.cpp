// Any bytes at all as a spool file: it is taken and comes back as it was, or is refused with a reason; and
// any bytes as records, which are printed and read as far as they go.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vmcp/spool/real_output.hpp"
#include "vmcp/spool/spool_file_format.hpp"
#include "vmcp/spool/spool_pages.hpp"

namespace {

void use(const vmcp::SpoolFile& file) {
    if (vmcp::deck_of(file).size() > file.records.count()) std::abort();
    if (file.records.count() != 0 && vmcp::spool_pages(file.records) == 0) std::abort();
    if (file.origin != vmcp::SpoolOrigin::punch) vmcp::print(file, nullptr, [](std::string_view) {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const vmcp::SpoolFile file = vmcp::decode_spool_file(bytes);
        const std::string again = vmcp::encode(file);
        if (vmcp::encode(vmcp::decode_spool_file(again)) != again) std::abort();
        use(file);
    } catch (const vmcp::SpoolFormatError& error) {
        if (std::string_view(error.what()).empty()) std::abort();
    }
    if (size == 0) return 0;
    if (auto records = vmcp::SpoolRecords::of({data + 1, data + size})) {
        vmcp::SpoolFile file;
        file.origin = static_cast<vmcp::SpoolOrigin>(data[0] % 3);
        file.device = (data[0] & 0x80) != 0 ? "3211" : "1403";
        file.records = std::move(*records);
        use(file);
    }
    return 0;
}
