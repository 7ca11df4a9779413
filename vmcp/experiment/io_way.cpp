#include "vmcp/experiment/io_way.hpp"

namespace vmcp::experiment {
namespace {

constexpr std::string_view kDiskLoad = "io-disk.toml", kDiskService = "io-disk-service.toml",
                           kDiskGrants = "io-disk-grants.toml", kConsoleLoad = "io-console.toml",
                           kConsoleService = "io-console-service.toml", kNetworkLoad = "io-network.toml";

// Who can harm whom. What stands here is what the simulated machines can do to one another, not what a
// mistake in this program could.
constexpr std::string_view kAlone = "one program has the machine: a mistake harms itself and its own disk";
constexpr std::string_view kTranslated =
    "a guest harms itself and its own disk; a mistake in the translation of channel programs, which is the "
    "control program's, harms everybody";
constexpr std::string_view kOwnDevice =
    "a guest harms itself and its device; the channel is held to its storage; what the device is left like "
    "meets who gets it next";
constexpr std::string_view kBackEnd =
    "a guest harms itself and its own disk; the back end is the control program's: a mistake there harms "
    "everybody";
constexpr std::string_view kTyped =
    "a guest harms its own console; a mistake where lines are typed, which is the control program's, harms "
    "everybody";
constexpr std::string_view kServed =
    "the service machine can harm all its clients, and sees what they read and write; a client harms itself "
    "and can keep the others waiting; neither harms machines that are not served, nor the control program";
constexpr std::string_view kGranted =
    "the same as of service; of a client's storage the service machine reaches the page that is granted, "
    "until the request is over";
constexpr std::string_view kMapped =
    "the same as of service-copied; a client that takes back by force what is mapped ends a channel program "
    "of the service machine's, which must bear that";
constexpr std::string_view kGrantedForLong =
    "the same as of service-copied or service-mapped, but the service machine can read and change those "
    "pages of a client at any time";
constexpr std::string_view kPartners =
    "each of the two can keep the other waiting; both ends are the control program's: a mistake there harms "
    "everybody";
constexpr std::string_view kSwitched =
    "a machine can send to all that are on the switch, but in nobody else's name, and only into buffers that "
    "they offer; the switch is the control program's: a mistake there harms everybody";
constexpr std::string_view kMessages =
    "a machine reaches those who let it connect; it can fill their queues up to a limit; queues and copies "
    "are "
    "the control program's: a mistake there harms everybody";

constexpr std::string_view kNoSwitch =
    "no guest here is a switch: the service machines that there are have disks and consoles";
constexpr std::string_view kNoDirectConsole =
    "the console is no device of the real machine: there is nothing to translate for it, and nothing to give "
    "away";
constexpr std::string_view kNoNativePartner = "the bare machine is one: there is nobody at the other end";
constexpr std::string_view kNoDirectNetwork =
    "the real machine has no network adapter that a guest could have for itself";
constexpr std::string_view kNoSynchronousNetwork =
    "the other end must come to meet it, which takes two waits";

constexpr unsigned kGrantedPage = 4096;  // that the service machine lets be copied

constexpr std::string_view kInterpretive = "s370-158-interpretive",
                           kInterpretiveIo = "s370-158-interpretive-io";

std::vector<IoWay> disk_ways() {
    using enum IoServer;
    constexpr std::string_view load = "disk";
    return {
        {.name = "native",
         .load = load,
         .title = "START I/O on the bare machine",
         .scenario = kDiskLoad,
         .natively = true,
         .harm = kAlone},
        {.name = "ccw-translation",
         .load = load,
         .title = "START I/O, each channel program copied with real addresses",
         .server = control_program,
         .scenario = kDiskLoad,
         .rung = {.io = WayOfIo::translation},
         .stands_for_server = true,
         .harm = kTranslated,
         .source = "VM/370, 1972"},
        {.name = "fast",
         .load = load,
         .title = "START I/O, V=Resident, copies kept and compared",
         .server = control_program,
         .scenario = kDiskLoad,
         .rung = {.kind = StorageKind::resident, .io = WayOfIo::fast},
         .harm = kTranslated,
         .source = "Hino, Umeno and others (Hitachi), 1981"},
        {.name = "diagnose",
         .load = load,
         .title = "DIAGNOSE X'20': the machine sleeps until the disk has ended",
         .server = control_program,
         .scenario = kDiskLoad,
         .word = 2,
         .rung = {.io = WayOfIo::translation},
         .harm = kTranslated,
         .source = "VM/370, 1972"},
        {.name = "direct",
         .load = load,
         .title = "START I/O, V=R, the guest's own channel program",
         .scenario = kDiskLoad,
         .rung = {.kind = StorageKind::real, .io = WayOfIo::direct},
         .stands_for_server = true,
         .harm = kOwnDevice,
         .source = "Umeno and Tanaka (Hitachi), 1987"},
        {.name = "direct-interpretive",
         .load = load,
         .title = "the same, V=Resident, guest by interpretive execution",
         .scenario = kDiskLoad,
         .rung = {.machine = kInterpretive,
                  .assists = {Assist::sie},
                  .kind = StorageKind::resident,
                  .translation = GuestTranslation::nested,
                  .io = WayOfIo::direct},
         .harm = kOwnDevice,
         .source = "Hitachi VMS/ES, 1985"},
        {.name = "interpretive-io",
         .load = load,
         .title = "the same, START I/O and interruptions do not come out; a wait does",
         .scenario = kDiskLoad,
         .rung = {.machine = kInterpretiveIo,
                  .assists = {Assist::sie},
                  .kind = StorageKind::resident,
                  .translation = GuestTranslation::nested,
                  .io = WayOfIo::direct,
                  .interpretive_io = true},
         .harm = kOwnDevice,
         .source = "direct I/O execution, Umeno and Tanaka (Hitachi), 1987"},
        {.name = "direct-exitless",
         .load = load,
         .title = "the same, nor does a wait for the disk",
         .scenario = kDiskLoad,
         .rung = {.machine = kInterpretiveIo,
                  .assists = {Assist::sie},
                  .kind = StorageKind::resident,
                  .translation = GuestTranslation::nested,
                  .io = WayOfIo::direct,
                  .wait_completion = true,
                  .interpretive_io = true},
         .harm = kOwnDevice,
         .source = "ELI, Gordon and others, ASPLOS 2012; wait completion of logical partitions (PR/SM)"},
        {.name = "translating-channel",
         .load = load,
         .title = "START I/O, the channel goes through the guest's tables",
         .scenario = kDiskLoad,
         .rung = {.machine = "s370-158-translating", .io = WayOfIo::translating_channel},
         .harm = kOwnDevice,
         .source = "Ben-Yehuda and others, OLS 2007 (DMA through tables of translation)"},
        {.name = "translating-exitless",
         .load = load,
         .title = "the same in interpretive execution: no START I/O, interruption or wait comes out",
         .scenario = kDiskLoad,
         .rung = {.machine = kInterpretiveIo,
                  .assists = {Assist::sie},
                  .translation = GuestTranslation::nested,
                  .io = WayOfIo::translating_channel,
                  .wait_completion = true,
                  .interpretive_io = true},
         .harm = kOwnDevice,
         .source = "posted interruptions of VT-d, 2013"},
        {.name = "ring",
         .load = load,
         .title = "shared ring, one request at a time",
         .server = control_program,
         .scenario = kDiskLoad,
         .word = 3,
         .rung = {.io = WayOfIo::translation},
         .harm = kBackEnd,
         .source = "virtio, Russell 2008"},
        {.name = "ring-told-each",
         .load = load,
         .title = "shared ring, four at a time, a doorbell and an interruption each",
         .server = control_program,
         .scenario = kDiskLoad,
         .word = 5,
         .rung = {.io = WayOfIo::translation},
         .harm = kBackEnd,
         .source = "virtio, without event indexes"},
        {.name = "ring-told-once",
         .load = load,
         .title = "shared ring, four at a time, one doorbell and one interruption",
         .server = control_program,
         .scenario = kDiskLoad,
         .word = 4,
         .rung = {.io = WayOfIo::translation},
         .harm = kBackEnd,
         .source = "virtio, with event indexes"},
        {.name = "service",
         .load = load,
         .title = "another machine has the disk; asked by IUCV, data in the messages",
         .server = service_machine,
         .scenario = kDiskService,
         .word = 6,
         .rung = {.io = WayOfIo::translation},
         .copies = (4112 + 4 + 16 + 4096) / 2,
         .stands_for_server = true,
         .harm = kServed,
         .source = "service virtual machines of VM/SP, 1980; driver domains of Xen, 2004"},
        {.name = "service-copied",
         .load = load,
         .title = "another machine has the disk; a page granted for each request, copied",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x007,
         .rung = {.io = WayOfIo::translation},
         .copies = kGrantedPage,
         .harm = kGranted,
         .source = "grant copies of Xen 3"},
        {.name = "service-mapped",
         .load = load,
         .title = "another machine has the disk; a page granted for each request, mapped for the channel",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x008,
         .rung = {.io = WayOfIo::translation},
         .harm = kMapped,
         .source = "block front and back ends of Xen 3, 2005"},
        {.name = "service-copied-once",
         .load = load,
         .title = "another machine has the disk; pages granted once for all, copied",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x207,
         .rung = {.io = WayOfIo::translation},
         .copies = kGrantedPage,
         .harm = kGrantedForLong,
         .source = "in Xen a grant is no exit, but a store into a table"},
        {.name = "service-mapped-once",
         .load = load,
         .title = "another machine has the disk; pages granted once for all, mapped for each request",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x208,
         .rung = {.io = WayOfIo::translation},
         .harm = kGrantedForLong,
         .source = "in Xen a grant is no exit, but a store into a table"},
        {.name = "service-kept",
         .load = load,
         .title = "another machine has the disk; pages granted once for all, and mapped all the time",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x608,
         .rung = {.io = WayOfIo::translation},
         .harm = kGrantedForLong,
         .source = "persistent grants of Linux's block front end for Xen, 2012"},
        {.name = "service-mapped-four",
         .load = load,
         .title = "service-mapped, four requests at a time",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x108,
         .rung = {.io = WayOfIo::translation},
         .harm = kMapped},
        {.name = "service-kept-four",
         .load = load,
         .title = "service-kept, four requests at a time",
         .server = service_machine,
         .scenario = kDiskGrants,
         .word = 0x708,
         .rung = {.io = WayOfIo::translation},
         .harm = kGrantedForLong},
    };
}

std::vector<IoWay> console_ways() {
    using enum IoServer;
    constexpr std::string_view load = "console";
    return {
        {.name = "native",
         .load = load,
         .title = "START I/O to the 3215 of the bare machine",
         .scenario = kConsoleLoad,
         .natively = true,
         .harm = kAlone},
        {.name = "simulated",
         .load = load,
         .title = "START I/O to a simulated 3215",
         .server = control_program,
         .scenario = kConsoleLoad,
         .stands_for_server = true,
         .harm = kTyped,
         .source = "VM/370, 1972"},
        {.name = "diagnose",
         .load = load,
         .title = "DIAGNOSE X'20': the machine sleeps until the line is typed",
         .server = control_program,
         .scenario = kConsoleLoad,
         .word = 2,
         .harm = kTyped,
         .source = "VM/370, 1972"},
        {.name = "direct",
         .load = load,
         .title = "a console of its own",
         .missing = kNoDirectConsole,
         .harm = kOwnDevice},
        {.name = "ring",
         .load = load,
         .title = "shared ring, a line at a time",
         .server = control_program,
         .scenario = kConsoleLoad,
         .word = 3,
         .harm = kTyped,
         .source = "virtio, Russell 2008"},
        {.name = "ring-told-each",
         .load = load,
         .title = "shared ring, four lines at a time, a doorbell and an interruption each",
         .server = control_program,
         .scenario = kConsoleLoad,
         .word = 5,
         .harm = kTyped,
         .source = "virtio, without event indexes"},
        {.name = "ring-told-once",
         .load = load,
         .title = "shared ring, four lines at a time, one doorbell and one interruption",
         .server = control_program,
         .scenario = kConsoleLoad,
         .word = 4,
         .harm = kTyped,
         .source = "virtio, with event indexes"},
        {.name = "service",
         .load = load,
         .title = "another machine types; asked by IUCV",
         .server = service_machine,
         .scenario = kConsoleService,
         .word = 6,
         .copies = 60 + 4,
         .stands_for_server = true,
         .harm = kServed,
         .source = "service virtual machines of VM/SP, 1980"},
    };
}

std::vector<IoWay> network_ways() {
    using enum IoServer;
    constexpr std::string_view load = "network";
    return {
        {.name = "native",
         .load = load,
         .title = "channel-to-channel adapter of the bare machine",
         .missing = kNoNativePartner,
         .natively = true,
         .harm = kAlone},
        {.name = "adapter",
         .load = load,
         .title = "START I/O to a simulated channel-to-channel adapter",
         .server = control_program,
         .scenario = kNetworkLoad,
         .copies = 1024 + 64,
         .stands_for_server = true,
         .harm = kPartners,
         .source = "VM/370, 1972"},
        {.name = "diagnose",
         .load = load,
         .title = "DIAGNOSE X'20' to the adapter",
         .server = control_program,
         .missing = kNoSynchronousNetwork,
         .harm = kPartners},
        {.name = "vmcf",
         .load = load,
         .title = "messages by VMCF: SEND/RECV, RECEIVE, REPLY",
         .server = control_program,
         .scenario = kNetworkLoad,
         .word = 7,
         .copies = 1024 + 64,
         .harm = kMessages,
         .source = "VM/370 Release 3, 1976"},
        {.name = "iucv",
         .load = load,
         .title = "messages by IUCV: SEND, RECEIVE, REPLY",
         .server = control_program,
         .scenario = kNetworkLoad,
         .word = 6,
         .copies = 1024 + 64,
         .harm = kMessages,
         .source = "VM/SP Release 1, 1980"},
        {.name = "direct",
         .load = load,
         .title = "an adapter of its own",
         .missing = kNoDirectNetwork,
         .harm = kOwnDevice},
        {.name = "ring",
         .load = load,
         .title = "shared rings and a switch, a frame at a time",
         .server = control_program,
         .scenario = kNetworkLoad,
         .word = 3,
         .harm = kSwitched,
         .source = "virtio, Russell 2008"},
        {.name = "ring-told-each",
         .load = load,
         .title = "shared rings, four frames at a time, a doorbell and an interruption each",
         .server = control_program,
         .scenario = kNetworkLoad,
         .word = 5,
         .harm = kSwitched,
         .source = "virtio, without event indexes"},
        {.name = "ring-told-once",
         .load = load,
         .title = "shared rings, four frames at a time, one doorbell and one interruption",
         .server = control_program,
         .scenario = kNetworkLoad,
         .word = 4,
         .harm = kSwitched,
         .source = "virtio, with event indexes"},
        {.name = "service-copied",
         .load = load,
         .title = "another machine is the switch; pages granted, copied",
         .server = service_machine,
         .missing = kNoSwitch,
         .harm = kServed},
        {.name = "service-mapped",
         .load = load,
         .title = "another machine is the switch; pages granted, mapped",
         .server = service_machine,
         .missing = kNoSwitch,
         .harm = kServed},
    };
}

}  // namespace

const std::vector<IoLoad>& io_loads() {
    static const std::vector<IoLoad> all = {
        {"disk", "blocks of 4096 bytes on a 3370, written and then read back, spread over eleven cylinders",
         4096, 1, 2},
        {"console", "lines of 60 characters", 60, 1, 1},
        {"network", "frames of 1024 bytes to another machine, each answered by 64", 1024 + 64, 1, 1},
    };
    return all;
}

std::string_view name_of(IoServer server) {
    static constexpr std::string_view names[] = {"nobody", "control program", "service machine"};
    return names[static_cast<unsigned>(server)];
}

const std::vector<IoWay>& io_ways() {
    static const std::vector<IoWay> all = [] {
        std::vector<IoWay> ways = disk_ways();
        for (auto& more : {console_ways(), network_ways()}) ways.insert(ways.end(), more.begin(), more.end());
        return ways;
    }();
    return all;
}

const PublishedIo kDriverDomain = {
    "of a CPU goes to the service machine", 0.20, 0.45,
    "Xen, a driver domain beside a web server, quoted by Gupta and others (Middleware 2006)"};
const PublishedIo kDirectAssignment = {
    "of what the bare machine does in the same time", 0.97, 1.00,
    "ELI, Gordon and others (ASPLOS 2012): direct assignment with exitless interruptions"};

}  // namespace vmcp::experiment
