// What happens at a moment, in Japanese. English sentences are the engine's; a step that has none here is told in English.

import { current } from "./language";
import type { Moment } from "./types";

const kSteps: Record<string, string> = {
  enter_from_trap: "ゲストから制御を受け取り、そのレジスタを退避して自分の制御ブロックを探します",
  fetch_and_decode: "トラップした命令を取り出して解読します",
  decode_io: "トラップした入出力命令を取り出して解読します",
  fetch_operand: "ゲストのアドレスを変換し、オペランドを読み書きします",
  interpret_fetch: "解釈実行するゲストの次の命令を取り出して解読します",
  interpret_operand: "解釈実行: オペランドのアドレスを変換し、キーを調べます",
  interpret_walk: "解釈実行: ゲスト自身のテーブルをたどります",
  interpret_general: "解釈実行: 汎用命令を仮想レジスタの上で実行します",
  interpret_branch: "解釈実行: 分岐します",
  interpret_field: "解釈実行: 文字や 10 進数の命令を実行します",
  interpret_long: "解釈実行: MVCL または CLCL の 1 単位を実行します",
  interpret_float: "解釈実行: 浮動小数点命令を実行します",
  interpret_execute: "EXECUTE を解釈実行: 対象の命令を取り出して解読します",
  translate_instruction: "ゲストの監視状態の命令を変換してキャッシュに置きます",
  find_code_page: "アドレスに対応する変換済みコードのページを探します",
  translated_call: "変換済みコードからトラップなしで呼ばれ、そこへ戻ります",
  translated_sequence: "置き換えた命令の代わりの列をその場で実行します",
  checked_store: "変換元のページへの書込みをその場で行います",
  reflect_svc: "専用の経路で監視プログラム呼出しをゲストへ渡し、PSW を入れ替えます",
  reflect_program: "プログラム割込みをゲストへ渡し、ゼロページの PSW を入れ替えます",
  reflect_external: "外部割込みをゲストへ渡し、ゼロページの PSW を入れ替えます",
  reflect_io: "入出力割込みをゲストへ渡し、CSW を置いて PSW を入れ替えます",
  take_timer_request: "クロックコンパレータの要求をタイマ要求の列から外します",
  simulate_lpsw: "LPSW をシミュレートし、仮想 PSW を検査して入れ替えます",
  simulate_ssm: "SSM をシミュレートし、仮想システムマスクを変えます",
  simulate_mask_store: "STNSM または STOSM をシミュレートし、仮想システムマスクを格納して変えます",
  find_pending: "割込みを通すようになったので、ゲストに対して保留中のものをすべて調べます",
  simulate_control: "LCTL、STCTL などの制御命令をレジスタごとにシミュレートします",
  simulate_key: "記憶キーを設定・参照する命令をシミュレートします",
  simulate_rrb: "RRB をシミュレートします",
  simulate_spka: "SPKA をシミュレートします",
  simulate_ipk: "IPK をシミュレートします",
  simulate_cpu_timer: "CPU タイマや時刻機構の設定・格納をシミュレートします",
  simulate_stckc: "STCKC をシミュレートし、クロックコンパレータを格納します",
  simulate_sckc: "SCKC をシミュレートし、タイマ要求を列に入れます",
  simulate_identification: "STIDP など、CPU の素性を告げる命令をシミュレートします",
  identify_channel: "STIDC をシミュレートします",
  simulate_translation: "LRA、PTLB、IPTE などのアドレス変換命令をシミュレートします",
  simulate_diagnose: "DIAGNOSE に応えます",
  tell_time: "時刻と課金情報を告げます (DIAGNOSE X'0C')",
  take_hypercall: "ハイパーコールを受け取り、求められたものを検査します",
  set_page_entry: "ゲストに代わってページテーブルの項目を作る、または消します",
  update_shared_page: "ゲストと共有するページを最新にします",
  send_event: "別のマシンへの通知を記録します",
  fill_call_table: "ゲストの呼出し表をコードで満たします",
  take_message_function: "VMCF または IUCV の機能を受け取り、パラメータリストを検査します",
  queue_message: "マシン、パス、メッセージを探し、メッセージを列から列へ移します",
  copy_message: "メッセージを最大 2K、一方のマシンの記憶域から他方へ複写します",
  present_message: "メッセージ割込みの内容をゲストのバッファに格納します",
  watch_block: "監視しているディスクの1ブロックを、調べるために自分のバッファに通します",
  encipher_block: "ディスクの1ブロック（512バイト）を暗号化または復号します",
  grant_page: "マシンの許可表にページを登録するか、表から外します",
  find_grant: "参照番号がだれのどの許可かを探し、許される操作を調べます",
  map_grant: "ほかのマシンのページを自分のページの場所に置くか、それをやめます",
  ring_configure: "共有リングをもつ装置を設定するか、それが何かを答えます",
  ring_doorbell: "共有リングのドアベルに応じ、装置とその待ち行列を見つけます",
  ring_descriptor: "共有リングの記述子を1つ取り、検査します",
  ring_copy: "共有リングのために、ゲストの記憶域とバッファの間で256バイトまでを写します",
  ring_request: "共有リングの要求のために、自分のチャネル・プログラムを作ります",
  ring_frame: "フレームを、ゲスト間のスイッチを通して1台に渡します",
  ring_used: "記述子の鎖を使用済みリングで返します",
  ring_signal: "使用済みリングをゲストに知らせます。標識を立て、割込みを待たせます",
  cp_command: "CP コマンドを実行します",
  start_io: "SIO をシミュレートします: 仮想装置を探し、CAW を検査し、要求を作ります",
  start_spool: "スプール装置への SIO をシミュレートします: 実チャネルプログラムは作りません",
  find_device: "実装置への SIO をシミュレートします: 仮想装置を探し、CAW を検査します",
  translate_control_ccw: "データを動かさない CCW を写します",
  translate_data_ccw: "データのある CCW を写します: アドレスを変換し、ページを固定します",
  cross_page: "CCW のデータが次のページに続くので、間接アドレス語を作ります",
  relocate_ccw: "シークや範囲の引数を写し、ミニディスクの位置へずらします",
  compare_ccw: "以前に変換した CCW がまだ有効だと確かめます",
  scan_ccw: "ゲストの CCW を読み、チャネルが触れるかもしれないページを知ります",
  find_io_page: "ページがもう入出力テーブルにあることを見つけます",
  map_io_page: "ページを入出力テーブルに入れます: フレームを探し、そこに固定します",
  unmap_io_page: "ページを入出力テーブルから外し、フレームの固定を解きます",
  purge_io_tlb: "入出力テーブルについて覚えていることを、チャネルに忘れさせます",
  queue_io: "実装置への要求を列に入れます",
  start_device: "実装置でチャネルプログラムを始めます",
  take_io_interruption: "実マシンの入出力割込みを受け取り、装置と要求を探します",
  end_device: "要求を終えて装置から外し、仮想割込みを列に入れます",
  untranslate_csw: "実チャネルの CSW をゲストのものに直します",
  release_control_ccw: "データを動かさなかった CCW を捨てます",
  release_data_ccw: "データのある CCW を捨て、ページの固定を解きます",
  end_io: "仮想の入出力を終えます: CSW を直し、割込みを列に入れます",
  test_io: "TIO または CLRIO をシミュレートします",
  test_channel: "TCH または CLRCH をシミュレートします",
  halt_io: "HIO または HDV をシミュレートします",
  console_line: "仮想コンソールに 1 行書きます",
  console_character: "その行の 1 文字を変換します",
  spool_record: "レコードをスプールファイルとの間で移します",
  open_spool_file: "スプールファイルを開きます",
  close_spool_file: "スプールファイルを閉じます",
  timer_update: "仮想タイマを最新にします",
  timer_interruption: "実マシンのタイマ割込みを処理します",
  dispatch: "次に動かすものを選び、CPU を渡します",
  switch_machine: "別の仮想マシンのレジスタとアドレス空間に切り替えます",
  schedule: "待ちに入るマシンをディスパッチリストから外します",
  wake_machine: "待っていたマシンをディスパッチリストに載せます",
  slice_end: "タイムスライスを終えます",
  fill_page: "仮想ページに最初の実ページ枠を与えます",
  walk_guest_tables: "自分で変換するゲストのテーブルをたどります",
  shadow_fill: "シャドウテーブルの項目を満たします",
  shadow_purge: "シャドウテーブルを破棄します",
  examine_frame: "手放すかもしれないページ枠を調べます",
  take_frame: "ページからページ枠を取り上げます",
  page_in: "ページング装置からページを読み込みます",
  page_out: "ページング装置へページを書き出します",
  check_shared_page: "共有セグメントのページが変えられたか調べます",
  attach_segment: "名前付きセグメントをマシンに与える、または外します",
  idle: "動かすものがないので待ちます",
  stop_machine: "仮想マシンを止め、理由を報告します",
  world_switch: "ホストと実 CPU 上で入れ替わります (往復)",
  return_to_process: "ホストを経て、ゲストの装置を受け持つプロセスへ行きます",
  host_call: "そのプロセスからホストを経て再び呼ばれます",
  host_schedule: "自分というタスクをホストが選ぶまで待ちます",
};

