// Requests that wait for a real device are served in the order that its description says.
#include <doctest/doctest.h>

#include <vector>

#include "simulation/images/ckd_image.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "vmcp/io/real_io.hpp"

namespace vmcp::test {
namespace {

/// A request for a cylinder, which notes when it was started: a no-operation at real location 0x8000.
class Request final : public IoRequest {
  public:
    Request(Account& account, unsigned to, std::vector<unsigned>& order)
        : account_(account), cylinder_(to), order_(order) {}
    Account& payer() override { return account_; }
    uint32_t caw() const override { return 0x8000; }
    unsigned cylinder() const override { return cylinder_; }
    bool waits_for_device() const override { return true; }
    void started(Work&, const simulation::IoResult&) override { order_.push_back(cylinder_); }
    void interrupted(Work&, const simulation::Csw&, bool) override {}

  private:
    Account& account_;
    unsigned cylinder_;
    std::vector<unsigned>& order_;
};

std::vector<unsigned> served(QueueOrder order) {
    const simulation::TemporaryDirectory folder("vmcp-test");
    const std::string disk = (folder.path() / "disk").string();
    simulation::images::create_ckd(disk, *simulation::images::disk_geometry("3330"), 411, {});
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), simulation::kMebibyte);
    Ledger ledger(ControlProgramModel::load("vm370", machine.model()), machine.cpu());
    RealIo io(machine, ledger);
    simulation::DeviceDescription description;
    description.address = 0x350;
    description.type = "3330";
    description.file = disk;
    RealDevice& device = io.attach(description, order);
    // Seek to cylinder 200, chained to nothing: channel end now, device end when the arm is there.
    const std::array<uint8_t, 16> program = {0x07, 0, 0x80, 0x08, 0x20, 0, 0, 6, 0, 0, 0, 200, 0, 0, 0, 0};
    machine.storage().put(0x8000, program.data(), program.size());

    std::vector<unsigned> started;
    Work work(ledger, ledger.own(), Cause::real_io);
    std::vector<std::unique_ptr<Request>> requests;
    for (const unsigned cylinder : {200, 300, 100, 250, 10, 400}) {
        Request& request = *requests.emplace_back(std::make_unique<Request>(ledger.own(), cylinder, started));
        if (io.start(work, device, request)) started.push_back(cylinder);
    }
    CHECK(device.waiting() == 5);
    while (machine.events().next() != simulation::kNever) {
        machine.cpu().set_now(std::max(machine.cpu().now(), machine.events().next()));
        machine.catch_up();
        io.take_interruptions(nullptr);
    }
    CHECK(device.counts.requests == 6);
    CHECK(device.counts.queued == 5);
    return started;
}

TEST_CASE("a device serves those who wait in the order in which they came, or as its arm sweeps") {
    CHECK(served(QueueOrder::arrival) == std::vector<unsigned>{200, 300, 100, 250, 10, 400});
    CHECK(served(QueueOrder::cylinder) == std::vector<unsigned>{200, 250, 300, 400, 100, 10});
}

}  // namespace
}  // namespace vmcp::test
