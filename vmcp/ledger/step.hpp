// The steps of control-program work: what a control-program model prices and the ledger counts. A step is
// charged once for every time its work is really done; what a step has no name for is not charged.
//
// To add one, add a row here and a price to every file in examples/models/control-program; loading a model
// that lacks it fails. What a host does is priced only by the models that have one.
#pragma once

#include <cstdint>
#include <string_view>

namespace vmcp {

// STEP(name, text): text completes "the control program ..." in reports and in the story of a trap.
#define VMCP_STEPS(STEP)                                                                                    \
    STEP(enter_from_trap, "takes over from the guest: saves its registers and finds its control blocks")    \
    STEP(fetch_and_decode, "fetches the trapped instruction and decodes it")                                \
    STEP(decode_io, "fetches a trapped I/O instruction and decodes it")                                     \
    STEP(fetch_operand, "translates a guest address and fetches or stores the operand")                     \
    STEP(interpret_fetch, "fetches the next instruction of a guest that it interprets, and decodes it")     \
    STEP(interpret_operand, "interprets: translates the address of an operand and checks its key")          \
    STEP(interpret_walk, "interprets: walks through the guest's own tables for an address")                 \
    STEP(interpret_general, "interprets: executes a general instruction on the virtual registers")          \
    STEP(interpret_branch, "interprets: executes a branch")                                                 \
    STEP(interpret_field, "interprets: executes an instruction on characters or decimal numbers")           \
    STEP(interpret_long, "interprets: executes a unit of operation of MVCL or CLCL")                        \
    STEP(interpret_float, "interprets: executes a floating-point instruction")                              \
    STEP(interpret_execute, "interprets EXECUTE: fetches its subject and decodes it")                       \
    STEP(translate_instruction, "translates an instruction of the guest's supervisor state into its cache") \
    STEP(find_code_page, "finds the page of translated code for an address, and enters it in a table")      \
    STEP(translated_call, "is called by translated code, without a trap, and goes back there")              \
    STEP(translated_sequence, "executes, in line, what stands for a replaced instruction")                  \
    STEP(checked_store, "stores, in line, into a page that code was translated from")                       \
    STEP(reflect_svc, "gives a supervisor call to the guest, on a path of its own: swaps PSWs")             \
    STEP(reflect_program, "gives a program interruption to the guest: swaps PSWs in its page zero")         \
    STEP(reflect_external, "gives an external interruption to the guest: swaps PSWs in its page zero")      \
    STEP(reflect_io, "gives an I/O interruption to the guest: CSW, and swaps PSWs in its page zero")        \
    STEP(take_timer_request, "takes the clock comparator's request off the queue of timer requests")        \
    STEP(simulate_lpsw, "simulates LPSW: checks and loads the virtual PSW")                                 \
    STEP(simulate_ssm, "simulates SSM: changes the virtual system mask")                                    \
    STEP(simulate_mask_store, "simulates STNSM or STOSM: stores and changes the virtual system mask")       \
    STEP(find_pending, "has let more through to the guest: looks at all that may be pending for it")        \
    STEP(simulate_control, "simulates LCTL, STCTL or another control instruction, by the register")         \
    STEP(simulate_key, "simulates an instruction that sets or inserts a storage key")                       \
    STEP(simulate_rrb, "simulates RRB")                                                                     \
    STEP(simulate_spka, "simulates SPKA")                                                                   \
    STEP(simulate_ipk, "simulates IPK")                                                                     \
    STEP(simulate_cpu_timer, "simulates setting or storing the CPU timer or the clock")                     \
    STEP(simulate_stckc, "simulates STCKC: stores the clock comparator")                                    \
    STEP(simulate_sckc, "simulates SCKC: sets the clock comparator, queues a timer request")                \
    STEP(simulate_identification, "simulates STIDP or another instruction that tells what the CPU is")      \
    STEP(identify_channel, "simulates STIDC")                                                               \
    STEP(simulate_translation, "simulates LRA, PTLB, IPTE or another translation instruction")              \
    STEP(simulate_diagnose, "serves a DIAGNOSE")                                                            \
    STEP(tell_time, "tells time and accounting (DIAGNOSE X'0C')")                                           \
    STEP(take_hypercall, "takes a hypercall, alone or of a batch, and checks what it is asked for")         \
    STEP(set_page_entry, "makes or unmakes an entry of a guest's page table for it (hypercall)")            \
    STEP(update_shared_page, "brings the page that a guest shares with it up to date")                      \
    STEP(send_event, "notes an event for another machine (hypercall)")                                      \
    STEP(fill_call_table, "fills a guest's call table with code (hypercall)")                               \
    STEP(take_message_function, "takes a function of VMCF or IUCV: fetches its list and checks it")         \
    STEP(queue_message, "finds machine, path and message, and moves a message between queues")              \
    STEP(copy_message, "finds up to 2K of a message in one storage, and its place in the other one")        \
    STEP(present_message, "stores into a guest's buffer what a message interruption is for")                \
    STEP(watch_block, "takes a block of a watched disk through a buffer of its own, to look at it")         \
    STEP(encipher_block, "enciphers or deciphers a block of a disk, 512 bytes")                             \
    STEP(grant_page, "enters a page in a machine's table of grants, or takes it out")                       \
    STEP(find_grant, "finds whose grant a reference means, and checks what it allows")                      \
    STEP(map_grant, "lets a page of another machine take the place of one, or ends that")                   \
    STEP(ring_configure, "sets up a device with shared rings, or tells what it is")                         \
    STEP(ring_doorbell, "answers the doorbell of a shared ring: finds the device and its queue")            \
    STEP(ring_descriptor, "takes a descriptor of a shared ring and checks it")                              \
    STEP(ring_copy, "copies up to 256 bytes between a guest's storage and a buffer, for a shared ring")     \
    STEP(ring_request, "makes a channel program of its own for a request of a shared ring")                 \
    STEP(ring_frame, "takes a frame through the switch between guests, to one of them")                     \
    STEP(ring_used, "returns a chain of descriptors by a used ring")                                        \
    STEP(ring_signal, "tells a guest of its used rings: sets the indicator, queues an interruption")        \
    STEP(cp_command, "executes a CP command")                                                               \
    STEP(start_io, "simulates SIO: finds the virtual device, checks the CAW, builds the request")           \
    STEP(start_spool, "simulates SIO to a spooled device: no channel program is made for a real one")       \
    STEP(find_device, "simulates SIO to a real device: finds the virtual device and checks the CAW")        \
    STEP(translate_control_ccw, "copies a CCW that moves no data")                                          \
    STEP(translate_data_ccw, "copies a CCW with data: translates its address, locks the page")              \
    STEP(cross_page, "makes an indirect address word where the data of a CCW goes on in another page")      \
    STEP(relocate_ccw, "copies the argument of a seek or extent and moves it to where the minidisk lies")   \
    STEP(compare_ccw, "finds that a CCW translated before is still good")                                   \
    STEP(scan_ccw, "reads a CCW of a guest to know the pages that the channel may come to")                 \
    STEP(find_io_page, "finds that a page is in the I/O table already")                                     \
    STEP(map_io_page, "enters a page in an I/O table: finds its frame and keeps it there")                  \
    STEP(unmap_io_page, "takes a page out of an I/O table, and lets its frame go")                          \
    STEP(purge_io_tlb, "has the channel forget what it remembers of an I/O table")                          \
    STEP(queue_io, "queues a request for a real device")                                                    \
    STEP(start_device, "starts a channel program on a real device")                                         \
    STEP(take_io_interruption, "takes an I/O interruption of the real machine: finds device and request")   \
    STEP(end_device, "ends a request: takes it off the device, queues the virtual interruption")            \
    STEP(untranslate_csw, "turns the CSW of a real channel into the guest's")                               \
    STEP(release_control_ccw, "forgets a CCW that moved no data")                                           \
    STEP(release_data_ccw, "forgets a CCW with data: unlocks its page")                                     \
    STEP(end_io, "ends a virtual I/O operation: untranslates the CSW and queues the interruption")          \
    STEP(test_io, "simulates TIO, or CLRIO")                                                                \
    STEP(test_channel, "simulates TCH, or CLRCH")                                                           \
    STEP(halt_io, "simulates HIO or HDV")                                                                   \
    STEP(console_line, "writes a line of a virtual console")                                                \
    STEP(console_character, "translates a character of such a line")                                        \
    STEP(spool_record, "moves a record to or from a spool file")                                            \
    STEP(open_spool_file, "opens a spool file: makes its block, gets a page for its buffer")                \
    STEP(close_spool_file, "closes a spool file: its last buffer is written, it is queued or purged")       \
    STEP(timer_update, "brings the virtual timers up to date")                                              \
    STEP(timer_interruption, "handles a timer interruption of the real machine")                            \
    STEP(dispatch, "chooses what runs next and gives it the CPU")                                           \
    STEP(switch_machine, "changes to another virtual machine's registers and address space")                \
    STEP(schedule, "takes a machine that begins to wait off the dispatch list")                             \
    STEP(wake_machine, "puts a machine that was waiting on the dispatch list")                              \
    STEP(slice_end, "ends a time slice")                                                                    \
    STEP(fill_page, "gives a virtual page its first real page frame")                                       \
    STEP(walk_guest_tables, "walks through the tables of a guest that translates itself")                   \
    STEP(shadow_fill, "fills a shadow-table entry")                                                         \
    STEP(shadow_purge, "purges shadow tables")                                                              \
    STEP(examine_frame, "looks at a page frame that may have to be given up")                               \
    STEP(take_frame, "takes a page frame away from its page")                                               \
    STEP(page_in, "brings a page in from a paging device")                                                  \
    STEP(page_out, "writes a page out to a paging device")                                                  \
    STEP(check_shared_page, "looks whether a page of a shared segment was changed")                         \
    STEP(attach_segment, "gives a machine a named segment, or takes it away")                               \
    STEP(idle, "finds nothing to run and waits")                                                            \
    STEP(stop_machine, "stops a virtual machine and reports why")                                           \
    STEP(world_switch, "and its host change places on the real CPU, there and back")                        \
    STEP(return_to_process, "goes through its host to the process that serves a device of the guest's")     \
    STEP(host_call, "is called again by that process, through the host")                                    \
    STEP(host_schedule, "waits for its host, which chooses the task that the machine is")

enum class Step : uint8_t {
#define STEP(name, text) name,
    VMCP_STEPS(STEP)
#undef STEP
};

inline constexpr unsigned kSteps = 0
#define STEP(name, text) +1
    VMCP_STEPS(STEP)
#undef STEP
    ;

inline constexpr std::string_view kStepNames[kSteps] = {
#define STEP(name, text) #name,
    VMCP_STEPS(STEP)
#undef STEP
};

inline constexpr std::string_view kStepTexts[kSteps] = {
#define STEP(name, text) text,
    VMCP_STEPS(STEP)
#undef STEP
};

/// Whether it is done only where the control program is a task of a host: not a step of other models.
constexpr bool is_of_host(Step step) { return step >= Step::world_switch && step <= Step::host_schedule; }
constexpr bool is_of_host(unsigned step) { return is_of_host(static_cast<Step>(step)); }

constexpr std::string_view name_of(Step step) { return kStepNames[static_cast<unsigned>(step)]; }
constexpr std::string_view text_of(Step step) { return kStepTexts[static_cast<unsigned>(step)]; }

}  // namespace vmcp
