#include "vmcp/message/vmcf.hpp"

#include <algorithm>

#include "vmcp/dispatch/message_interruption.hpp"

namespace vmcp {
namespace {

// The parameter list, and the header that it becomes in the buffer of who is interrupted.
constexpr unsigned kFlags = 0, kError = 1, kFunctionCode = 2, kMessageId = 4, kUser = 8, kAddressA = 16,
                   kLengthA = 20, kAddressB = 24, kLengthB = 28, kDoubleword = 32;
// Flags of the list.
constexpr uint8_t kSpecific = 0x80, kPriorityFlag = 0x40;
// Status of the header.
constexpr uint8_t kResponse = 0x80, kRejected = 0x40, kPriorityStatus = 0x20;

}  // namespace

struct Vmcf::Request {
    VirtualCpu& cpu;
    MessageList list;

    VirtualMachine& vm() const { return cpu.vm(); }
    VmId id() const { return cpu.vm().id; }
    Work& work() const { return cpu.work(); }
    UserId user() const { return list.get<8>(kUser); }
    std::array<uint8_t, 8> doubleword() const { return list.get<8>(kDoubleword); }
    MessageArea area() const {
        return {&cpu.vm(), list.get32(kAddressA) & isa::kAddressMask, list.get32(kLengthA), cpu.psw().key};
    }
};

bool Vmcf::Message::has_priority() const { return (list.get8(kFlags) & kPriorityFlag) != 0; }

void Vmcf::diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3) {
    const Request request{cpu, fetch_list(cpu, cpu.gpr(r1) & isa::kAddressMask)};
    cpu.set_gpr(r3, serve(request));
}

// ---- Functions ----

Vmcf::ReturnCode Vmcf::serve(const Request& r) {
    const uint16_t function = r.list.get16(kFunctionCode);
    if (function > reject) return kFunction;
    if (function == authorize) return do_authorize(r);
    User* const user = user_of(r.id());
    return user != nullptr ? serve_authorized(r, *user) : kNotAuthorized;
}

Vmcf::ReturnCode Vmcf::serve_authorized(const Request& r, User& user) {
    switch (r.list.get16(kFunctionCode)) {
        case unauthorize: end(r.vm()); return kDone;
        case quiesce:
        case resume: user.quiesced = r.list.get16(kFunctionCode) == quiesce; return kDone;
        case receive: return do_receive(r);
        case reply: return do_reply(r);
        case reject: return do_reject(r);
        case cancel: return do_cancel(r);
        default: return do_send(r, user);
    }
}

/// Once more: another buffer, or other options.
Vmcf::ReturnCode Vmcf::do_authorize(const Request& r) {
    const MessageArea buffer = r.area();
    if (buffer.at % 8 != 0 || buffer.length < MessageList::kBytes) return kAddress;
    if (const ReturnCode why = code_of(check_area(buffer, true)); why != kDone) return why;
    User& user = users_[r.id()];
    user.buffer = buffer.at;
    user.length = buffer.length;
    user.specific = (r.list.get8(kFlags) & kSpecific) != 0;
    user.priority = (r.list.get8(kFlags) & kPriorityFlag) != 0;
    user.only_from = r.user();
    return kDone;
}

/// SEND, SEND/RECV, SENDX and IDENTIFY, which is forgotten when it has been presented.
Vmcf::ReturnCode Vmcf::do_send(const Request& r, User& user) {
    r.work().step(Step::queue_message);
    const uint16_t function = r.list.get16(kFunctionCode);
    VirtualMachine* const to = find_by_user_id(nucleus_, r.user());
    User* const sink = to != nullptr ? user_of(to->id) : nullptr;
    const UserId own = user_id(r.vm());
    if (sink == nullptr || (sink->specific && sink->only_from != own)) return kNoUser;
    if (sink->quiesced) return kQuiesced;
    const bool priority = (r.list.get8(kFlags) & kPriorityFlag) != 0;
    if (priority && !sink->priority) return kPriority;
    const MessageArea data = r.area();
    if (function != identify) {
        if (const ReturnCode why = check_data(data, false); why != kDone) return why;
        if (function == send_extended && data.length > sink->length - MessageList::kBytes) return kTooLong;
        if (function == send_receive && r.list.get32(kLengthB) != 0) {
            const MessageArea answer{&r.vm(), r.list.get32(kAddressB) & isa::kAddressMask,
                                     r.list.get32(kLengthB), data.key};
            if (const ReturnCode why = check_data(answer, true); why != kDone) return why;
        }
        if (find_of_source(r.id(), r.user(), r.list.get32(kMessageId)) != nullptr) return kDuplicate;
    }
    if (user.active >= kMostActive) return kLimit;
    ++user.active;
    Message& message = messages_.emplace_back(Message{.source = r.id(),
                                                      .sink = to->id,
                                                      .source_id = own,
                                                      .sink_id = r.user(),
                                                      .list = r.list,
                                                      .key = r.cpu.psw().key});
    queue(to->id, message);
    return kDone;
}

