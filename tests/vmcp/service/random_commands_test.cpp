// Commands about disks, devices and the spool in any order, right and wrong ones, while guests compute, print
// and read: nothing breaks, nobody else is touched, and everything is given back.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "simulation/images/ckd_image.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "vmcp/spool/spool.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kPack = 0x350, kTemporary = 0x360;
constexpr unsigned kTemporaryCylinders = 404;
constexpr uint32_t kGuest = 64 * 1024;

/// Starts something on all its devices again and again, and never ends.
std::vector<uint8_t> busy() {
    return assembled(R"(
ZERO     DC    X'00080000',A(BEGIN)
         ORG   ZERO+X'68'
         DC    X'00080000',A(BEGIN)
         ORG   ZERO+X'78'
         DC    X'00080000',A(BEGIN)
         ORG   ZERO+X'400'
BEGIN    BALR  12,0
         USING *,12
AGAIN    LA    4,LIST
NEXT     L     5,0(,4)
         LTR   5,5
         BM    AGAIN
         MVC   X'48'(4,0),4(4)
         SIO   0(5)
         TIO   0(5)
         LA    4,8(,4)
         B     NEXT
LIST     DC    A(X'00C',READ),A(X'00D',WRITE),A(X'00E',WRITE)
         DC    A(X'01D',WRITE),A(X'01E',WRITE)
         DC    A(X'191',SEEK),A(X'291',SEEK),A(X'192',SEEK)
         DC    A(X'0E0',SEND),A(X'1E0',SEND),A(X'0E0',FETCH)
         DC    A(X'1E0',FETCH),A(-1)
         DS    0D
READ     CCW   2,CARD,X'20',80
WRITE    CCW   9,CARD,X'20',80
SEEK     CCW   7,WHERE,X'60',6
         CCW   X'1A',CARD,X'20',5
SEND     CCW   1,CARD,X'20',80
FETCH    CCW   2,CARD,X'20',80
WHERE    DC    XL6'000000010000'
CARD     DS    CL80
)");
}

struct Office {
    Office() : folder("vmcp-commands"), path((folder.path() / "pack").string()), spool(small_spool()) {
        simulation::images::create_ckd(path, *simulation::images::disk_geometry("3330"), 20, {});
        simulation::DeviceDescription pack;
        pack.address = kPack;
        pack.type = "3330";
        pack.file = path;
        cp.real_io().attach(pack);
        pack.address = kTemporary;
        pack.file.clear();
        cp.attach_temporary(pack);
        for (const char* name : {"anna", "bert", "carl"}) spool.enter(name);
    }
    static SpoolOptions small_spool() {
        SpoolOptions options;
        options.capacity = 12;
        options.drain = true;
        return options;
    }
    VirtualMachine& log_on(const std::string& name, const std::vector<uint8_t>& image) {
        VmOptions options;
        options.name = name;
        options.storage = kGuest;
        if (name != "carl") {
            MappedDevice& disk = options.mapped_devices.emplace_back();
            disk.address = 0x191;
            disk.real = kPack;
            disk.first = name == "anna" ? 2 : 5;
            disk.count = 3;
        }
        VirtualMachine& vm = cp.log_on(std::move(options), {});
        cp.load(vm, SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }

    simulation::TemporaryDirectory folder;
    std::string path;
    Spool spool;
    simulation::Machine machine{simulation::MachineModel::load("s370-158"), 4 * simulation::kMebibyte};
    ControlProgram cp{machine,
                      {ControlProgramModel::load("vm370", machine.model()),
                       scheduler::make_policy("round-robin", scheduler::Parameters{}),
                       {},
                       0,
                       &spool}};
};

class RandomCommands {
  public:
    explicit RandomCommands(uint64_t seed) : random_(seed) {}

    unsigned up_to(unsigned n) { return static_cast<unsigned>(random_() % (uint64_t{n} + 1)); }
    template <size_t kSize>
    std::string one_of(const char* const (&words)[kSize]) {
        return words[up_to(kSize - 1)];
    }
    std::string device() {
        return one_of(
            {"191", "192", "291", "00C", "00D", "00E", "01D", "01E", "009", "0E0", "1E0", "FFF", "X"});
    }
    std::string unit() {
        return one_of({"READER", "PRINTER", "PUNCH", "CONSOLE", "00C", "00D", "00E", "01D", "191"});
    }
    std::string queue() { return one_of({"READER", "PRINTER", "PUNCH", "CONSOLE"}); }
    std::string user() { return one_of({"ANNA", "BERT", "CARL", "*", "SYSTEM", "NOBODY", ""}); }
    std::string files() { return one_of({"ALL", "CLASS A", "1", "2", "17", "9999", ""}); }
    std::string option() {
        return one_of({"", "HOLD", "NOHOLD", "CONT", "NOCONT", "CLASS A", "CLASS B", "COPY 2", "START",
                       "STOP", "CLOSE", "PURGE", "EOF", "FORM X", "OFF", "NAME A B"});
    }

