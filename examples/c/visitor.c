/* Visitor: asks another machine (examples/guests/desk.asm) by messages, by VMCF and by IUCV, and says what it was
   answered; the same as examples/guests/caller.asm in C. -DDESK='"NAME"', -DQUESTIONS=n. */
#include "messages.h"

#ifndef DESK
#define DESK "DESK"
#endif
#ifndef QUESTIONS
#define QUESTIONS 3
#endif

static struct vmcf_list heard;
static union iucv_list told;
static uint8_t question[16], answer[16];

static const char *readable(unsigned length) {
    static char text[sizeof answer + 1];
    for (unsigned i = 0; i < length; ++i) {
        text[i] = '?';
        for (char c = ' '; c <= '~'; ++c)
            if (to_ebcdic(c) == answer[i]) text[i] = c;
    }
    text[length] = 0;
    return text;
}

static int by_vmcf(void) {
    struct vmcf_list list = {.function = VMCF_AUTHORIZE, .address = address_of(&heard), .length = sizeof heard};
    if (vmcf(&list) != 0) return 1;
    for (uint32_t n = 1; n <= QUESTIONS; ++n) {
        list = (struct vmcf_list){.function = VMCF_SEND_RECEIVE,
                                  .message = n,
                                  .address = address_of(question),
                                  .length = sizeof question,
                                  .reply_address = address_of(answer),
                                  .reply_length = sizeof answer};
        user_id(list.user, DESK);
        if (vmcf(&list) != 0) return 1;
        if (wait_for_interruption() != 0x14001 || heard.flags != VMCF_RESPONSE || heard.error != 0) return 1;
    }
    printf_console("VISITOR: BY VMCF: %s\n", readable(sizeof answer - heard.reply_length));
    return 0;
}

static int by_iucv(void) {
    union iucv_list list = {.of_message = {.address = address_of(&told)}};
    if (iucv(IUCV_DCLBFR, &list) != 0) return 2;
    list = (union iucv_list){.of_path = {.message_limit = 4}};
    user_id(list.of_path.user, DESK);
    if (iucv(IUCV_CONNECT, &list) != 0) return 2;
    if (wait_for_interruption() != 0x14000 || told.of_path.code != IUCV_CONNECTION_COMPLETE) return 2;
    const uint16_t path = told.of_path.path;
    for (uint32_t n = 1; n <= QUESTIONS; ++n) {
        list = (union iucv_list){.of_message = {.path = path,
                                                .target_class = n,
                                                .address = address_of(question),
                                                .length = sizeof question,
                                                .answer_address = address_of(answer),
                                                .answer_length = sizeof answer}};
        if (iucv(IUCV_SEND, &list) != 0) return 2;
        if (wait_for_interruption() != 0x14000 || told.of_message.code != IUCV_COMPLETION) return 2;
        if (told.of_message.target_class != 0) return 2; /* the audit trail */
    }
    printf_console("VISITOR: BY IUCV: %s\n", readable(sizeof answer - told.of_message.answer_length));
    list = (union iucv_list){.of_path = {.path = path}};
    return iucv(IUCV_SEVER, &list) != 0 ? 2 : 0;
}

int main(void) {
    for (unsigned i = 0; i < sizeof question; ++i) question[i] = to_ebcdic("HOW MANY SO FAR?"[i]);
    enable_messages(3);
    const int wrong = by_vmcf();
    if (wrong) return wrong;
    return by_iucv();
}
