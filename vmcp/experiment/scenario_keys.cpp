// The keys of a scenario file, in the order in which they are read and documents show them.
#include "vmcp/experiment/scenario_reader.hpp"

namespace vmcp::experiment::scenario_file {

using simulation::DeviceDescription;

const std::vector<Key<Scenario>> ScenarioReader::kFileKeys = {
    {"title", "\"Two users\"", "default: the name of the file", nullptr},
    {"description", "\"What to look at.\"", "optional", nullptr},
};

const std::vector<Key<Scenario>> ScenarioReader::kMachineKeys = {
    {"model", "\"s370-158\"", "a built-in model, or a TOML file; default s370-158", nullptr},
    {"storage", "\"4M\"", "real storage; default: the model's",
     [](S&, TomlReader& t, Scenario& s) {
         s.storage = read_storage_size(t, "storage");
         const auto most = s.machine.max_storage_bytes.value;
         if (s.storage > most)
             t.fail("storage", fmt::format("the machine model {} takes at most {}K of storage",
                                           s.machine.name, most / 1024));
     }},
};

const std::vector<Key<Scenario>> ScenarioReader::kControlProgramKeys = {
    {"model", "\"vm370\"", "default vm370", nullptr},
    {"policy", "\"q1q2\"", "round-robin (default), q1q2, stride; or a file of one's own, such as mine.so",
     [](S& r, TomlReader& t, Scenario& s) {
         s.policy = t.text("policy");
         if (scheduler::is_plugin(s.policy))
             s.policy = r.beside(s.policy);
         else
             check_choice(t, "policy", "dispatching policy", s.policy, scheduler::policy_names());
     }},
    {"slice_ms", "50", "default 50",
     [](S&, TomlReader& t, Scenario& s) {
         s.scheduling.slice = time_of_ms(t.number("slice_ms", 0.001, kLongestMs));
     }},
};

const std::vector<Key<Scenario>> ScenarioReader::kPagingKeys = {
    {"devices", "[\"2305-2\", \"3330-1\"]",
     "of the machine model; these two by default, if it has them, and no real disk has paging = true; []: "
     "none",
     [](S& r, TomlReader& t, Scenario&) { r.read_paging_devices(t); }},
    {"replacement", "\"clock\"", "clock (default), lru, fifo",
     [](S&, TomlReader& t, Scenario& s) {
         s.paging.replacement = t.text("replacement");
         check_choice(t, "replacement", "page replacement", s.paging.replacement, page_replacement_names());
     }},
};

const std::vector<Key<SpoolOptions>> ScenarioReader::kSpoolKeys = {
    {"folder", "\"spool\"", "where spool files are kept from run to run; default: nowhere",
     [](S& r, TomlReader& t, SpoolOptions& s) {
         s.folder = t.text("folder");
         if (s.folder.empty()) t.fail("folder", "expected the name of a folder");
         s.folder = r.beside(s.folder);
     }},
    {"capacity", "5700", "pages of 4096 bytes; default 5700, a hundred cylinders of a 3330",
     [](S&, TomlReader& t, SpoolOptions& s) {
         s.capacity = static_cast<uint32_t>(t.integer("capacity", 1, kMostSpoolPages));
     }},
    {"drain", "false", "true: nothing is printed or punched, files stay in their queues; default false",
     [](S&, TomlReader& t, SpoolOptions& s) { s.drain = t.boolean("drain"); }},
};

const std::vector<Key<Scenario>> ScenarioReader::kRunKeys = {
    {"time_limit_ms", "60000", "simulated; default 600000",
     [](S&, TomlReader& t, Scenario& s) {
         s.time_limit = time_of_ms(t.number("time_limit_ms", 0.001, kLongestMs));
     }},
    {"seed", "1", "for start_spread_ms, and what entropy rings give; default 0",
     [](S&, TomlReader& t, Scenario& s) {
         s.seed = static_cast<uint64_t>(t.integer("seed", 0, std::numeric_limits<int64_t>::max()));
     }},
};

const std::vector<Key<SegmentDescription>> ScenarioReader::kSegmentKeys = {
    {"name", "\"MONITOR\"", "1 to 8 capital letters or digits",
     [](S& r, TomlReader& t, SegmentDescription& s) {
         s.name = short_name(t, "segment", r.scenario_.segments);
     },
     true},
    {"origin", "\"200000\"", "where it lies in every machine: hexadecimal, a multiple of 64K",
     [](S&, TomlReader& t, SegmentDescription& s) {
         const std::string origin = t.text("origin");
         if (!parse_hex(origin, 0xFF0000, s.origin) || s.origin % SharedSegment::kUnit != 0)
             t.fail("origin", fmt::format("\"{}\": expected a hexadecimal multiple of 10000 (64K)", origin));
     },
     true},
    {"guest", "\"monitor.asm\"", "its contents; or core = \"FILE@HEXADDR\", or saved = \"FILE\"", nullptr},
};

const std::vector<Key<SystemDescription>> ScenarioReader::kSystemKeys = {
    {"name", "\"CMS\"", "1 to 8 capital letters or digits, and no device address",
     [](S& r, TomlReader& t, SystemDescription& s) {
         s.name = short_name(t, "saved system", r.scenario_.systems);
         if (simulation::parse_device_address(s.name))
             t.fail("name", fmt::format("\"{}\" is a device address: expected another name", s.name));
     },
     true},
    {"saved", "\"CMS.segment\"", "its storage and registers; or guest, or core: the PSW at location 0",
     nullptr},
};

const std::vector<Key<VmTable>> ScenarioReader::kVmKeys =
    {
        {"name", "\"user\"", "1 to 16 letters, digits, - and _",
         [](S&, TomlReader& t, VmTable& to) {
             to.vm.options.name = t.text("name");
             check_name(t, to.vm.options.name);
         },
         true},
        {"count", "10", "user01 ... user10; without it one machine, named as it is",
         [](S&, TomlReader& t, VmTable& to) { to.count = t.integer("count", 1, kMostMachines); }},
        {"storage", "\"64K\"", "second-level storage, a multiple of 4K",
         [](S&, TomlReader& t, VmTable& to) { to.vm.options.storage = read_storage_size(t, "storage"); },
         true},
        {"guest", "\"../guests/primes.asm\"",
         "assembled; or core = \"FILE@HEXADDR\", deck = \"FILE\", or saved = \"FILE\" (a saved system)",
         nullptr},
        {"ipl", "\"150\"",
         "loads from a disk or tape, or a [[system]] by its name, in the place of guest, core or deck",
         [](S& r, TomlReader& t, VmTable& to) { r.read_ipl(t, to.vm); }},
        {"patch", "{ \"3F0\" = \"0000000A\" }", "bytes over the image: address = bytes, hexadecimal",
         [](S&, TomlReader& t, VmTable& to) { read_patches(t, to.vm); }},
        {"operator", "\"cold-start.toml\"",
         "what its operator does (real-systems.md); it is logged off behind that",
         [](S& r, TomlReader& t, VmTable& to) {
             const std::string path = r.beside(t.text("operator"));
             check_file(t, "operator", path, path);
             to.vm.operator_script = read_operator_script(path);
         }},
        {"console_input", "[{ at_ms = 1000, text = \"hi\" }]", "simulated, after the start of this machine",
         [](S&, TomlReader& t, VmTable& to) { read_console_input(t, to.vm); }},
        {"start_ms", "100", "after the beginning of the run",
         [](S&, TomlReader& t, VmTable& to) { to.start = time_of_ms(t.number("start_ms", 0, kLongestMs)); }},
        {"start_spread_ms", "500", "each of `count` starts up to so much later, by the seed",
         [](S&, TomlReader& t, VmTable& to) {
             to.spread = time_of_ms(t.number("start_spread_ms", 0, kLongestMs));
         }},
        {"priority", "50", "q1q2: 1 to 99, the lower one goes first",
         [](S&, TomlReader& t, VmTable& to) {
             to.vm.options.scheduling.priority = static_cast<int>(t.integer("priority", 1, 99));
         }},
        {"share", "100", "stride: relative to the others'",
         [](S&, TomlReader& t, VmTable& to) {
             to.vm.options.scheduling.share = static_cast<uint32_t>(t.integer("share", 1, 1'000'000));
         }},
        {"console", "\"009\"", "device addresses", &S::read_unit_address<UnitRecordRole::console>},
        {"reader", "\"00C\"", "", &S::read_unit_address<UnitRecordRole::card_reader>},
        {"punch", "\"00D\"", "", &S::read_unit_address<UnitRecordRole::card_punch>},
        {"printer", "\"00E\"", "", &S::read_unit_address<UnitRecordRole::printer>},
        {"cards", "\"../cards/inventory.txt\"",
         "in the reader; .txt is one card a line, others are 80-byte records",
         [](S& r, TomlReader& t, VmTable& to) { to.vm.cards = r.cards(t); }},
        {"carriage_tape", "\"invoice.toml\"", "of its printers (real-systems.md); default: the standard one",
         [](S& r, TomlReader& t, VmTable& to) {
             const std::string path = r.beside(t.text("carriage_tape"));
             check_file(t, "carriage_tape", path, path);
             simulation::read_carriage_tape(path);  // whoever is at fault is told now
             to.carriage_tape = path;
         }},
        {"kind", "\"V=V\"", "V=V (default), V=Resident, V=R (one machine)",
         [](S& r, TomlReader& t, VmTable& to) { read_storage_kind(t, r.scenario_, to.vm.options); }},
        {"reserved_pages", "16", "page frames that are not taken away from it; default 0",
         [](S&, TomlReader& t, VmTable& to) {
             to.vm.options.reserved_pages =
                 static_cast<uint32_t>(t.integer("reserved_pages", 0, pages_of(to.vm.options)));
         }},
        {"locked_pages", "[\"0-3\", \"1F\"]", "pages that are not taken away, hexadecimal numbers",
         [](S&, TomlReader& t, VmTable& to) { read_locked_pages(t, to.vm.options); }},
        {"shadow_sets", "4", "address spaces whose shadow tables are kept, 1 to 16; default 4",
         [](S&, TomlReader& t, VmTable& to) {
             to.vm.options.shadow_sets = static_cast<unsigned>(t.integer("shadow_sets", 1, 16));
         }},
        {"technique", "\"trap-and-emulate\"",
         "trap-and-emulate (default), interpretation, binary-translation (techniques.md)",
         [](S&, TomlReader& t, VmTable& to) { read_technique(t, to.vm.options); }},
        {"translation", "\"shadow\"", "shadow (default); nested, if the machine model has it",
         [](S& r, TomlReader& t, VmTable& to) { read_translation(t, r.scenario_.machine, to.vm.options); }},
        {"assists", "[\"vma\", \"evma\"]",
         "vma, evma, vtimer, ecps, pma, sie, if the machine model has them (assists.md)",
         [](S& r, TomlReader& t, VmTable& to) { read_assists(t, r.scenario_.machine, to.vm.options); }},
        {"intercepts", "[\"masks\"]",
         "with sie: masks, psw, control, keys, clocks, svc come out (interpretive-execution.md)",
         [](S&, TomlReader& t, VmTable& to) { read_intercepts(t, to.vm.options); }},
        {"exits_together", "true",
         "with sie: exits that follow one another are handled together (interpretive-execution.md); default "
         "false",
         [](S&, TomlReader& t, VmTable& to) { read_exits_together(t, to.vm.options); }},
        {"wait_completion", "true",
         "with sie: it waits for its devices without coming out (pass-through.md); default false",
         [](S&, TomlReader& t, VmTable& to) { read_wait_completion(t, to.vm.options); }},
        {"paravirtual", "true", "it may make hypercalls (paravirtual.md); default false",
         [](S&, TomlReader& t, VmTable& to) { to.vm.options.paravirtual = t.boolean("paravirtual"); }},
        {"iucv", "[\"ALLOW\", \"SERVER PRIORITY\"]",
         "whom it may connect to by IUCV, and who to it (messages.md); default: nobody",
         &S::read_vm_options<&read_iucv>},
        {"maxconn", "4", "most ends of IUCV paths that it may have, 1 to 64; default 4",
         &S::read_vm_options<&read_most_connections>},
        {"grants", "16",
         "pages that it may grant at once, and map of others' (service-machines.md), 1 to 256; default 0",
         &S::read_vm_options<&read_grants>},
        {"devices", "\"process\"",
         "of a control program with a host: kernel, process; default: as its model says (hosted.md)",
         [](S& r, TomlReader& t, VmTable& to) {
             read_device_server(t, r.scenario_.control_program, to.vm.options);
         }},
        {"isam", "true", "channel programs that change themselves are followed (virtual-io.md); default true",
         [](S&, TomlReader& t, VmTable& to) { to.vm.options.isam = t.boolean("isam"); }},
        {"classes", "\"G\"", "privilege classes, letters A to H; default G",
         [](S&, TomlReader& t, VmTable& to) {
             std::string& classes = to.vm.options.classes = t.text("classes");
             if (classes.empty() || classes.find_first_not_of("ABCDEFGH") != std::string::npos)
                 t.fail("classes", fmt::format("\"{}\": expected letters from A to H", classes));
         }},
};

const std::vector<Key<DeviceDescription>> ScenarioReader::kDeviceKeys = {
    {"address", "\"150\"", "three hexadecimal digits",
     [](S&, TomlReader& t, DeviceDescription& d) { d.address = read_device_address(t, "address"); }, true},
    {"type", "\"3330\"", "real-systems.md lists the types",
     [](S&, TomlReader& t, DeviceDescription& d) {
         d.type = t.text("type");
         if (!simulation::is_device_type(d.type))
             t.fail("type", fmt::format("unknown device type \"{}\": expected one of {}", d.type,
                                        simulation::device_types()));
     },
     true},
    {"file", "\"work.ckd\"",
     "a disk or tape; cards of a reader; what a punch or printer puts out goes there, too",
     [](S& r, TomlReader& t, DeviceDescription& d) {
         d.file = t.text("file");
         if (!d.file.empty()) d.file = r.beside(d.file);
     }},
    {"overlay", "\"today.cckd\"", "disks: takes what is written; the file stays as it is",
     [](S& r, TomlReader& t, DeviceDescription& d) {
         d.overlay = t.text("overlay");
         if (!d.overlay.empty()) d.overlay = r.beside(d.overlay);
     }},
    {"read_only", "false", "disks and tapes; default false",
     [](S&, TomlReader& t, DeviceDescription& d) { d.read_only = t.boolean("read_only"); }},
    {"listen", "3270", "displays: a TN3270 emulator may connect to this port of the local host",
     [](S&, TomlReader& t, DeviceDescription& d) {
         d.listen = static_cast<uint16_t>(t.integer("listen", 1, 0xFFFF));
     }},
    {"couple", "\"0E0\"", "channel-to-channel adapters: the other end, described before; or \"OTHER 0E0\"",
     [](S& r, TomlReader& t, DeviceDescription& d) { r.read_couple(t, d); }},
};

std::string ScenarioReader::reference() {
    std::string text;
    const auto show = [&text](const char* heading, const char* remark, const auto& keys) {
        const auto line = [&text](const std::string& what, std::string_view meaning) {
            constexpr size_t kColumn = 46;
            text += meaning.empty() ? what : fmt::format("{:<{}}# {}", what + " ", kColumn, meaning);
            text += '\n';
        };
        if (*heading != '\0') {
            text += '\n';
            line(heading, remark);
        }
        for (const auto& key : keys) line(fmt::format("{} = {}", key.name, key.example), key.meaning);
    };
    show("", "", kFileKeys);
    show("[machine]", "optional, as all tables but [[vm]]", kMachineKeys);
    show("[[machine.device]]",
         "a real device, of which machines have all or a part; with the keys of [[vm.device]]",
         real_device_keys());
    show("[control_program]", "", kControlProgramKeys);
    show("[paging]", "virtual-storage.md", kPagingKeys);
    show("[spool]", "readers, punches and printers of guests work on spool files (spooling.md)", kSpoolKeys);
    show("[run]", "", kRunKeys);
    show("[[segment]]", "a named segment, which guests attach with DIAGNOSE X'64'", kSegmentKeys);
    show("[[system]]", "a saved system, which machines load by its name (CP command IPL)", kSystemKeys);
    show("[[vm]]", "a virtual machine, or several", kVmKeys);
    show("[[vm.device]]", "a device of it beside the standard ones, or in the place of one", kDeviceKeys);
    show("[[vm.device]]", "or what it has of a real one: an address, and", mapped_device_keys());
    show("[[vm.ring]]", "a device with shared rings, numbered from 0 (rings.md)", ring_keys());
    show("[[vm.expect]]", "what vmcp check judges, each key by itself", expectation_keys());
    return text;
}

}  // namespace vmcp::experiment::scenario_file
