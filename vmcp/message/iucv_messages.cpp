// Messages of IUCV: sending, receiving, replying, and what becomes of those that are not.
#include <algorithm>

#include "vmcp/message/iucv.hpp"

namespace vmcp {

using isa::ProgramCode;
namespace field = iucv_list;

namespace {

bool is_negative(uint32_t length) { return static_cast<int32_t>(length) < 0; }
bool is_too_long(uint32_t length) { return is_negative(length) || length > kMostMessageBytes; }

}  // namespace

// ---- Sending ----

Iucv::Answer Iucv::do_send(Request& r) {
    Path* const path = path_of(r.self, r.path());
    const uint8_t flags = r.flags();
    const bool in_list = (flags & field::data_in_list) != 0, one_way = (flags & field::one_way) != 0;
    if (path == nullptr || path->state != Path::State::established) return refused(kNoPath);
    if (path->quiesced) return refused(kQuiesced);
    if ((flags & field::priority) != 0 && !path->priority) return refused(kPriority);
    if ((!in_list && is_too_long(r.list.get32(field::length))) ||
        (!one_way && is_too_long(r.list.get32(field::answer_length))))
        return refused(kLength);
    if (in_list && !path->other->paths.at(path->other_id).list_data) return refused(kListData);
    if (path->outstanding >= path->limit) return refused(kLimit);
    ++path->outstanding;
    const uint32_t id = ++r.self.last_message;
    Message message{
        .id = id,
        .source = &r.self,
        .source_path = r.path(),
        .target_path = path->other_id,
        .one_way = one_way,
        .priority = (flags & field::priority) != 0,
        .list_data = in_list,
        .data = r.list.get<8>(field::list_data),
        .target_class = r.list.get32(field::target_class),
        .source_class = r.list.get32(field::source_class),
        .tag = r.list.get32(field::tag),
        .send_at = r.list.get32(field::buffer) & isa::kAddressMask,
        .send_length = in_list ? 8 : r.list.get32(field::length),
        .answer_at = r.list.get32(field::answer) & isa::kAddressMask,
        .answer_length = one_way ? 0 : r.list.get32(field::answer_length),
        .key = r.cpu.psw().key,
    };
    Messages& queue = path->other->incoming;
    auto at = queue.end();
    if (message.priority)
        at = std::find_if(queue.begin(), queue.end(), [](const Message& one) { return !one.priority; });
    queue.insert(at, std::move(message));
    r.list.put32(field::message_id, id);
    settle(*path->other);
    return done();
}

// ---- Finding ----

/// By message, path and class together, or by path, class, both or nothing.
Iucv::Found Iucv::find(const Request& r, std::initializer_list<Messages*> places, bool source,
                       bool completely, bool partly_received_too) {
    const uint8_t flags = completely ? field::by_message | field::by_path | field::by_class : r.flags();
    const bool by_message = (flags & field::by_message) != 0, by_path = (flags & field::by_path) != 0,
               by_class = (flags & field::by_class) != 0;
    if (by_message && !(by_path && by_class)) r.cpu.program_check(ProgramCode::specification);
    if (by_path && path_of(r.self, r.path()) == nullptr) return {.why = refused(kNoPath)};
    const uint32_t wanted_class = r.list.get32(source ? field::source_class : field::target_class);
    Found found;
    for (Messages* const place : places)
        for (auto at = place->begin(); at != place->end(); ++at) {
            const bool path = !by_path || (source ? at->source_path : at->target_path) == r.path();
            const bool its_class =
                !by_class || (source ? at->source_class : at->target_class) == wanted_class;
            const bool id = !by_message || at->id == r.list.get32(field::message_id);
            if (by_message && id && !(path && its_class)) found.why = refused(kIdentification);
            if (!by_message && at->received != 0 && !partly_received_too) continue;
            if (path && its_class && id) return {.where = place, .at = at};
        }
    return found;
}

// ---- Of who gets it ----

Iucv::Answer Iucv::do_describe(Request& r) {
    Messages& queue = r.self.incoming;
    const auto at =
        std::find_if(queue.begin(), queue.end(), [](const Message& one) { return !one.described; });
    if (at == queue.end()) return none();
    MessageList told;
    describe_message(*at, told);
    told.put8(field::code, 0);
    r.list = told;
    note_described(r.self, at);
    settle(r.self);
    return done();
}

/// As the interruption tells of it, too. All that identifies it is marked as being there.
void Iucv::describe_message(const Message& one, MessageList& out) const {
    out.put16(field::path, one.target_path);
    out.put8(field::flags, (one.one_way ? field::one_way : 0u) | (one.priority ? field::priority : 0u) |
                               (one.list_data ? field::data_in_list : 0u) | field::by_message |
                               field::by_path | field::by_class);
    out.put32(field::message_id, one.id);
    out.put32(field::target_class, one.target_class);
    if (one.list_data)
        out.put(field::list_data, one.data);
    else
        out.put32(field::length, one.send_length);
    out.put32(field::answer_length, one.answer_length);
}

void Iucv::note_described(Communicator& self, Messages::iterator at) {
    at->described = true;
    if (!at->list_data) return;
    at->received = at->send_length;
    if (at->one_way)
        complete(self.incoming, at);
    else
        self.received.splice(self.received.end(), self.incoming, at);
}

Iucv::Answer Iucv::do_receive(Request& r) {
    const Found found = find(r, {&r.self.incoming}, false, false, false);
    if (!found) return found.why;
    Message& one = *found.at;
    if (one.list_data) return take_list_data(r, found);
    const uint32_t room = r.list.get32(field::length), left = one.send_length - one.received;
    if (is_negative(room)) return refused(kLength);
    const uint32_t n = std::min(room, left);
    const uint32_t to_at = r.list.get32(field::buffer) & isa::kAddressMask;
    const MessageArea to{&r.self.vm, to_at, n, r.cpu.psw().key};
    const MessageArea from{&one.source->vm, one.send_at + one.received, left, one.key};
    if (n != 0) {
        require_own(r, one, to, true);
        const CopiedMessage copied = copy_message(nucleus_, r.work(), from, to);
        if (!copied.ok()) {
            // The message is at fault, and comes back to who sent it.
            const bool addressing = copied.from == ChannelAccess::addressing;
            one.audit |= addressing ? field::send_addressing : field::send_protection;
            complete(*found.where, found.at);
            settle(r.self);
            return refused(addressing ? kSendAddress : kSendProtection);
        }
    }
    one.described = true;
    one.received += n;
    const bool all = one.received == one.send_length;
    r.list.put16(field::path, one.target_path);
    r.list.put32(field::message_id, one.id);
    r.list.put32(field::target_class, one.target_class);
    r.list.put32(field::buffer, to_at + n);
    r.list.put32(field::length, all ? room - n : one.send_length - one.received);
    r.list.put32(field::answer_length, one.answer_length);
    const unsigned identification = all ? 0u : field::by_message | field::by_path | field::by_class;
    r.list.put8(field::flags,
                (one.one_way ? field::one_way : 0u) | (one.priority ? field::priority : 0u) | identification);
    if (all && one.one_way)
        complete(*found.where, found.at);
    else if (all)
        r.self.received.splice(r.self.received.end(), r.self.incoming, found.at);
    settle(r.self);
    return all ? done() : refused(kTooShort);
}

void Iucv::require_own(const Request& r, Message& message, const MessageArea& area, bool storing) {
    const ChannelAccess access = check_area(area, storing);
    if (access == ChannelAccess::ok) return;
    const bool addressing = access == ChannelAccess::addressing;
    if (storing)
        message.audit |= addressing ? field::receive_addressing : field::receive_protection;
    else
        message.audit |= addressing ? field::reply_addressing : field::reply_protection;
    r.cpu.program_check(addressing ? ProgramCode::addressing : ProgramCode::protection);
}

Iucv::Answer Iucv::take_list_data(Request& r, const Found& found) {
    MessageList told = r.list;
    describe_message(*found.at, told);
    told.put8(field::flags,
              told.get8(field::flags) & ~(field::by_message | field::by_path | field::by_class));
    r.list = told;
    note_described(r.self, found.at);
    settle(r.self);
    return done();
}

/// Whether it has been received or not.
Iucv::Answer Iucv::do_reply(Request& r) {
    const bool in_list = (r.flags() & field::data_in_list) != 0;
    const Found found = find(r, {&r.self.received, &r.self.incoming}, false, true, true);
    if (!found) return found.why;
    Message& one = *found.at;
    if (one.one_way) return refused(kIdentification);
    const bool priority = (r.flags() & field::priority) != 0;
    if (priority && !path_of(r.self, one.target_path)->priority) return refused(kPriority);
    const uint32_t length = in_list ? 8 : r.list.get32(field::answer_length);
    if (is_too_long(length)) return refused(kLength);
    ReturnCode code = kDone;
    if (in_list) {
        if (!one.source->paths.at(one.source_path).list_data) {
            one.audit |= field::list_reply_refused;
            code = kListData;
        } else {
            one.list_reply = true;
            one.reply_data = r.list.get<8>(field::list_data);
        }
    } else {
        const MessageArea from{&r.self.vm, r.list.get32(field::answer) & isa::kAddressMask, length,
                               r.cpu.psw().key};
        const MessageArea to{&one.source->vm, one.answer_at, std::min(length, one.answer_length), one.key};
        if (length != 0) require_own(r, one, from, false);
        const CopiedMessage copied =
            to.length != 0 ? copy_message(nucleus_, r.work(), from, to) : CopiedMessage{};
        const bool too_long = length > one.answer_length;
        if (!copied.ok())
            one.audit |=
                copied.to == ChannelAccess::addressing ? field::answer_addressing : field::answer_protection;
        else if (too_long)
            one.audit |= field::reply_too_long;
        if (copied.ok() && too_long) code = kTooShort;
        one.residual = !copied.ok() ? one.answer_length
                       : too_long   ? length - one.answer_length
                                    : one.answer_length - length;
        r.list.put32(field::answer, from.at + to.length);
        r.list.put32(field::answer_length, one.residual);
    }
    one.priority_reply = priority;
    complete(*found.where, found.at);
    settle(r.self);
    return code == kDone ? done() : refused(code);
}

Iucv::Answer Iucv::do_reject(Request& r) {
    const Found found = find(r, {&r.self.incoming, &r.self.received}, false, false, true);
    if (!found) return found.why;
    Message& one = *found.at;
    r.list.put16(field::path, one.target_path);
    r.list.put32(field::message_id, one.id);
    r.list.put32(field::target_class, one.target_class);
    one.audit |= field::rejected;
    complete(*found.where, found.at);
    settle(r.self);
    return done();
}

// ---- Of who sent it ----

/// Withdraws a message that is not complete. The path must be named.
Iucv::Answer Iucv::do_purge(Request& r) {
    if ((r.flags() & field::by_path) == 0) r.cpu.program_check(ProgramCode::specification);
    Path* const path = path_of(r.self, r.path());
    if (path == nullptr) return refused(kNoPath);
    if (path->other == nullptr) return none();
    Communicator& target = *path->other;
    // Others' messages are no concern of this machine's.
    Found found;
    const bool by_message = (r.flags() & field::by_message) != 0;
    const bool by_class = (r.flags() & field::by_class) != 0;
    if (by_message && !by_class) r.cpu.program_check(ProgramCode::specification);
    for (Messages* const place : {&target.incoming, &target.received})
        for (auto at = place->begin(); at != place->end() && !found; ++at) {
            if (at->source != &r.self || at->source_path != r.path()) continue;
            if (by_message && at->id != r.list.get32(field::message_id)) continue;
            if (by_class && at->source_class != r.list.get32(field::source_class)) {
                if (by_message) return refused(kIdentification);
                continue;
            }
            found = {.where = place, .at = at};
        }
    if (!found) return none();
    const Message one = *found.at;
    drop(*found.where, found.at);
    settle(target);
    describe_completion(one, r.list);
    return done();
}

Iucv::Answer Iucv::do_test_completion(Request& r) {
    const Found found = find(r, {&r.self.completed}, true, false, true);
    if (!found) return found.why;
    const Message one = *found.at;
    drop(*found.where, found.at);
    settle(r.self);
    describe_completion(one, r.list);
    return {one.audit != 0 ? 3u : 0u};
}

/// As the interruption tells of it, too.
void Iucv::describe_completion(const Message& one, MessageList& out) {
    const bool priority = one.priority || one.priority_reply;
    out.put16(field::path, one.source_path);
    out.put8(field::flags, (one.one_way ? field::one_way : 0u) | (priority ? field::priority : 0u) |
                               (one.list_reply ? field::data_in_list : 0u));
    out.put32(field::message_id, one.id);
    out.put32(field::audit, uint32_t{one.audit} << 16);
    if (one.list_reply) out.put(field::list_data, one.reply_data);
    out.put32(field::source_class, one.source_class);
    out.put32(field::tag, one.tag);
    out.put32(field::answer_length, one.residual);
}

void Iucv::complete(Messages& from, Messages::iterator at) {
    Messages& to = at->source->completed;
    Communicator& source = *at->source;
    const auto goes_first = [](const Message& one) { return one.priority || one.priority_reply; };
    auto where = to.end();
    if (goes_first(*at))
        where = std::find_if(to.begin(), to.end(), [&](const Message& one) { return !goes_first(one); });
    to.splice(where, from, at);
    settle(source);
}

/// It was the last that anybody knew of it.
void Iucv::drop(Messages& from, Messages::iterator at) {
    if (Path* const path = path_of(*at->source, at->source_path)) --path->outstanding;
    from.erase(at);
}

}  // namespace vmcp
