// A virtual subchannel of a minidisk that lies in several pieces: which of them a channel program begins on,
// and how it goes on from one to the next.
#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "vmcp/io/relayed_subchannel.hpp"

namespace vmcp {

using namespace simulation;

namespace {

constexpr uint32_t kAddress = 0x00FFFFFF;

/// Whether a disk of this kind would go where the CCW, with this argument, leads. `mask`: the file mask, if
/// one has been set.
bool would_go(const Device& device, std::optional<uint8_t> mask, const Ccw& ccw,
              const std::vector<uint8_t>& argument) {
    constexpr uint8_t kMaskSeeks = 0x18, kMaskSeekCylinder = 0x08;
    if (ccw.command == kReadIpl) return !mask;
    const uint8_t allowed = mask.value_or(0) & kMaskSeeks;
    if (allowed != 0 && !(allowed == kMaskSeekCylinder && ccw.command == kSeekCylinder)) return false;
    if (ccw.command == kRecalibrate) return true;
    return argument.size() == 6 && argument[0] == 0 && argument[1] == 0 &&
           (unsigned{argument[4]} << 8 | argument[5]) < dynamic_cast<const CkdDisk&>(device).geometry().heads;
}

}  // namespace

/// Takes the piece of the minidisk that the cylinder or block lies on.
void RelayedSubchannel::go_to(uint32_t cylinder) {
    for (const RelayedDevice::Piece& piece : what_.pieces) {
        if (!piece.extent.has(cylinder)) continue;
        what_.device = piece.device;
        what_.extent = piece.extent;
        cylinder_ = cylinder;
    }
}

/// Begins on the piece that the first CCW leads to, or where the arm is.
void RelayedSubchannel::choose_piece(const Ccw& first) {
    halting_ = false;
    if (what_.pieces.empty()) return;
    go_to(cylinder_);
    const auto argument = in_use().translator().read_argument(first, guest_caw_ & kAddress,
                                                              static_cast<uint8_t>(guest_caw_ >> 28));
    const auto cylinder = what_.extent.leads_to(first.command, argument);
    if (!cylinder) return;
    if (what_.extent.divides_blocks() || would_go(what_.device->device, std::nullopt, first, argument))
        go_to(*cylinder);
    else
        what_.extent.all = 0;  // the disk that it is on rejects it, and the arm stays where it is
}

/// Whether the program has only ended here because it leads to another piece: it goes on there, as a request
/// of its own, and the guest hears nothing.
bool RelayedSubchannel::goes_on(Work& work, const Csw& csw) {
    if (csw.unit_status != (kChannelEnd | kDeviceEnd) || halting_) return false;
    if (what_.extent.divides_blocks()) return goes_on_with_blocks(work, csw);
    const auto leaving = program().leaving();
    if (!leaving || (csw.channel_status & ~kProgramControlled) != 0) return false;
    end_part(work, program().untranslate(csw));
    const auto& disk = dynamic_cast<const CkdDisk&>(what_.device->device).state();
    const auto mask = disk.mask_set ? std::optional(disk.mask) : std::nullopt;
    guest_caw_ = (guest_caw_ & 0xF0000000) | leaving->ccw;
    const auto key = static_cast<uint8_t>(guest_caw_ >> 28);
    uint8_t bytes[8] = {};
    guest_.fetch(leaving->ccw, bytes, 8, key);
    const Ccw ccw = decode_ccw(bytes);
    const bool goes = would_go(what_.device->device, mask, ccw,
                               in_use().translator().read_argument(ccw, leaving->ccw, key));
    in_use().end(false);
    if (goes) {
        go_to(leaving->cylinder);
        head_ = 0;
    } else {
        what_.extent.all = 0;  // as above
    }
    first_ccw_ = {kSeek, 0, 6, 0};
    if (!in_use().make_rest(guest_caw_, mask)) {
        guest_.storage().set_exhausted();
        return false;
    }
    go_on(work);
    return true;
}

/// A request of several has ended. `seen`: as the guest would see it.
void RelayedSubchannel::end_part(Work& work, Csw seen) {
    work.step(Step::end_device);
    if ((seen.channel_status & kProgramControlled) == 0 || ipl_end_) return;
    seen.unit_status = 0;
    seen.channel_status = kProgramControlled;
    pci_csw_ = seen;
    pci_pending_ = true;
    context().pending_changed(*this);
}

/// The next one. For the guest its operation is under way already.
void RelayedSubchannel::go_on(Work& work) {
    charge(work, in_use().translator().counts());
    caw_ = program().caw();
    storage_in_use_ = in_use().storage();
    if (const auto result = request(work)) started(work, *result);
}

/// The same of a minidisk of blocks, which may have to go on in the middle of its data.
bool RelayedSubchannel::goes_on_with_blocks(Work& work, const Csw& csw) {
    const Csw seen = program().untranslate(csw);
    const auto rest = in_use().rest_behind(seen);
    if (!rest) return false;
    end_part(work, seen);
    guest_caw_ = (guest_caw_ & 0xF0000000) | rest->ccw;
    in_use().end(false);
    go_to(rest->block);
    if (!in_use().make_rest(*rest)) {
        guest_.storage().set_exhausted();
        return false;
    }
    go_on(work);
    return true;
}

}  // namespace vmcp
