// Virtual channel-to-channel adapters between machines: the commands, and what goes over.
#include <doctest/doctest.h>

#include "tests/vmcp/io/io_host.hpp"
#include "vmcp/service/cp_command.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kEnd = 0x0E0;
constexpr unsigned kEnds = simulation::kChannelEnd | simulation::kDeviceEnd;

struct Adapters {
    struct User {
        VirtualMachine* vm = nullptr;
        std::string said;
    };

    explicit Adapters(uint32_t real_storage = 2 * simulation::kMebibyte, PagingOptions paging = {})
        : host(real_storage, 0, true, std::move(paging)) {}

    VirtualMachine& log_on(const std::string& name, const simulation::DeviceDescription* end = nullptr) {
        VmOptions options;
        options.name = name;
        options.storage = kTwinStorage;
        if (end != nullptr) options.devices.push_back(*end);
        VmOutput output;
        std::string& said = users[name];
        output.console_line = [&said](std::string_view line) { said += std::string(line) + "\n"; };
        return host.cp.log_on(std::move(options), std::move(output));
    }
    /// The return code and what was said to that user, one line each.
    std::string command(VirtualMachine& vm, std::string_view text) {
        for (auto& [name, said] : users) said.clear();
        const uint32_t code = host.cp.command(vm, text);
        return fmt::format("{}\n{}", code, users[vm.options.name]);
    }
    void start(VirtualMachine& vm, const Bytes& ccws, uint16_t device = kEnd) {
        put_storage(vm, 0x1000, ccws);
        REQUIRE(host.start(vm, 0x1000, device).condition_code == 0);
    }
    void settle() {
        for (unsigned i = 0; i < 1000 && host.step(); ++i) {
        }
    }
    /// All the unit status that has come from the device by itself.
    static unsigned status(VirtualMachine& vm, uint16_t device = kEnd) {
        unsigned all = 0;
        while (const auto one = vm.io.channels.take(device)) all |= one->csw.unit_status;
        return all;
    }
    IoHost host;
    std::map<std::string, std::string> users;
};

const Bytes kWriteEight = {0x01, 0, 0x20, 0x00, 0x20, 0, 0, 8},
            kReadEight = {0x02, 0, 0x21, 0x00, 0x20, 0, 0, 8};

TEST_CASE("DEFINE CTCA and COUPLE: what one machine writes another one reads") {
    Adapters desk;
    VirtualMachine& anna = desk.log_on("anna");
    VirtualMachine& bert = desk.log_on("bert");
    CHECK(desk.command(anna, "DEFINE CTCA AS 0E0") == "0\nCTCA 0E0 DEFINED\n");
    CHECK(desk.command(anna, "COUPLE 0E0 TO BERT 0E0") == "40\nDMKDIA040E DEV 0E0 DOES NOT EXIST\n");
    CHECK(desk.command(anna, "COUPLE 0E0 TO CARL 0E0") == "45\nDMKDIA045E CARL NOT LOGGED ON\n");
    CHECK(desk.command(anna, "COUPLE 0E0 TO ANNA 00C") == "6\nDMKDIA006E INVALID DEVICE TYPE - 00C\n");
    CHECK(desk.command(bert, "define ctca 0e0") == "0\nCTCA 0E0 DEFINED\n");
    CHECK(desk.command(anna, "QUERY VIRTUAL CTCA") == "0\nCTCA 0E0 NOT COUPLED\n");
    CHECK(desk.command(anna, "COUPLE 0E0 BERT 0E0") == "0\nCTCA 0E0 COUPLE TO bert 0E0\n");
    CHECK(desk.users["bert"] == "CTCA 0E0 COUPLE BY anna 0E0\n");
    CHECK(desk.command(bert, "QUERY VIRTUAL 0E0") == "0\nCTCA 0E0 TO anna 0E0\n");

    put_storage(anna, 0x2000, {1, 2, 3, 4, 5, 6, 7, 8});
    desk.start(anna, kWriteEight);
    desk.settle();
    CHECK(Adapters::status(bert) == simulation::kAttention);
    desk.start(bert, kReadEight);
    desk.settle();
    CHECK(Adapters::status(anna) == kEnds);
    CHECK(Adapters::status(bert) == kEnds);
    CHECK(bert.storage.peek32(SecondLevel(0x2100)) == 0x01020304);
    CHECK(bert.storage.peek32(SecondLevel(0x2104)) == 0x05060708);
}

