#include "bench/support/disk_reads.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "bench/support/control_program_host.hpp"
#include "bench/support/program.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "simulation/images/ckd_image.hpp"
#include "simulation/model/temporary_directory.hpp"

namespace bench {
namespace {

constexpr uint16_t kDisk = 0x150;
constexpr uint32_t kGuestStorage = 64 * 1024;

// The interruption goes to NEXT, where a read that failed stops the program with another PSW.
constexpr const char* kReader =
    "T START 0\n DC A(0,BEGIN)\n ORG T+X'48'\n DC A(SEEK)\n ORG T+X'78'\n DC A(0,NEXT)\n ORG T+X'200'\n"
    "BEGIN BALR 12,0\n USING *,12\n L 11,COUNT\n"
    "LOOP SIO X'150'\n BC 7,FAILED\n LPSW WAIT\n"
    "NEXT TM 68,X'F3'\n BNZ FAILED\n BCT 11,LOOP\n LPSW DONE\n"
    "FAILED LPSW WRONG\n"
    " DS 0D\nWAIT DC X'FE02000000000000'\nDONE DC X'0002000000000000'\nWRONG DC X'0002000000000BAD'\n"
    "SEEK CCW X'07',PLACE,X'40',6\n"
    "SEARCH CCW X'31',PLACE+2,X'40',5\n CCW X'08',SEARCH,0,1\n CCW X'06',X'2000',X'20',4096\n"
    "PLACE DC X'00000000000001'\nCOUNT DC F'1'\n END BEGIN\n";

struct Disk {
    explicit Disk(uint32_t first) {
        device.address = kDisk;
        device.type = "3330";
        device.file = (folder.path() / "disk").string();
        const auto image = simulation::images::create_ckd(
            device.file, *simulation::images::disk_geometry("3330"), first + 1, {});
        std::vector<uint8_t> record = {0, 0, 0, 0, 1, 0, 0x10, 0};
        record.resize(record.size() + 4096, 0xC1);
        simulation::images::Track track(first, 0);
        track.format(1, record);
        image->write(first * image->heads(), track);
    }
    simulation::TemporaryDirectory folder{"vmcp-bench"};
    simulation::DeviceDescription device;
};

void check(uint64_t psw) {
    if ((psw & 0xFFFFFF) != 0) throw std::runtime_error("the guest could not read");
}

uint64_t read_as_guest(uint32_t reads, vmcp::WayOfIo way) {
    constexpr uint32_t kFirst = 10;
    const Disk disk(kFirst);
    ControlProgramHost host(2);
    host.cp.real_io().attach(disk.device);
    vmcp::VmOptions options;
    options.name = "reader";
    options.storage = kGuestStorage;
    options.mapped_devices = {{.address = kDisk, .real = kDisk, .first = kFirst, .count = 1, .way = way}};
    vmcp::VirtualMachine& vm = host.cp.log_on(std::move(options), {});
    host.cp.load(vm, vmcp::SecondLevel(0), Program(kReader, "reader").image(reads));
    host.cp.restart(vm);
    host.cp.run(simulation::kNever);
    check(encode(vm.state.psw));
    const vmcp::RelayCounts& counts = vm.io.relayed(kDisk)->counts();
    if (counts.starts != reads) throw std::runtime_error("the guest did not read so often");
    return reads;
}

}  // namespace

uint64_t read_natively(uint32_t reads) {
    const Disk disk(0);
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), simulation::kMebibyte);
    simulation::attach(machine.channels(), machine.model(), disk.device);
    const auto image = Program(kReader, "reader").image(reads);
    machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    machine.restart();
    if (machine.run() != simulation::Stop::disabled_wait) throw std::runtime_error("the program failed");
    check(encode(machine.cpu().state().psw));
    return reads;
}

uint64_t read_translated(uint32_t reads) { return read_as_guest(reads, vmcp::WayOfIo::translation); }
uint64_t read_fast(uint32_t reads) { return read_as_guest(reads, vmcp::WayOfIo::fast); }

}  // namespace bench
