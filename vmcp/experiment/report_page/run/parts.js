// The parts of the report of a run: what vmcp report and the page of the engine (vmcp/web) show of a result. Plain JavaScript, no
// library: the program carries it. Text of the result only ever becomes text.
"use strict";
const vmcp_parts = (() => {
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes))
      if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value);
    element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }
  const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const draw = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // Figures, written as the text report writes them.

  function duration(ns) {
    if (ns < 0) return "\u2212" + duration(-ns);
    if (ns < 1000) return Math.round(ns) + "\u00a0ns";
    const units = ["us", "ms", "s"];
    let value = ns / 1000, unit = 0;
    while (unit < 2 && value >= 999.95) {
      value /= 1000;
      ++unit;
    }
    return value.toFixed(value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0) + "\u00a0" + units[unit];
  }
  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const share = (part, whole) => {
    const percent = (100 * part) / whole;
    return whole <= 0 ? "-" : percent > 0 && percent < 0.05 ? "<0.1\u00a0%" : percent.toFixed(1) + "\u00a0%";
  };
  const ratio = (x) => (x === null || x === undefined ? "-" : x.toFixed(x < 99.95 ? 2 : 0));

  // Words of both languages.

  const kCausesInJapanese = {
    reflect_program: "プログラム割込みをゲストへ反映", reflect_supervisor_call: "監視プログラム呼出し (SVC) をゲストへ反映",
    reflect_external: "外部割込みをゲストへ提示", reflect_io: "入出力割込みをゲストへ提示", message: "メッセージ割込みをゲストへ提示", iucv: "IUCV の機能", interpretation: "ゲスト命令の解釈実行",
    translation: "ゲストコードの変換と保持", page_fill: "ページの最初の参照", page_in: "ページング装置からの読込み",
    page_out: "ページ枠の取上げ", pseudo_page_fault: "疑似ページ不在の通知", shared_segment: "共有セグメントの監視と複写",
    shadow_fill: "シャドウテーブルの充填", shadow_purge: "シャドウテーブルの破棄", ccw: "仮想装置のチャネルプログラム", rings: "共有リングの処理",
    real_io: "実装置の割込みと起動", console: "コンソールの行", command: "利用者の CP コマンド", spool: "スプールのカードと行",
    timer: "実マシンのタイマ割込み", virtual_timer: "仮想タイマの更新", dispatch: "ディスパッチと切替え", slice_end: "タイムスライスの終わり",
    schedule: "スケジューラのリスト間の移動", ipl: "初期プログラムロード", stop: "仮想マシンの停止", idle: "遊休待ちに入る",
  };
  const kStatesInJapanese = { running: "実行中", ready: "実行可能", waiting: "待ち", page_wait: "ページ待ち", stopped: "停止", created: "未開始" };

  function cause_text(name, words, language) {
    if (language === "ja") return kCausesInJapanese[name] || `${name} のシミュレーション`;
    return (words && words.causes && words.causes[name]) || name;
  }

  // Pieces of the page.

  /// A table that scrolls by itself where the window is narrow, below a note that says what its figures are.
  function table_of(what, note, columns, rows, attributes = {}) {
    return [note ? make("p", { class: "soft note" }, note) : null,
      make("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": what },
        make("table", { "aria-label": what, ...attributes },
          make("thead", {}, make("tr", {}, columns.map((column) => (Array.isArray(column) ? make("th", { scope: "col", class: "words" }, column[0]) : make("th", { scope: "col" }, column))))),
          make("tbody", {}, rows)))];
  }
  const facts = (pairs) => make("dl", { class: "facts" }, pairs.filter((pair) => pair !== null).map(([what, value]) =>
    make("div", {}, make("dt", {}, what), make("dd", {}, value))));
  const section = (title, ...children) => make("section", { "aria-label": title }, make("h2", {}, title), children);

  let hatchings = 0;
  function hatching() {
    const id = `hatching-${++hatchings}`;
    return [id, draw("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      draw("rect", { width: 6, height: 6, class: "cp" }), draw("line", { x1: 0, x2: 0, y1: 0, y2: 6, class: "hatch" }))];
  }
  function legend(L) {
    const swatch = (attributes, ...children) => draw("svg", { width: 30, height: 14, "aria-hidden": "true" }, ...children,
      draw("rect", { width: 30, height: 14, ...attributes }));
    const [id, pattern] = hatching();
    return make("ul", { class: "legend", "aria-label": L("Legend", "凡例") },
      [[swatch({ class: "guest" }), L("guests", "ゲスト")],
        [swatch({ fill: `url(#${id})` }, draw("defs", {}, pattern)), L("control program", "制御プログラム")],
        [swatch({ class: "idle" }), L("idle", "遊休")]].map(([mark, text]) => make("li", {}, mark, text)));
  }

  /// The whole run as one bar.
  function overhead(result, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const totals = result.totals;
    const parts = [["guest", totals.guest_ns], ["cp", totals.cp_ns], ["idle", totals.idle_ns]];
    const whole = Math.max(1, totals.simulated_ns);
    const [id, pattern] = hatching();
    let x = 0;
    const bars = parts.map(([name, ns]) => {
      const width = (1000 * ns) / whole;
      const bar = draw("rect", { x, y: 0, width, height: 34, class: name, ...(name === "cp" ? { style: `fill: url(#${id})` } : {}) });
      x += width;
      return bar;
    });
    const said = L(
      `Guests ${share(totals.guest_ns, whole)}, control program ${share(totals.cp_ns, whole)}, idle ${share(totals.idle_ns, whole)} of ${duration(totals.simulated_ns)} of simulated time.`,
      `シミュレーション時間 ${duration(totals.simulated_ns)} のうち、ゲスト ${share(totals.guest_ns, whole)}、制御プログラム ${share(totals.cp_ns, whole)}、遊休 ${share(totals.idle_ns, whole)}。`);
    return [make("div", { class: "chart" },
      draw("svg", { viewBox: "0 0 1000 34", preserveAspectRatio: "none", style: "height: 34px", role: "img", "aria-label": said },
        draw("defs", {}, pattern), bars)), make("p", {}, said)];
  }

  /// Charts are as wide as there is room, so that what is written in them is as large as elsewhere.
  const room = () => Math.max(340, Math.min(1180, document.documentElement.clientWidth - 36));

  /// What happened between two moments of the timeline.
  const between = (list, i) => list[i] - (i === 0 ? 0 : list[i - 1]);

  /// Lanes over simulated time, one for each machine; with a cursor that arrow keys and the pointer move.
  function timeline(result, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const line = result.timeline;
    if (!line || line.at_ns.length < 2)
      return make("p", { class: "soft" }, L("The result holds no timeline: it was made by an earlier VMCP, or the run has not begun.",
        "この結果にはタイムラインがありません。以前の VMCP が作ったものか、実行が始まっていません。"));
    const end = Math.max(1, line.at_ns[line.at_ns.length - 1]);
    const kMostLanes = 24;
    const order = line.vms.map((_, i) => i).sort((a, b) => result.vms[b].guest_ns + result.vms[b].cp_ns - result.vms[a].guest_ns - result.vms[a].cp_ns);
    const shown = order.slice(0, kMostLanes).sort((a, b) => a - b);
    const wide = room(), left = wide < 600 ? 64 : 96, top = 8, lane = shown.length > 12 ? 22 : 34, gap = 6;
    const height = top + (shown.length + 1) * (lane + gap) + 22;
    const x = (ns) => left + ((wide - left - 4) * ns) / end;
    const [id, pattern] = hatching();
    const lanes = [];
    const rect = (from, to, y, part, attributes) => {
      if (part <= 0) return null;
      const tall = Math.min(1, part) * lane;
      return draw("rect", { x: x(from).toFixed(2), width: Math.max(0.3, x(to) - x(from)).toFixed(2), y: (y + lane - tall).toFixed(2), height: tall.toFixed(2), ...attributes });
    };
    shown.forEach((vm, row) => {
      const y = top + row * (lane + gap);
      lanes.push(draw("text", { x: left - 8, y: y + lane - 6, "text-anchor": "end" }, result.vms[vm].name.slice(0, wide < 600 ? 8 : 12)),
        draw("line", { x1: left, x2: wide, y1: y + lane, y2: y + lane, class: "grid" }));
      for (let i = 1; i < line.at_ns.length; ++i) {
        const from = line.at_ns[i - 1], to = line.at_ns[i], whole = Math.max(1, to - from);
        const guest = between(line.vms[vm].guest_ns, i) / whole, cp = between(line.vms[vm].cp_ns, i) / whole;
        const below = rect(from, to, y, guest, { class: "guest" });
        const above = rect(from, to, y - Math.min(1, guest) * lane, cp, { fill: `url(#${id})` });
        lanes.push(below, above);
      }
    });
    const y = top + shown.length * (lane + gap);
    lanes.push(draw("text", { x: left - 8, y: y + lane - 6, "text-anchor": "end" }, L("idle", "遊休")),
      draw("line", { x1: left, x2: wide, y1: y + lane, y2: y + lane, class: "grid" }));
    for (let i = 1; i < line.at_ns.length; ++i)
      lanes.push(rect(line.at_ns[i - 1], line.at_ns[i], y, between(line.idle_ns, i) / Math.max(1, line.at_ns[i] - line.at_ns[i - 1]), { class: "idle" }));
    const ticks = wide < 600 ? 2 : 4;
    for (let i = 0; i <= ticks; ++i)
      lanes.push(draw("text", { x: x((end * i) / ticks), y: height - 4, class: "tick", "text-anchor": i === 0 ? "start" : i === ticks ? "end" : "middle" }, i === 0 ? "0" : duration((end * i) / ticks)));
    const cursor = draw("line", { x1: 0, x2: 0, y1: top, y2: height - 20, class: "cursor", visibility: "hidden" });
    const reading = make("p", { class: "reading soft", "aria-live": "polite" }, L("Point at a place, or use the arrow keys, to read its figures.", "位置を指すか、矢印キーで値を読めます。"));
    const chart = draw("svg", { viewBox: `0 0 ${wide} ${height}`, tabindex: "0", role: "img",
      "aria-label": L(`Timeline: CPU time of ${shown.length} machines over ${duration(end)} of simulated time. Left and right arrow keys read it.`,
        `タイムライン: シミュレーション時間 ${duration(end)} にわたる ${shown.length} 台のマシンの CPU 時間。左右の矢印キーで読めます。`) },
      draw("defs", {}, pattern), lanes.filter((one) => one !== null), cursor);
    let at = 0;
    const point = (i) => {
      at = Math.max(1, Math.min(line.at_ns.length - 1, i));
      const middle = (line.at_ns[at - 1] + line.at_ns[at]) / 2;
      cursor.setAttribute("x1", x(middle));
      cursor.setAttribute("x2", x(middle));
      cursor.setAttribute("visibility", "visible");
      const whole = Math.max(1, line.at_ns[at] - line.at_ns[at - 1]);
      const busy = shown.map((vm) => ({ vm, time: between(line.vms[vm].guest_ns, at) + between(line.vms[vm].cp_ns, at) }))
        .filter((one) => one.time > 0).sort((a, b) => b.time - a.time).slice(0, 4);
      reading.textContent = `${duration(line.at_ns[at - 1])} \u2013 ${duration(line.at_ns[at])}: ` +
        busy.map(({ vm }) => `${result.vms[vm].name} ${share(between(line.vms[vm].guest_ns, at), whole)} + ${share(between(line.vms[vm].cp_ns, at), whole)} CP, ` +
          L(`${count(between(line.vms[vm].exits, at))} exits`, `脱出 ${count(between(line.vms[vm].exits, at))} 回`)).concat(
          [L(`idle ${share(between(line.idle_ns, at), whole)}`, `遊休 ${share(between(line.idle_ns, at), whole)}`)]).join("; ");
    };
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
      if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      point(at + step);
      event.preventDefault();
      event.stopPropagation();
    });
    chart.addEventListener("pointermove", (event) => {
      const box = chart.getBoundingClientRect();
      const ns = (((event.clientX - box.left) / box.width) * wide - left) * end / (wide - left - 4);
      point(line.at_ns.findIndex((t) => t >= ns) || 1);
    });
    return [legend(L), make("div", { class: "chart scrolls" }, chart), reading,
      order.length > shown.length ? make("p", { class: "soft" }, L(`Shown are the ${kMostLanes} machines with the most CPU time, of ${order.length}.`, `${order.length} 台のうち CPU 時間の多い ${kMostLanes} 台を示します。`)) : null];
  }

  /// A curve of a figure over simulated time.
  function curve(line, values, what, language) {
    const wide = room(), tall = 120, left = wide < 600 ? 64 : 96;
    const end = Math.max(1, line.at_ns[line.at_ns.length - 1]), most = Math.max(1, ...values);
    const x = (ns) => left + ((wide - left - 4) * ns) / end, y = (v) => 100 - (92 * v) / most;
    const path = values.map((v, i) => `${i === 0 ? "M" : "L"}${x(line.at_ns[i]).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    return make("div", { class: "chart" }, draw("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": `${what}: 0 \u2013 ${count(most)}` },
      draw("line", { x1: left, x2: wide, y1: 100, y2: 100, class: "grid" }),
      draw("text", { x: left - 8, y: 16, "text-anchor": "end", class: "tick" }, count(most)),
      draw("text", { x: left - 8, y: 102, "text-anchor": "end", class: "tick" }, "0"),
      draw("text", { x: left, y: 117, class: "tick" }, "0"), draw("text", { x: wide - 2, y: 117, "text-anchor": "end", class: "tick" }, duration(end)),
      draw("path", { d: path, class: "curve" })));
  }

  function head(root, result, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const models = result.models;
    root.append(make("header", {}, make("h1", {}, result.scenario.title || result.scenario.file),
      make("p", { class: "soft" }, `${result.scenario.file}; ${L("machine model", "マシンモデル")} ${models.machine.title}; ${L("control-program model", "制御プログラムモデル")} ${models.control_program.title}; ` +
        `${L("policy", "方策")} ${models.policy.name}, ${duration(models.policy.slice_ns)}; VMCP ${result.vmcp.version}`),
      result.interrupted ? make("p", { class: "warning" }, L("The run was interrupted: this is what there was by then.", "実行は中断されました。そこまでの結果です。")) : null,
      result.totals.time_limit_reached ? make("p", { class: "warning" }, L("The time limit was reached.", "時間制限に達しました。")) : null));
  }

  function machines(result, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const kMost = 60;
    const rows = result.vms.slice(0, kMost).map((vm) => make("tr", {}, make("th", { scope: "row" }, vm.name),
      make("td", { class: vm.ending.well ? "" : "bad" }, language === "ja" ? kStatesInJapanese[vm.state] || vm.state : vm.state),
      [duration(vm.guest_ns), duration(vm.cp_ns), ratio(vm.tv_ratio), duration(vm.wait_ns), duration(vm.ready_ns), count(vm.exits), count(vm.instructions)]
        .map((cell) => make("td", {}, cell)),
      make("td", { class: "words" }, vm.ending.text, (vm.ending.hints || []).map((hint) => make("div", { class: "soft" }, hint)))));
    return [table_of(L("Virtual machines", "仮想マシン"), L("Times are simulated; exits and instructions are counts; all measured here. T/V: total CPU time to the guest's own.",
      "時間はシミュレーション時間、脱出と命令は回数で、すべてここで測定したものです。T/V は全 CPU 時間のゲスト自身の時間に対する比。"),
      [L("Machine", "マシン"), L("State", "状態"), L("Guest", "ゲスト"), "CP", "T/V", L("Wait", "待ち"), L("Ready", "実行可能"), L("Exits", "脱出"), L("Instructions", "命令数"), [L("How it ended", "終わり方")]], rows),
      result.vms.length > kMost ? make("p", { class: "soft" }, L(`The first ${kMost} of ${result.vms.length} machines.`, `${result.vms.length} 台のうち最初の ${kMost} 台。`)) : null];
  }

  function causes(result, words, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const list = Object.entries(result.totals.causes).map(([name, entry]) => ({ name, ...entry })).sort((a, b) => b.cp_ns - a.cp_ns);
    const most = Math.max(1, ...list.map((one) => one.cp_ns));
    return table_of(L("What the control program worked for", "制御プログラムの仕事"),
      L("Exits and the control program's other work, over all machines: counts and simulated time, measured here; a bar is its time.",
        "全マシンの脱出と制御プログラムのその他の仕事。回数とシミュレーション時間で、ここで測定。棒は時間です。"),
      [L("Cause", "原因"), L("Count", "回数"), L("Time", "時間"), L("Of CP", "CP 内の割合")],
      list.map((one) => make("tr", {},
        make("td", {}, cause_text(one.name, words, language), make("span", { class: "bar", style: `width: ${((100 * one.cp_ns) / most).toFixed(2)}%` })),
        [count(one.count), duration(one.cp_ns), share(one.cp_ns, result.totals.cp_ns)].map((cell) => make("td", {}, cell)))), { class: "causes" });
  }

  function storage(result, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const paging = result.totals.paging, line = result.timeline;
    const resident = line && line.vms.length > 0 ? line.at_ns.map((_, i) => line.vms.reduce((sum, vm) => sum + vm.resident_pages[i], 0)) : null;
    const what = L("Resident pages of all machines over simulated time", "全マシンの常駐ページ数の推移 (シミュレーション時間)");
    return [facts([[L("Real storage (bytes)", "実記憶 (バイト)"), count(result.machine.storage_bytes)], [L("Page frames (count)", "ページ枠 (個)"), count(paging.frames)],
      [L("Free at the end (count)", "最後に空き (個)"), count(paging.frames_free)], [L("Pages filled (count)", "充填したページ (個)"), count(paging.filled)],
      [L("Brought in (count)", "読込み (回)"), count(paging.in)], [L("Written out (count)", "書出し (回)"), count(paging.out)]]),
      resident && resident.length > 1 ? [make("h3", {}, what), curve(line, resident, what, language)] : null,
      table_of(L("Storage by machine", "マシン別の記憶"), null, [L("Machine", "マシン"), L("Storage", "記憶"), L("Kind", "種類"), L("Resident pages at the end", "最後の常駐ページ"), L("Filled", "充填"), L("In", "読込み"), L("Out", "書出し"), L("Page waits", "ページ待ち")],
        result.vms.slice(0, 60).map((vm) => make("tr", {}, make("th", { scope: "row" }, vm.name),
          [`${count(vm.storage_bytes / 1024)}K`, vm.storage_kind, count(vm.resident_pages), count(vm.pages.filled), count(vm.pages.in), count(vm.pages.out), count(vm.pages.waits)].map((cell) => make("td", {}, cell)))))];
  }

  function devices(result, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const real = result.machine.devices || [];
    const virtual = result.vms.flatMap((vm) => (vm.devices || []).map((device) => ({ vm: vm.name, ...device })));
    const typed = result.vms.filter((vm) => vm.output.console.length + vm.output.printer.length + vm.output.punch.length > 0);
    const line = result.timeline;
    const requests = line && line.devices.length > 0 ? line.at_ns.map((_, i) => i === 0 ? 0 : line.devices.reduce((sum, device) => sum + between(device.requests, i), 0)) : null;
    const what = L("Requests to real devices over simulated time (a count an interval)", "実装置への要求の推移 (区間ごとの回数)");
    return [
      real.length === 0 ? make("p", {}, L("The real machine has no disks or tapes here; consoles, printers and card devices are virtual.", "この実マシンにはディスクもテープもありません。コンソール、プリンタ、カード装置は仮想です。")) :
        table_of(L("Real devices", "実装置"), L("Counts and simulated time, measured here.", "回数とシミュレーション時間。ここで測定。"),
          [L("Device", "装置"), L("Type", "型"), L("Requests", "要求"), L("Queued", "待ち行列"), L("Queueing", "待ち時間"), L("Service", "サービス時間"), L("Waits for the channel", "チャネル待ち")],
          real.map((device) => make("tr", {}, make("th", { scope: "row" }, device.address),
            [device.type, count(device.requests), count(device.queued), duration(device.queueing_ns), duration(device.service_ns), count(device.channel_waits)].map((cell) => make("td", {}, cell))))),
      requests && requests.length > 1 ? [make("h3", {}, what), curve(line, requests, what, language)] : null,
      virtual.length === 0 ? null : table_of(L("Virtual devices on real ones", "実装置上の仮想装置"), null,
        [L("Machine", "マシン"), L("Device", "装置"), L("Type", "型"), L("Real", "実装置"), "I/O", L("Starts", "起動"), L("Copied", "複写"), L("Reused", "再利用"), "CCW"],
        virtual.map((device) => make("tr", {}, make("th", { scope: "row" }, device.vm),
          [device.address, device.type, device.real, device.io, count(device.starts), count(device.copied), count(device.reused), count(device.control_ccws + device.data_ccws)].map((cell) => make("td", {}, cell))))),
      typed.slice(0, 40).map((vm) => {
        const lines = vm.output.console.length;
        return make("details", {}, make("summary", {}, L(`${vm.name}: ${count(lines)} console lines`, `${vm.name}: コンソール ${count(lines)} 行`) +
          (vm.output.printer ? L(", printer", "、プリンタ") : "") + (vm.output.punch.length ? L(", punch", "、カード穿孔") : "")),
          make("pre", { class: "console", tabindex: "0" }, vm.output.console.map((one) => one.text).join("\n") +
            (vm.output.printer ? `\n--- ${L("printer", "プリンタ")}\n${vm.output.printer}` : "") +
            (vm.output.punch.length ? `\n--- ${L("punch", "カード穿孔")}\n${vm.output.punch.join("\n")}` : "")));
      })];
  }

  function report(root, result, words, language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const totals = result.totals;
    head(root, result, language);
    root.append(
      section(L("The whole run", "実行全体"), overhead(result, language),
        facts([[L("Simulated time", "シミュレーション時間"), duration(totals.simulated_ns)], [L("Guests (simulated)", "ゲスト (シミュレーション)"), duration(totals.guest_ns)],
          [L("Control program (simulated)", "制御プログラム (シミュレーション)"), duration(totals.cp_ns)], [L("Idle (simulated)", "遊休 (シミュレーション)"), duration(totals.idle_ns)],
          [L("T/V ratio", "T/V 比"), ratio(totals.tv_ratio)], [L("Exits (count)", "脱出 (回)"), count(totals.exits)], [L("Instructions of guests (count)", "ゲストの命令 (個)"), count(totals.instructions)],
          [L("Switches (count)", "切替え (回)"), count(totals.switches)]])),
      section(L("Timeline", "タイムライン"), timeline(result, language)),
      section(L("Virtual machines", "仮想マシン"), machines(result, language)),
      section(L("What the control program worked for", "制御プログラムの仕事"), causes(result, words, language)),
      section(L("Storage", "記憶"), storage(result, language)),
      section(L("I/O", "入出力"), devices(result, language)),
      make("p", { class: "soft" }, L(
        `At prices that are assumed, not published: ${duration(result.models.cp_ns_at_assumed_prices ?? 0)} of the control program's ${duration(totals.cp_ns)}.`,
        `公表値ではなく仮定した価格によるもの: 制御プログラム ${duration(totals.cp_ns)} のうち ${duration(result.models.cp_ns_at_assumed_prices ?? 0)}。`)));
  }

  /// Language, and dark or light.
  function controls(root, language, choose_language) {
    const L = (en, ja) => (language === "ja" ? ja : en);
    const other = language === "ja" ? "en" : "ja";
    const to = make("button", { type: "button", id: "language", lang: other }, other === "ja" ? "日本語" : "English");
    to.addEventListener("click", () => choose_language(other));
    const look = make("button", { type: "button", id: "look" }, L("Dark or light", "明暗を切替え"));
    look.addEventListener("click", () => {
      const now = document.documentElement.dataset.look || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      document.documentElement.dataset.look = now === "dark" ? "light" : "dark";
    });
    root.append(make("div", { class: "switches" }, to, look));
  }

  return { make, draw, duration, count, share, ratio, overhead, timeline, report, controls, table_of, facts, cause_text };
})();
