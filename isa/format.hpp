// Instruction formats: how the bits of an instruction lie, and how its operands are written in assembler.
// GA22-7000 chapter 5, "Instructions". The second half of a name tells the operand syntax where one layout
// has several.
#pragma once

#include <cstdint>
#include <string_view>

namespace isa {

enum class Format : uint8_t {
    E,      // op16                                   no operands
    RR,     // op8  R1 R2                             R1,R2
    RR_R,   // op8  R1 --                             R1          (SPM)
    RR_M,   // op8  M1 R2                             M1,R2       (BCR)
    RR_I,   // op8  I                                 I           (SVC)
    RRE,    // op16 -------- R1 R2                    R1,R2
    RRE_R,  // op16 -------- R1 --                    R1
    RRE_0,  // op16 -------- -- --                    no operands
    RX,     // op8  R1 X2 B2 D2                       R1,D2(X2,B2)
    RX_M,   // op8  M1 X2 B2 D2                       M1,D2(X2,B2) (BC)
    RS,     // op8  R1 R3 B2 D2                       R1,R3,D2(B2)
    RS_R,   // op8  R1 -- B2 D2                       R1,D2(B2)   (shifts)
    RS_M,   // op8  R1 M3 B2 D2                       R1,M3,D2(B2) (CLM, ICM, STCM)
    SI,     // op8  I2 B1 D1                          D1(B1),I2
    SI_S,   // op8  -- B1 D1                          D1(B1)      (LPSW, SSM, TS)
    S,      // op16 B2 D2                             D2(B2)
    S_0,    // op16 ----                              no operands (PTLB, IPK)
    SS_L,   // op8  L  B1 D1 B2 D2                    D1(L,B1),D2(B2)
    SS_LL,  // op8  L1 L2 B1 D1 B2 D2                 D1(L1,B1),D2(L2,B2)
    SS_LI,  // op8  L1 I3 B1 D1 B2 D2                 D1(L1,B1),D2(B2),I3 (SRP)
    SS_R,   // op8  R1 R3 B1 D1 B2 D2                 D1(R1,B1),D2(B2),R3 (MVCK, MVCP, MVCS)
    SSE,    // op16 B1 D1 B2 D2                       D1(B1),D2(B2)
    RI,     // op8  R1 op4 I2                         R1,I2       (16-bit signed immediate)
    RI_U,   // op8  R1 op4 I2                         R1,I2       (16-bit mask: TMH, TML)
    RI_M,   // op8  M1 op4 I2                         M1,target   (BRC: halfword offset)
    RI_B,   // op8  R1 op4 I2                         R1,target   (BRAS, BRCT: halfword offset)
    RIL,    // op8  R1 op4 I2                         R1,target   (32-bit halfword offset)
    RIL_M,  // op8  M1 op4 I2                         M1,target   (BRCL)
    RSI,    // op8  R1 R3 I2                          R1,R3,target (BRXH, BRXLE)
    RXE,    // op8  R1 X2 B2 D2 -- op8                R1,D2(X2,B2) (opcode: first and last byte)
    RSE,    // op8  R1 R3 B2 D2 -- op8                R1,R3,D2(B2) (opcode: first and last byte)
};

/// Length in bytes of every instruction of the format: 2, 4 or 6. It agrees with the two high bits of the
/// opcode.
constexpr unsigned length_of(Format format) {
    switch (format) {
        case Format::E:
        case Format::RR:
        case Format::RR_R:
        case Format::RR_M:
        case Format::RR_I: return 2;
        case Format::RRE:
        case Format::RRE_R:
        case Format::RRE_0:
        case Format::RX:
        case Format::RX_M:
        case Format::RS:
        case Format::RS_R:
        case Format::RS_M:
        case Format::SI:
        case Format::SI_S:
        case Format::S:
        case Format::S_0:
        case Format::RI:
        case Format::RI_U:
        case Format::RI_M:
        case Format::RI_B:
        case Format::RSI: return 4;
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI:
        case Format::SS_R:
        case Format::SSE:
        case Format::RIL:
        case Format::RIL_M:
        case Format::RXE:
        case Format::RSE: return 6;
    }
    return 0;
}

/// True where the immediate operand counts halfwords from the instruction itself.
constexpr bool is_relative(Format format) {
    return format == Format::RI_M || format == Format::RI_B || format == Format::RIL ||
           format == Format::RIL_M || format == Format::RSI;
}

/// Length in bytes of the instruction that begins with this byte (GA22-7000 chapter 5, "Instruction
/// Formats").
constexpr unsigned length_of_opcode(uint8_t first_byte) {
    return first_byte < 0x40 ? 2 : first_byte < 0xC0 ? 4 : 6;
}

/// The name that the manual gives the layout.
constexpr std::string_view layout_name(Format format) {
    switch (format) {
        case Format::E: return "E";
        case Format::RR:
        case Format::RR_R:
        case Format::RR_M:
        case Format::RR_I: return "RR";
        case Format::RRE:
        case Format::RRE_R:
        case Format::RRE_0: return "RRE";
        case Format::RX:
        case Format::RX_M: return "RX";
        case Format::RS:
        case Format::RS_R:
        case Format::RS_M: return "RS";
        case Format::SI:
        case Format::SI_S: return "SI";
        case Format::S:
        case Format::S_0: return "S";
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI:
        case Format::SS_R: return "SS";
        case Format::SSE: return "SSE";
        case Format::RI:
        case Format::RI_U:
        case Format::RI_M:
        case Format::RI_B: return "RI";
        case Format::RIL:
        case Format::RIL_M: return "RIL";
        case Format::RSI: return "RSI";
        case Format::RXE: return "RXE";
        case Format::RSE: return "RSE";
    }
    return "";
}

/// How many bits of opcode the format has, beyond the first byte.
enum class OpcodeExtension : uint8_t { none, second_byte, low_digit, last_byte };

constexpr OpcodeExtension extension_of(Format format) {
    switch (format) {
        case Format::E:
        case Format::S:
        case Format::S_0:
        case Format::RRE:
        case Format::RRE_R:
        case Format::RRE_0:
        case Format::SSE: return OpcodeExtension::second_byte;
        case Format::RI:
        case Format::RI_U:
        case Format::RI_M:
        case Format::RI_B:
        case Format::RIL:
        case Format::RIL_M: return OpcodeExtension::low_digit;
        case Format::RXE:
        case Format::RSE: return OpcodeExtension::last_byte;
        default: return OpcodeExtension::none;
    }
}

}  // namespace isa
