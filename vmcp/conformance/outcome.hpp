// One run of a core image on some implementation of System/370: what is asked for, and what comes of it. The
// simulated machine of this program and Debian's hercules both answer through this interface, so that they
// can be judged by each other.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmcp::conformance {

/// Raw bytes of real storage: loaded from, or dumped at, `address`.
struct StorageBlock {
    uint32_t address = 0;
    std::vector<uint8_t> bytes;
};

/// A part of real storage to be dumped when the run has ended.
struct StorageRange {
    uint32_t address = 0;
    uint32_t length = 0;
};

/// The architecture of the judge. The facility `gcc` is none of System/370: where a judge shall know its
/// instructions it has to be a later machine. Cases are made so that the two do not differ otherwise (EC
/// mode, 24-bit addresses, key 0, translation off).
enum class Architecture : uint8_t { s370, esa390 };

/// What to run: storage is zero but for `core`, all storage keys are zero, registers are as after an initial
/// CPU reset, and the CPU starts with the restart new PSW at location 0.
struct RunRequest {
    StorageBlock core;
    uint32_t storage_size = 16u << 20;  // bytes; a multiple of 1 MiB, 2 to 16 MiB
    std::vector<StorageRange> dumps;
    Architecture architecture = Architecture::s370;
    /// Further devices of the judge, as its configuration file has them: "0150 3330 /path/disk".
    std::vector<std::string> devices = {};
    double host_seconds_limit = 60;  // host time after which the run is stopped
};

enum class Stop : uint8_t {
    disabled_wait,  // a wait state that no interruption can end
    check_stop,     // a check-stop, or an endless string of program interruptions
    limit,          // neither of them in the given host time
};

std::string_view name_of(Stop stop);

struct Outcome {
    Stop stop = Stop::limit;
    uint64_t psw = 0;
    std::array<uint32_t, 16> gpr{};
    std::array<uint32_t, 16> cr{};
    std::array<uint64_t, 4> fpr{};      // registers 0, 2, 4, 6
    std::vector<StorageBlock> storage;  // one a requested dump, in that order
    double host_seconds = 0;            // wall-clock time of the execution alone
    double cpu_seconds = 0;             // host CPU time of the execution alone
    uint64_t instructions = 0;          // 0 where the implementation does not tell
};

/// The PSW image without what may differ between implementations while the CPU runs: in BC mode the
/// interruption code and the instruction-length code, which mean something in an old PSW only (GA22-7000
/// chapter 4, "BC Mode").
constexpr uint64_t comparable_psw(uint64_t psw) {
    constexpr uint64_t kEcMode = uint64_t{1} << 51;  // bit 12
    return psw & kEcMode ? psw : psw & 0xFFFF00003FFFFFFF;
}

/// Something that runs core images.
class Implementation {
  public:
    virtual ~Implementation() = default;

    /// Name and version, for messages.
    virtual std::string name() const = 0;

    /// Runs one core image. Throws std::runtime_error where the implementation itself fails.
    virtual Outcome run(const RunRequest& request) = 0;
};

}  // namespace vmcp::conformance