    std::string command() {
        switch (up_to(19)) {
            case 0:
                return fmt::format("LINK {} {} AS {} {}", user(), device(), device(),
                                   one_of({"R", "RR", "W", "WR", "M", "MR", "MW", ""}));
            case 1: return "DETACH " + device();
            case 2: return fmt::format("DEFINE {} AS {}", device(), device());
            case 3: return fmt::format("DEFINE T3330 {} CYL {}", device(), up_to(kTemporaryCylinders));
            case 4:
                return "QUERY VIRTUAL " +
                       one_of({"", "ALL", "STORAGE", "DASD", "UR", "CONSOLE", "CTCA", "191", "00D"});
            case 5: return "QUERY LINKS " + device();
            case 6: return one_of({"RESET ", "READY ", "NOTREADY ", "REWIND "}) + device();
            case 7: return fmt::format("SPOOL {} TO {} {}", unit(), user(), option());
            case 8: return fmt::format("SPOOL {} {} {}", unit(), option(), option());
            case 9: return fmt::format("CLOSE {} {}", unit(), option());
            case 10: return fmt::format("PURGE {} {}", queue(), files());
            case 11: return fmt::format("TRANSFER {} {} TO {}", queue(), files(), user());
            case 12: return fmt::format("CHANGE {} {} {}", queue(), files(), option());
            case 13: return fmt::format("ORDER {} {}", queue(), files());
            case 14: return "IPL " + one_of({"00C", "191 CLEAR", "291", "192", "NONESUCH", "009", ""});
            case 15: return fmt::format("COUPLE {} TO {} {}", device(), user(), device());
            case 16:
                return fmt::format("DEFINE {} AS {}", one_of({"CTCA", "PRINTER", "READER", "PUNCH", "3211"}),
                                   device());
            case 17: return "DEFINE STORAGE " + one_of({"64K", "8K", "1M", "128K", "16M", "X", ""});
            case 18: return "DEFINE CHANNELS " + one_of({"SEL", "BMX", ""});
            default:
                return fmt::format("QUERY {}", one_of({"READER", "PRINTER ALL", "PUNCH", "FILES", "UR"}));
        }
    }

  private:
    std::mt19937_64 random_;
};

TEST_CASE("random commands about disks, devices and the spool harm nobody, and everything is given back") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned operations = wanted != nullptr ? static_cast<unsigned>(std::atoi(wanted)) : 20000;
    Office office;
    ControlProgram& cp = office.cp;
    RandomCommands random(1);
    const auto program = busy();
    VirtualMachine* machines[] = {&office.log_on("anna", program), &office.log_on("bert", program)};
    unsigned done = 0, good = 0;
    VirtualMachine* carl = &office.log_on("carl", counting(200'000));
    for (unsigned i = 0; i < operations; ++i) {
        VirtualMachine*& vm = machines[random.up_to(1)];
        const std::string text = random.command();
        CAPTURE(text);
        good += cp.command(*vm, text) == 0;
        ++done;
        if (random.up_to(3) == 0) cp.run(cp.now() + random.up_to(20) * simulation::kMillisecond);
        if (random.up_to(60) == 0) {
            const std::string name = vm->options.name;
            cp.log_off(*vm);
            vm = &office.log_on(name, program);
        } else if (vm->status == VmState::stopped) {
            cp.restart(*vm);
        }
        if (carl->status == VmState::stopped) {
            CHECK(carl->stop == StopReason::disabled_wait);
            CHECK(carl->state.psw.address == 0);
            cp.log_off(*carl);
            carl = &office.log_on("carl", counting(200'000));
        }
    }
    CHECK(good > done / 5);
    CHECK(office.spool.counts().closed > 0);
    CHECK((office.spool.counts().full > 0 || operations < 20000));
    for (VirtualMachine* vm : machines) cp.log_off(*vm);
    cp.log_off(*carl);
    while (!office.spool.files().empty()) office.spool.purge(office.spool.files().front());
    CHECK(office.spool.pages_in_use() == 0);
    // All cylinders are free, and in one piece.
    VirtualMachine& last = office.log_on("anna", counting(200'000));
    CHECK(cp.command(last, fmt::format("DEFINE T3330 292 CYL {}", kTemporaryCylinders)) == 0);
}

}  // namespace
}  // namespace vmcp::test
