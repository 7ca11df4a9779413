// What may be done to the files in the queues of a machine: PURGE, CHANGE, ORDER, TRANSFER.
#include <algorithm>
#include <tuple>
#include <utility>

#include "vmcp/service/spool_operands.hpp"

namespace vmcp::spool_commands {
namespace {

using Chosen = std::vector<SpoolFile*>;

/// The files of a queue that the command is for, which nobody is reading: all of them, those of a class, or
/// those named by their numbers.
Chosen choose(Command& c, SpoolQueue queue) {
    Chosen files = c.spool.queue_of(c.units.owner(), queue);
    const auto only = [&files](auto wanted) {
        std::erase_if(files, [&](const SpoolFile* file) { return !wanted(*file); });
    };
    if (c.takes("ALL", 3)) {
        only([](const SpoolFile& file) { return !file.in_use; });
        return files;
    }
    if (c.takes("CLASS", 2)) {
        const char wanted = c.spool_class(false);
        only([&](const SpoolFile& file) { return !file.in_use && file.spool_class == wanted; });
        return files;
    }
    Chosen named;
    while (const auto number = c.number(1, kMostSpoolNumber)) {
        const auto found = std::find_if(files.begin(), files.end(),
                                        [&](const SpoolFile* file) { return file->number == *number; });
        if (found == files.end() || (*found)->in_use)
            refuse(c.module, 42, fmt::format("SPOOLID {:04} DOES NOT EXIST", *number));
        if (std::find(named.begin(), named.end(), *found) == named.end()) named.push_back(*found);
    }
    if (!named.empty()) return named;
    if (c.more() && c.words[c.next].find_first_not_of("0123456789") != std::string::npos) c.invalid_option();
    refuse(c.module, 27, "SPOOLID MISSING OR INVALID");
}

/// "0002 FILES PURGED"
uint32_t told(const Command& c, size_t files, std::string_view what) {
    if (files == 0)
        c.say(fmt::format("NO FILES {}", what));
    else
        c.say(fmt::format("{:04} {} {}", files, files == 1 ? "FILE " : "FILES", what));
    return 0;
}

}  // namespace

uint32_t purge(Command& c) {
    // Also all that there is of all queues.
    std::vector<SpoolQueue> queues;
    if (c.takes("ALL", 3))
        queues = {SpoolQueue::reader, SpoolQueue::printer, SpoolQueue::punch};
    else
        queues = {c.queue()};
    Chosen files;
    if (queues.size() > 1) {
        for (const SpoolQueue queue : queues)
            for (SpoolFile* file : c.spool.queue_of(c.units.owner(), queue))
                if (!file->in_use) files.push_back(file);
    } else {
        files = choose(c, queues.front());
    }
    c.end();
    for (SpoolFile* file : files) c.spool.purge(*file);
    return told(c, files.size(), "PURGED");
}

uint32_t change(Command& c) {
    const SpoolQueue queue = c.queue();
    const Chosen files = choose(c, queue);
    std::optional<char> spool_class;
    std::optional<std::string> form;
    std::optional<unsigned> copies;
    std::optional<bool> hold;
    std::optional<std::pair<std::string, std::string>> name;
    if (!c.more()) refuse(c.module, 26, "OPERAND MISSING OR INVALID");
    while (c.more()) {
        if (c.takes("CLASS", 2))
            spool_class = c.spool_class(false);
        else if (c.takes("HOLD", 2))
            hold = true;
        else if (c.takes("NOHOLD", 3))
            hold = false;
        else if (c.takes("COPY", 2))
            copies = c.copies();
        else if (c.takes("FORM", 2))
            form = c.form();
        else if (c.takes("NAME", 1))
            c.name(name.emplace().first, name->second);
        else
            c.invalid_option();
    }
    for (SpoolFile* file : files) {
        file->spool_class = spool_class.value_or(file->spool_class);
        file->form = form.value_or(file->form);
        file->copies = copies.value_or(file->copies);
        file->hold = hold.value_or(file->hold);
        if (name) std::tie(file->name, file->type) = *name;
        c.spool.changed(*file);
    }
    told(c, files.size(), "CHANGED");
    // What is held no more goes on, behind the answer.
    for (SpoolFile* file : files) c.spool.offer(*file, c.work);
    return 0;
}

uint32_t order(Command& c) {
    const SpoolQueue queue = c.queue();
    Chosen files;
    // Any number of classes and files: they come first, in this order.
    if (!c.more()) refuse(c.module, 27, "SPOOLID MISSING OR INVALID");
    while (c.more())
        for (SpoolFile* file : choose(c, queue))
            if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    c.spool.order(files);
    return told(c, files.size(), "ORDERED");
}

uint32_t transfer(Command& c) {
    // VM/370 knows files of the reader only, and does not want that said.
    const SpoolQueue queue = c.takes_queue().value_or(SpoolQueue::reader);
    const Chosen files = choose(c, queue);
    if (!c.takes("TO", 1)) {
        if (!c.more()) refuse(c.module, 26, "OPERAND MISSING OR INVALID");
        c.invalid_option();
    }
    const std::string to = c.user();
    c.end();
    told(c, files.size(), "TRANSFERRED");
    for (SpoolFile* file : files) {
        c.spool.transfer(*file, to, SpoolQueue::reader);
        if (SpoolUser* const user = c.spool.user(to))
            user->tell(c.work, fmt::format("RDR FILE {:04} FROM {} COPY {:03} {}", file->number,
                                           c.units.owner(), file->copies, file->hold ? "HOLD" : "NOHOLD"));
        c.spool.offer(*file, c.work);
    }
    return 0;
}

}  // namespace vmcp::spool_commands
