// The example guests that talk by VMCF and IUCV, in assembler and in C, as examples/scenarios/messages.toml
// has them.
#include <doctest/doctest.h>

#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"

namespace vmcp::test {
namespace {

using Entry = IucvAuthority::Entry;

VirtualMachine& start(Host& host, const std::string& name, const std::vector<uint8_t>& image,
                      std::vector<Entry> authority = {}, uint32_t storage = 16 * 1024) {
    VmOptions options;
    options.name = name;
    options.storage = storage;
    options.iucv.entries = std::move(authority);
    VirtualMachine& vm = host.log_on(std::move(options));
    host.cp.load(vm, SecondLevel(0), image);
    host.cp.restart(vm);
    host.cp.run(host.machine.cpu().now() + 5 * simulation::kSecond);
    return vm;
}

void check_well(const VirtualMachine& vm) {
    CAPTURE(vm.options.name);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.psw.address == 0);
}

TEST_CASE("callers ask a desk, by VMCF and by IUCV; who may not is refused") {
    Host host;
    VirtualMachine& desk = start(host, "desk", example_guest("desk", {{0x3F0, 2}}));
    const auto caller = example_guest("caller", {{0x3F0, 5}, {0x3F4, 7}});
    VirtualMachine& carl = start(host, "carl", example_guest("caller", {{0x3F0, 0}}));
    VirtualMachine& anna = start(host, "anna", caller, {{.name = "desk"}});
    VirtualMachine& bert = start(host, "bert", caller, {{.whom = Entry::Whom::any}});
    host.cp.run(100 * simulation::kSecond);
    check_well(desk);
    check_well(anna);
    check_well(bert);
    CHECK(host.console["carl"] == "CALLER: NO ANSWER\n");
    CHECK(carl.state.psw.address == 0xDEAD);
    CHECK(host.console["anna"] == "CALLER: BY VMCF:  REQUEST 00005\nCALLER: BY IUCV:  REQUEST 00012\n");
    CHECK(host.console["bert"] == "CALLER: BY VMCF:  REQUEST 00017\nCALLER: BY IUCV:  REQUEST 00024\n");
    CHECK(host.console["desk"] ==
          "DESK: OPEN\nCALLER: GOOD MORNING\nDESK: ANNA     HAS CONNECTED\nCALLER: GOOD MORNING\n"
          "DESK: BERT     HAS CONNECTED\nDESK: 00024 REQUESTS SERVED, GOOD NIGHT\n");
    // Each pays for what it asks for.
    CHECK(anna.account.of(Cause::iucv).count == bert.account.of(Cause::iucv).count);
    CHECK(anna.account.of(Cause::iucv).count == 7 + 4);
    CHECK(desk.account.of(Cause::message).count > 24);
    CHECK(host.cp.services().iucv().paths() == 0);
}

TEST_CASE("a visitor in C asks the desk in assembler") {
    if (!tests::installed("s390x-linux-gnu-gcc")) {
        MESSAGE("skipped: gcc-s390x-linux-gnu is not installed");
        return;
    }
    const tests::TemporaryFolder dir;
    const std::string folder = VMCP_SOURCE_DIR "/examples/c/", core = dir / "visitor.core";
    const tests::CommandResult built = tests::run_command(
        fmt::format("{0}build.sh -O2 -Werror -o {1} {0}visitor.c {0}messages.c 2>&1", folder, core));
    REQUIRE_MESSAGE(built.code == 0, built.output);
    Host host(16 * simulation::kMebibyte, "round-robin", "s370-158-gcc");
    VirtualMachine& desk = start(host, "desk", example_guest("desk"), {{.whom = Entry::Whom::allow}});
    VirtualMachine& visitor = start(host, "visitor", tests::bytes_of(core), {}, 256 * 1024);
    host.cp.run(100 * simulation::kSecond);
    check_well(desk);
    check_well(visitor);
    CHECK(host.console["visitor"] == "VISITOR: BY VMCF: REQUEST 00003\nVISITOR: BY IUCV: REQUEST 00006\n");
}

}  // namespace
}  // namespace vmcp::test
