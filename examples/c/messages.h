/* VMCF and IUCV for C guests: messages between virtual machines. docs/messages.md has functions, fields and codes. All
   addresses are real ones. Their interruptions come to wait_for_interruption(), as 0x10000 plus 0x4000 or 0x4001, with what
   they are for in the buffer that was declared. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "guest.h"

/* ---- VMCF ---- */

enum vmcf_function {
    VMCF_AUTHORIZE,
    VMCF_UNAUTHORIZE,
    VMCF_SEND,
    VMCF_SEND_RECEIVE,
    VMCF_SENDX,
    VMCF_RECEIVE,
    VMCF_CANCEL,
    VMCF_REPLY,
    VMCF_QUIESCE,
    VMCF_RESUME,
    VMCF_IDENTIFY,
    VMCF_REJECT
};
enum { VMCF_RESPONSE = 0x80, VMCF_REJECTED = 0x40, VMCF_SPECIFIC = 0x80, VMCF_PRIORITY = 0x40 };

/* The parameter list, and what an interruption leaves in the buffer. */
struct vmcf_list {
    uint8_t flags; /* of the request; or status */
    uint8_t error;
    uint16_t function;
    uint32_t message;
    uint8_t user[8]; /* who gets it, who sent it */
    uint32_t address, length;
    uint32_t reply_address, reply_length;
    uint8_t doubleword[8];
} __attribute__((aligned(8)));

/* The return code. */
unsigned vmcf(struct vmcf_list *list);

/* ---- IUCV ---- */

enum iucv_function {
    IUCV_QUERY,
    IUCV_TESTMSG,
    IUCV_RTRVBFR,
    IUCV_DESCRIBE,
    IUCV_SEND,
    IUCV_RECEIVE,
    IUCV_REPLY,
    IUCV_TESTCMPL,
    IUCV_REJECT,
    IUCV_PURGE,
    IUCV_ACCEPT,
    IUCV_CONNECT,
    IUCV_DCLBFR,
    IUCV_QUIESCE,
    IUCV_RESUME,
    IUCV_SEVER,
    IUCV_SETMASK,
    IUCV_SETCMASK
};
enum {
    IUCV_IN_LIST = 0x80,
    IUCV_ALL = 0x80,
    IUCV_QUIESCED = 0x40,
    IUCV_PRIORITY = 0x20,
    IUCV_ONE_WAY = 0x10,
    IUCV_BY_MESSAGE = 0x04,
    IUCV_BY_PATH = 0x02,
    IUCV_BY_CLASS = 0x01
};
/* Types of interruptions. */
enum {
    IUCV_PENDING_CONNECTION = 1,
    IUCV_CONNECTION_COMPLETE,
    IUCV_PATH_SEVERED,
    IUCV_PATH_QUIESCED,
    IUCV_PATH_RESUMED,
    IUCV_PRIORITY_COMPLETION,
    IUCV_COMPLETION,
    IUCV_PRIORITY_MESSAGE,
    IUCV_MESSAGE
};

/* The parameter list, and what an interruption leaves in the buffer: of paths, and of messages. */
union iucv_list {
    struct {
        uint16_t path;
        uint8_t flags, code; /* or type of interruption */
        uint16_t message_limit;
        uint8_t function_code, unused;
        uint8_t user[8];
        uint8_t data[16];
        uint8_t rest[8];
    } of_path;
    struct {
        uint16_t path;
        uint8_t flags, code;
        uint32_t message;
        uint32_t target_class; /* of a completion: the audit trail */
        uint32_t address, length; /* or eight bytes of data */
        uint32_t source_class, tag;
        uint32_t answer_address, answer_length;
        uint32_t unused;
    } of_message;
    uint8_t mask;
} __attribute__((aligned(8)));

/* The condition code. */
unsigned iucv(enum iucv_function function, union iucv_list *list);

/* ---- Both ---- */

/* Lets message interruptions through: 2 for IUCV, 1 for VMCF, 3 for both. */
void enable_messages(unsigned which);

/* A user id from a text. */
void user_id(uint8_t id[8], const char *name);

/* The real address of something. */
static inline uint32_t address_of(const void *at) { return (uint32_t)at & 0xFFFFFF; }

#endif
