// What the bits of a PSW mean (GA22-7000, figures of BC and EC mode).

import { L } from "./language";

export interface Psw {
  ec: boolean;
  problem: boolean;
  wait: boolean;
  dat: boolean;
  io: boolean;
  external: boolean;
  key: number;
  cc: number;
  address: string;
}

export function decode(image: string): Psw {
  const bit = (number: number): boolean => ((parseInt(image[number >> 2]!, 16) >> (3 - (number & 3))) & 1) === 1;
  const ec = bit(12);
  return {
    ec,
    problem: bit(15),
    wait: bit(14),
    dat: ec && bit(5),
    io: ec ? bit(6) : [0, 1, 2, 3, 4, 5, 6].some(bit),
    external: bit(7),
    key: parseInt(image[2]!, 16),
    cc: ec ? (parseInt(image[4]!, 16) & 3) : (parseInt(image[8]!, 16) & 3),
    address: image.slice(10),
  };
}

/// In the order in which one asks.
export function meaning(psw: Psw): string {
  const on = [psw.io ? L("I/O", "入出力") : "", psw.external ? L("external", "外部") : ""].filter(Boolean);
  return [psw.problem ? L("problem state", "問題状態") : L("supervisor state", "監視状態"), psw.ec ? "EC" : "BC", psw.wait ? L("waiting", "待ち") : "",
    psw.dat ? L("translation on", "アドレス変換オン") : "", L(`key ${psw.key.toString(16).toUpperCase()}`, `キー ${psw.key.toString(16).toUpperCase()}`), `CC ${psw.cc}`,
    on.length > 0 ? L(`enabled for ${on.join(", ")}`, `許可: ${on.join("、")}`) : L("disabled", "割込み禁止")].filter(Boolean).join(", ");
}