function inJapanese(moment: Moment, machine: string, duration: (ns: number) => string): string {
  const mnemonic = (moment.name ?? "").split(" ")[0];
  switch (moment.kind) {
    case "instruction": return `${machine} が ${moment.address} の ${mnemonic} を、実 CPU の上でそのまま実行します。`;
    case "trap": return `${machine} は実マシンの問題状態で動いています。${moment.name} で割込みが起き、ハードウェアが実 PSW を格納して新しい実 PSW をロードします。ここからは制御プログラムが動きます。`;
    case "step": return kSteps[moment.name ?? ""] ? `制御プログラムは${moment.times ? ` (${moment.times} 回) ` : ""}${kSteps[moment.name!]}。` : moment.text;
    case "followed": return `次の命令 ${mnemonic} もトラップするはずなので、続けてシミュレートします。`;
    case "interpreted": return `制御プログラムが ${machine} の ${moment.address} の ${mnemonic} を解釈実行します。`;
    case "reflection": return `制御プログラムは、ゲスト自身のマシンがするはずだったように、${machine} に割込み (${moment.name}) を与えます。仮想 PSW がゲストのゼロページに格納され、新しい仮想 PSW がロードされます。`;
    case "resumption": return `${machine} が ${moment.address} から続きます。制御プログラムはレジスタと、問題状態でアドレス変換が有効な実 PSW をロードします。`;
    case "channel-program": return `${machine} の装置 ${moment.name} のチャネルプログラムの、実アドレスによる写しができました。`;
    case "idle": return `誰もすることがありません。実 CPU は ${duration(moment.cost_ns ?? 0)} 待ちます。`;
    case "stop": return `${machine} が止まりました: ${moment.name}。`;
    default: return moment.text;
  }
}

/// The sentence in the language that is chosen.
export const sentence = (moment: Moment, machine: string, duration: (ns: number) => string): string =>
  current() === "ja" ? inJapanese(moment, machine, duration) : moment.text;

export const kindName = (kind: string): string => {
  const names: Record<string, [string, string]> = {
    instruction: ["guest instruction", "ゲストの命令"], trap: ["trap: the hardware", "トラップ: ハードウェア"], step: ["control program", "制御プログラム"],
    followed: ["control program", "制御プログラム"], interpreted: ["control program interprets", "解釈実行"], reflection: ["interruption for the guest", "ゲストへの割込み"],
    resumption: ["the guest goes on", "ゲストの続行"], "channel-program": ["channel program", "チャネルプログラム"], idle: ["idle", "遊休"], stop: ["end of the machine", "マシンの終わり"],
  };
  const found = names[kind] ?? [kind, kind];
  return current() === "ja" ? found[1] : found[0];
};