TEST_CASE("who waits for an end that goes away is told, by the channel and on the console") {
    Adapters desk;
    VirtualMachine& anna = desk.log_on("anna");
    VirtualMachine* bert = &desk.log_on("bert");
    for (VirtualMachine* vm : {&anna, bert}) desk.command(*vm, "DEFINE CTCA 0E0");
    desk.command(anna, "COUPLE 0E0 TO BERT 0E0");
    SUBCASE("detached") {
        desk.start(anna, kWriteEight);
        CHECK(desk.command(*bert, "DETACH 0E0") == "0\nCTCA 0E0 DROP anna 0E0\nCTCA 0E0 DETACHED\n");
        CHECK(desk.users["anna"] == "CTCA 0E0 DROP bert 0E0\n");
        CHECK(Adapters::status(anna) == (kEnds | simulation::kUnitCheck));
        CHECK(desk.command(anna, "QUERY VIRTUAL CTCA") == "0\nCTCA 0E0 NOT COUPLED\n");
    }
    SUBCASE("logged off while data go over, by either side") {
        for (const bool runs : {false, true}) {
            desk.start(runs ? anna : *bert, kWriteEight);
            desk.start(runs ? *bert : anna, kReadEight);
            desk.host.cp.log_off(*bert);
            desk.settle();
            CHECK((Adapters::status(anna) & kEnds) == kEnds);
            CHECK_FALSE(anna.io.channels.working(kEnd));
            bert = &desk.log_on("bert");
            desk.command(*bert, "DEFINE CTCA 0E0");
            desk.command(*bert, "COUPLE 0E0 TO ANNA 0E0");
        }
    }
    SUBCASE("coupled anew: either end loses the one that it had") {
        VirtualMachine& carl = desk.log_on("carl");
        desk.command(carl, "DEFINE CTCA 1E0");
        desk.start(anna, kWriteEight);
        CHECK(desk.command(carl, "COUPLE 1E0 TO BERT 0E0") == "0\nCTCA 1E0 COUPLE TO bert 0E0\n");
        CHECK(desk.users["anna"] == "CTCA 0E0 DROP bert 0E0\n");
        CHECK(desk.users["bert"] == "CTCA 0E0 COUPLE BY carl 1E0\n");
        CHECK(Adapters::status(anna) == (kEnds | simulation::kUnitCheck));
        CHECK(desk.command(carl, "COUPLE 1E0 TO ANNA 0E0") ==
              "0\nCTCA 1E0 DROP bert 0E0\nCTCA 1E0 COUPLE TO anna 0E0\n");
        CHECK(desk.command(carl, "COUPLE 1E0 TO * 1E0") ==
              "58\nDMKDIA058E CTCA 1E0 NOT COUPLED; IT IS THE OTHER END\n");
    }
}

TEST_CASE("ends that are described as coupled are so as soon as both machines are there, and again") {
    Adapters desk;
    simulation::DeviceDescription end;
    end.address = kEnd;
    end.type = "CTCA";
    simulation::DeviceDescription other = end;
    other.couple = kEnd;
    other.couple_machine = "anna";
    VirtualMachine& bert = desk.log_on("bert", &other);
    CHECK(desk.command(bert, "QUERY VIRTUAL CTCA") == "0\nCTCA 0E0 NOT COUPLED\n");
    for (unsigned i = 0; i < 2; ++i) {
        VirtualMachine& anna = desk.log_on("anna", &end);
        CHECK(desk.command(bert, "QUERY VIRTUAL CTCA") == "0\nCTCA 0E0 TO anna 0E0\n");
        desk.host.cp.log_off(anna);
        CHECK(desk.command(bert, "QUERY VIRTUAL CTCA") == "0\nCTCA 0E0 NOT COUPLED\n");
    }
}

TEST_CASE("DEFINE gives a machine further readers, punches and printers") {
    Adapters desk;
    VirtualMachine& anna = desk.log_on("anna");
    CHECK(desk.command(anna, "DEFINE PRINTER AS 00F") == "0\nPRT 00F DEFINED\n");
    CHECK(desk.command(anna, "DEFINE 3211 AS 002") == "0\nPRT 002 DEFINED\n");
    CHECK(desk.command(anna, "DEFINE PUNCH 01D") == "0\nPUN 01D DEFINED\n");
    CHECK(desk.command(anna, "DEFINE READER 01C") == "0\nRDR 01C DEFINED\n");
    CHECK(desk.command(anna, "DEFINE 3211 AS 002") ==
          "90\nDMKDEF090E DEV 002 NOT DEFINED; ALREADY DEFINED\n");
    CHECK(desk.command(anna, "DEFINE CONSOLE AS 01F") == "3\nDMKDEF003E INVALID OPTION - CONSOLE\n");
    CHECK(desk.command(anna, "DEFINE PUNCH AS") == "22\nDMKDEF022E VADDR MISSING OR INVALID\n");
    CHECK(desk.command(anna, "QUERY VIRTUAL 002") == "0\nPRT 002 ON 3211\n");
    put_storage(anna, 0x2000, Bytes(80, 0xC1));
    desk.start(anna, {0x09, 0, 0x20, 0x00, 0x20, 0, 0, 80}, 0x00F);
    desk.settle();
    CHECK(Adapters::status(anna, 0x00F) == kEnds);
}

TEST_CASE("DEFINE of what the machine model has no figures for is refused") {
    simulation::MachineModel model = machine_model(true);
    model.devices.erase("CTCA");
    simulation::Machine machine(model, 2 * simulation::kMebibyte);
    ControlProgram cp(
        machine,
        {free_of_charge(model), scheduler::make_policy("round-robin", scheduler::Parameters{}), {}, 0});
    VmOptions options;
    options.name = "anna";
    VirtualMachine& anna = cp.log_on(std::move(options), {});
    CHECK(cp.command(anna, "DEFINE CTCA AS 0E0") == 3);
    CHECK(anna.io.channels.device(kEnd) == nullptr);
    CHECK(cp.command(anna, "DEFINE PRINTER AS 0E0") == 0);
}

}  // namespace
}  // namespace vmcp::test
