// What a virtual machine is to be: everything that a scenario, or who logs it on, may choose. Descriptions
// contain this whole and compare it whole, so that an option is added here and nowhere else (CONTRIBUTING.md,
// "An option of a virtual machine").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/policy.hpp"
#include "simulation/cpu/intercept_set.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "vmcp/io/mapped_device.hpp"
#include "vmcp/ledger/host_model.hpp"
#include "vmcp/machine/assist_set.hpp"
#include "vmcp/machine/iucv_authority.hpp"
#include "vmcp/rings/ring_description.hpp"
#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

using simulation::Intercept;
using simulation::InterceptSet;
using simulation::kIntercepts;

/// Who executes a guest's instructions.
enum class Technique : uint8_t {
    trap_and_emulate,  // the real CPU, in the problem state; the control program those that it refuses
    interpretation,    // the control program, all of them: docs/techniques.md
    // The real CPU, but a rewritten copy of what the guest executes in its supervisor state:
    // docs/binary-translation.md.
    binary_translation,
};
inline constexpr Technique kTechniques[] = {Technique::trap_and_emulate, Technique::interpretation,
                                            Technique::binary_translation};
/// "trap-and-emulate", "interpretation", "binary-translation"
std::string_view name_of(Technique technique);

/// How a guest's own translation is brought about.
enum class GuestTranslation : uint8_t {
    shadow,  // shadow tables, vmcp/storage/shadow_tables.hpp
    nested,  // by the hardware: facility nested_translation
};
/// "shadow", "nested"
std::string_view name_of(GuestTranslation translation);

/// Pages that a machine may grant to others at once, at most, and as many of theirs that it may map.
inline constexpr unsigned kMostGrants = 256;

struct VmOptions {
    std::string name;
    uint32_t storage = 256 * 1024;  // bytes
    scheduler::EntityParameters scheduling;
    simulation::DeviceList devices = simulation::standard_units();  // that exist only for it
    std::vector<MappedDevice> mapped_devices;                       // that are real ones, or lie on such
    bool isam = true;  // channel programs that change themselves are followed (OPTION ISAM)
    Technique technique = Technique::trap_and_emulate;
    GuestTranslation translation = GuestTranslation::shadow;
    unsigned shadow_sets = 4;      // address spaces that shadow tables are kept for: 1..16
    AssistSet assists;             // of the real machine, on when the machine logs on (SET ASSIST)
    InterceptSet intercepts;       // what comes out of interpretive execution beside what must
    bool exits_together = false;   // one that would follow another at once is handled with it
    bool wait_completion = false;  // with sie: it waits for its devices without coming out
    bool paravirtual = false;      // hypercalls are served (vmcp/service/hypercall.hpp)
    IucvAuthority iucv;            // whom it may connect to by IUCV, and who may connect to it
    unsigned grants = 0;           // pages that it may grant to others at once; 0: it has none of these calls
    std::optional<DeviceServer> device_server;  // of a control program with a host; empty: as its model says
    std::string classes = "G";                  // CP privilege classes, A to H
    StorageKind storage_kind = StorageKind::paged;
    uint32_t reserved_pages = 0;  // page frames that are not taken away from it (SET RESERVE)
    std::vector<std::pair<uint32_t, uint32_t>> locked_pages;  // first and last page number, from 0 (LOCK)

    /// Devices with shared rings, by their numbers (vmcp/rings).
    std::vector<RingDescription> rings;

    bool operator==(const VmOptions&) const = default;
};

}  // namespace vmcp