Vmcf::ReturnCode Vmcf::do_receive(const Request& r) {
    r.work().step(Step::queue_message);
    ReturnCode why = kDone;
    Message* const message = find_for_sink(r, why);
    if (message == nullptr) return why;
    if (message->stage == Stage::received) return kProtocol;
    VirtualMachine& source = nucleus_.machines[message->source];
    const uint32_t length = message->list.get32(kLengthA);
    MessageArea to = r.area();
    if (to.length > kMostMessageBytes) return kAddress;
    const bool too_short = to.length < length;
    to.length = std::min(to.length, length);
    const MessageArea from{&source, message->list.get32(kAddressA) & isa::kAddressMask, length, message->key};
    if (const ReturnCode why = check_data(to, true); why != kDone) return why;
    const ReturnCode code = carry(r, *message, from, to, too_short ? kLength : kDone, message->moved);
    if (message->function() == send_receive)
        message->stage = Stage::received;
    else
        answer(*message, r.doubleword());
    return code;
}

Vmcf::ReturnCode Vmcf::do_reply(const Request& r) {
    r.work().step(Step::queue_message);
    ReturnCode why = kDone;
    Message* const message = find_for_sink(r, why);
    if (message == nullptr) return why;
    if (message->function() != send_receive) return kProtocol;
    VirtualMachine& source = nucleus_.machines[message->source];
    const MessageArea from = r.area();
    if (const ReturnCode why = check_data(from, false); why != kDone) return why;
    const uint32_t room = message->list.get32(kLengthB);
    const MessageArea to{&source, message->list.get32(kAddressB) & isa::kAddressMask,
                         std::min(from.length, room), message->key};
    const ReturnCode code =
        carry(r, *message, from, to, from.length > room ? kLength : kDone, message->replied);
    answer(*message, r.doubleword());
    return code;
}

Vmcf::ReturnCode Vmcf::code_of(ChannelAccess access) {
    switch (access) {
        case ChannelAccess::addressing: return kAddress;
        case ChannelAccess::protection: return kProtection;
        default: return kDone;
    }
}

Vmcf::ReturnCode Vmcf::check_data(const MessageArea& area, bool storing) {
    if (area.length > kMostMessageBytes) return kAddress;
    return area.length == 0 ? kDone : code_of(check_area(area, storing));
}

/// What is wrong with it the other one is told by the answer. His area has not been looked at before.
Vmcf::ReturnCode Vmcf::carry(const Request& r, Message& message, const MessageArea& from,
                             const MessageArea& to, ReturnCode code, uint32_t& moved) {
    if (code != kDone) message.error = static_cast<uint8_t>(code);
    if (from.vm == to.vm && to.at < from.at + from.length && from.at < to.at + to.length) {
        message.error = kOverlap;
        return kOverlap;
    }
    if (to.length == 0) return code;
    const CopiedMessage copied = copy_message(nucleus_, r.work(), from, to);
    if (copied.ok()) {
        moved = to.length;
        return code;
    }
    message.error = static_cast<uint8_t>(code_of(copied.from != ChannelAccess::ok ? copied.from : copied.to));
    return kTransfer;
}

Vmcf::ReturnCode Vmcf::do_reject(const Request& r) {
    r.work().step(Step::queue_message);
    ReturnCode why = kDone;
    Message* const message = find_for_sink(r, why);
    if (message == nullptr) return why;
    message->rejected = true;
    answer(*message, r.doubleword());
    return kDone;
}

Vmcf::ReturnCode Vmcf::do_cancel(const Request& r) {
    r.work().step(Step::queue_message);
    const uint32_t id = r.list.get32(kMessageId);
    Message* const message = find_of_source(r.id(), r.user(), id);
    if (message == nullptr) {
        for (const Message& other : messages_)
            if (other.sink == r.id() && other.source_id == r.user() && other.id() == id) return kProtocol;
        return kNotFound;
    }
    if (message->stage == Stage::answered) return kTooLate;
    const bool received = message->stage == Stage::received;
    const VmId sink = message->sink;
    forget(*message);
    settle(sink);
    return received ? kReplyCanceled : kDone;
}

// ---- Messages ----

Vmcf::User* Vmcf::user_of(VmId id) {
    const auto at = users_.find(id);
    return at != users_.end() ? &at->second : nullptr;
}

Vmcf::Message* Vmcf::find_of_source(VmId source, const UserId& sink, uint32_t id) {
    for (Message& message : messages_)
        if (message.source == source && message.sink_id == sink && message.id() == id &&
            message.function() != identify)
            return &message;
    return nullptr;
}

