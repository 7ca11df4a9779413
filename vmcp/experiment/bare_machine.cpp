#include "vmcp/experiment/bare_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "simulation/images/byte_order.hpp"
#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"

namespace vmcp::experiment {
namespace {

namespace images = simulation::images;
using simulation::DeviceDescription;

const DeviceDescription& real_device(const Scenario& scenario, uint16_t address) {
    const auto at = std::ranges::find_if(scenario.real_devices, [address](const RealDeviceDescription& one) {
        return one.device.address == address;
    });
    return at->device;  // reading a scenario sees to it that there is one
}

/// What was written on an overlay counts, where there is one.
bool has_overlay(const DeviceDescription& disk) {
    return !disk.overlay.empty() && std::filesystem::exists(disk.overlay);
}

/// The same of a scenario that asks for what the disk does not have, as when the machine logs on.
void check_end(const DeviceDescription& disk, const MinidiskPiece& piece, uint64_t most) {
    if (const uint64_t end = uint64_t{piece.first} + piece.count; end > most)
        throw GuestError(fmt::format("{}: a minidisk on {:03X} ends at {}: expected at most {}", disk.file,
                                     disk.address, end, most));
}

void copy_cylinders(images::CkdImage& to, unsigned at, const DeviceDescription& from,
                    const MinidiskPiece& piece) {
    const auto pack = has_overlay(from) ? images::open_ckd_with_overlay(from.file, from.overlay)
                                        : images::open_ckd(from.file, images::Access::read);
    check_end(from, piece, pack->cylinders());
    for (unsigned cylinder = 0; cylinder < piece.count; ++cylinder)
        for (unsigned head = 0; head < to.heads(); ++head) {
            images::Track track = pack->read((piece.first + cylinder) * to.heads() + head);
            // Home addresses tell where a track is; counts are what the machine wrote there.
            images::put_big16(track.data() + 1, at + cylinder);
            to.write((at + cylinder) * to.heads() + head, track);
        }
}

void copy_blocks(images::FbaImage& to, uint32_t at, const DeviceDescription& from,
                 const MinidiskPiece& piece) {
    const auto pack = has_overlay(from) ? images::open_fba_with_overlay(from.file, from.overlay)
                                        : images::open_fba(from.file, images::Access::read);
    check_end(from, piece, pack->blocks());
    std::vector<uint8_t> block(images::FbaImage::kBlockSize);
    const std::vector<uint8_t> zeros(block.size());
    for (uint32_t i = 0; i < piece.count; ++i) {
        pack->read(piece.first + i, block);
        if (block != zeros) to.write(at + i, block);
    }
}

/// R and RR never let it write; with the other modes it may, for nobody else is there.
bool only_reads(LinkMode mode) { return mode == LinkMode::r || mode == LinkMode::rr; }

/// The end of an adapter that another machine has the other end of, if there is one.
const DeviceDescription* coupled_with_others(const Scenario& scenario, const VmDescription& vm) {
    const auto& devices = vm.options.devices;
    for (const DeviceDescription& device : devices) {
        if (!device.couple_machine.empty()) return &device;
        for (const VmDescription& other : scenario.vms)
            for (const DeviceDescription& end : other.options.devices)
                if (end.couple_machine == vm.options.name && end.couple == device.address) return &device;
    }
    return nullptr;
}

}  // namespace

std::string BareDisks::make(const Scenario& scenario, const MappedDevice& what) {
    const bool temporary = !what.temporary.empty();
    if (!temporary && real_device(scenario, what.real).file.empty()) return {};
    std::string file = (folder_.path() / fmt::format("{}", made_++)).string();
    const std::string& type = temporary ? what.temporary : real_device(scenario, what.real).type;
    const std::vector<MinidiskPiece> pieces = what.pieces();
    uint32_t all = 0;
    for (const MinidiskPiece& piece : pieces) all += piece.count;
    constexpr images::CkdFormat kSmall = {.compressed = true, .compression = images::Compression::none};
    const auto copy = [&](auto& image, auto copy_piece) {
        uint32_t at = 0;
        for (const MinidiskPiece& piece : pieces) {
            if (!temporary) copy_piece(image, at, real_device(scenario, piece.real), piece);
            at += piece.count;
        }
    };
    if (const images::DiskGeometry* const geometry = images::disk_geometry(type))
        copy(*images::create_ckd(file, *geometry, all, kSmall), copy_cylinders);
    else
        copy(*images::create_fba(file, all, kSmall), copy_blocks);
    return file;
}

VmDescription bare_machine(const Scenario& scenario, const VmDescription& vm, BareDisks& disks) {
    if (const DeviceDescription* const end = coupled_with_others(scenario, vm))
        throw GuestError(fmt::format(
            "{}: virtual machine {}: the other end of adapter {:03X} is another machine's, which is not "
            "there natively: expected adapters that are coupled with nothing or within the machine",
            scenario.file, vm.options.name, end->address));
    VmDescription bare = vm;
    for (const MappedDevice& mapped : std::exchange(bare.options.mapped_devices, {})) {
        DeviceDescription device;
        if (mapped.temporary.empty()) device = real_device(scenario, mapped.real);
        device.address = mapped.address;
        if (!mapped.dedicated) {
            if (!mapped.temporary.empty()) device.type = mapped.temporary;
            device.file = disks.make(scenario, mapped);
            device.overlay.clear();
            device.read_only = device.read_only || (mapped.temporary.empty() && only_reads(mapped.mode));
        }
        device.block_key = mapped.block_key;  // nobody is there who would decipher it for the machine
        bare.options.devices.push_back(std::move(device));
    }
    return bare;
}

}  // namespace vmcp::experiment