Vmcf::Message* Vmcf::find_for_sink(const Request& r, ReturnCode& why) {
    why = kNotFound;
    for (Message& message : messages_) {
        if (message.sink != r.id() || message.source_id != r.user() ||
            message.id() != r.list.get32(kMessageId) || message.stage == Stage::answered ||
            message.function() == identify)
            continue;
        why = message.stage == Stage::sent ? kTooEarly : kDone;
        return message.stage == Stage::sent ? nullptr : &message;
    }
    return nullptr;
}

/// The source is to be interrupted for the last time.
void Vmcf::answer(Message& message, const std::array<uint8_t, 8>& doubleword) {
    message.stage = Stage::answered;
    message.answer = doubleword;
    queue(message.source, message);
}

/// Priority messages go in front of others, behind those that came before.
void Vmcf::queue(VmId id, Message& message) {
    std::deque<Message*>& pending = users_.at(id).pending;
    auto at = pending.end();
    if (message.has_priority())
        at =
            std::find_if(pending.begin(), pending.end(), [](const Message* m) { return !m->has_priority(); });
    pending.insert(at, &message);
    settle(id);
}

void Vmcf::forget(Message& message) {
    for (const VmId id : {message.source, message.sink})
        if (User* const user = user_of(id)) std::erase(user->pending, &message);
    if (User* const source = user_of(message.source)) --source->active;
    messages_.remove_if([&message](const Message& one) { return &one == &message; });
}

/// Whether an interruption is pending for the machine, and whether it waits for that.
void Vmcf::settle(VmId id) {
    VirtualMachine* const vm = nucleus_.machines.find(id);
    if (vm == nullptr) return;
    const User* const user = user_of(id);
    const bool pending = user != nullptr && !user->pending.empty();
    vm->message_interruptions =
        static_cast<uint8_t>((vm->message_interruptions & ~kVmcfMask) | (pending ? kVmcfMask : 0));
    if (pending && MachineStates::waits_for_interruption(*vm) && message_pending(*vm, vm->state))
        states_.wake(*vm);
}

void Vmcf::end(VirtualMachine& vm) {
    if (user_of(vm.id) == nullptr) return;
    for (auto at = messages_.begin(); at != messages_.end();) {
        Message& message = *at++;
        if (message.source == vm.id) {
            const VmId sink = message.sink;
            forget(message);
            settle(sink);
        } else if (message.sink == vm.id && message.function() == identify) {
            forget(message);
        } else if (message.sink == vm.id && message.stage != Stage::answered) {
            std::erase(users_.at(vm.id).pending, &message);
            message.error = kNoUser;
            answer(message, {});
        }
    }
    users_.erase(vm.id);
    settle(vm.id);
}

// ---- Interruptions ----

void Vmcf::present(Work& work, VirtualMachine& vm) {
    User* const user = user_of(vm.id);
    if (user == nullptr || user->pending.empty()) return settle(vm.id);
    work.step(Step::present_message);
    Message& message = *user->pending.front();
    user->pending.pop_front();
    MessageList header = message.list;
    const bool response = message.stage == Stage::answered;
    const uint16_t function = message.function();
    bool ends = response;
    if (response) {
        header.put(kUser, message.sink_id);
        header.put32(kLengthA, message.list.get32(kLengthA) - message.moved);
        header.put32(kLengthB, function == send_receive ? message.list.get32(kLengthB) - message.replied
                                                        : message.list.get32(kLengthB));
        header.put(kDoubleword, message.answer);
    } else {
        header.put(kUser, message.source_id);
    }
    if (!response && function == send_extended) {
        const MessageArea data{&nucleus_.machines[message.source],
                               message.list.get32(kAddressA) & isa::kAddressMask,
                               message.list.get32(kLengthA), message.key};
        if (data.length > user->length - MessageList::kBytes) {
            message.error = kTooLong;
        } else if (data.length != 0) {
            const CopiedMessage copied =
                copy_message(nucleus_, work, data, {&vm, user->buffer + MessageList::kBytes, data.length, 0});
            if (copied.ok())
                message.moved = data.length;
            else
                message.error =
                    static_cast<uint8_t>(code_of(copied.from != ChannelAccess::ok ? copied.from : copied.to));
        }
        answer(message, {});
    } else if (!response && function == identify) {
        ends = true;
    } else if (!response) {
        message.stage = Stage::presented;
    }
    header.put8(kFlags, (ends ? kResponse : 0u) | (message.rejected ? kRejected : 0u) |
                            (message.has_priority() ? kPriorityStatus : 0u));
    header.put8(kError, message.error);
    if (ends) forget(message);
    store_area({&vm, user->buffer, MessageList::kBytes, 0}, header.data());
    settle(vm.id);
}

}  // namespace vmcp
