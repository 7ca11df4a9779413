#!/usr/bin/env python3
"""What two dispatching policies are worth: the plug-in of the simulator, and that of the control program in C.

    measure.py build | plugin          compiles policy.cpp; runs the three scenarios under it, for the next checks to look at
    measure.py response | fairness | busy | greedy | overhead
    measure.py program                 builds the control program with dispatch.c, and runs it with three sets of guests
    measure.py cp-response | cp-fairness | cp-busy | cp-greedy | cp-overhead

Exit codes: 0 well, 1 not, 2 something is missing on this computer. A table of the built-in policies is put beside what is not well.
"""
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, "tools/control-program")
import alike

VMCP = alike.VMCP
SCENARIOS = ("response", "busy", "greedy")
SECONDS = 2  # of host CPU time that a run may take; it takes a fraction of one
LONGEST = 8  # and of host time
WORKER = "checks/worker.asm:4K:3F0=000007D0"  # two seconds

# ---- The plug-in ----


def build():
    if shutil.which("g++") is None:
        alike.cannot("g++ is not installed: this part needs Debian's package g++")
    done = subprocess.run(["g++", "-std=c++20", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "policy.cpp", "-o", "policy.so"],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        told = [line for line in done.stdout.splitlines() if ": error:" in line or "undefined reference" in line]
        alike.not_alike("\n".join(["It cannot be compiled:"] + told))


def run(scenario, policy):
    """The result as JSON, or why there is none."""
    if os.path.exists("result.json"):
        os.remove("result.json")
    slow = None, f"It did not come back within {SECONDS} seconds."
    try:
        done = subprocess.run([VMCP, "run", f"checks/{scenario}.toml", "--policy", policy, "--json", "result.json", "--no-host",
                               "--quiet"], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONGEST,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)))
    except subprocess.TimeoutExpired:
        return slow
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return slow
    if done.returncode < 0:
        return None, f"It crashed (signal {-done.returncode})."
    if not os.path.exists("result.json"):
        return None, done.stderr.strip().replace("vmcp: error: ", "")
    with open("result.json", encoding="utf-8") as file:
        return json.load(file), ""


def figures(result):
    """The mean response of who thinks; the times of those that compute; overhead."""
    machines = result["vms"]
    computes = [m["guest_ns"] / 1e6 for m in machines if m["name"].startswith("computes")]
    responses = [m["mean_response_ns"] / 1e6 for m in machines if m["mean_response_ns"]]
    return {"response": sum(responses) / len(responses) if responses else None, "computes": computes,
            "fairness": sum(computes) ** 2 / (len(computes) * sum(c * c for c in computes)) if any(computes) else 0,
            "overhead": 100 * result["totals"]["cp_ns"] / result["totals"]["guest_ns"]}


def plugin():
    found = {}
    for scenario in SCENARIOS:
        result, why = run(scenario, "./policy.so")
        if result is None:
            alike.not_alike(f"{scenario}: {why}")
        found[scenario] = figures(result)
    with open("figures.json", "w", encoding="utf-8") as file:
        json.dump(found, file)


def line(name, f):
    response = "-" if f["response"] is None else f"{f['response']:.1f} ms"
    return f"{name:<13}{response:>9}{min(f['computes']):>10.0f} ms{f['fairness']:>10.3f}{f['overhead']:>9.1f} %"


def table(scenario, own):
    lines = [f"{scenario:<13} response  least work  fairness  overhead", line("yours", own)]
    for policy in ("round-robin", "q1q2", "stride"):
        lines.append(line(policy, figures(run(scenario, policy)[0])))
    return lines


def how_long(milliseconds, slice_ms):
    """In words, of a time that somebody waited for its turn."""
    return "about a turn of each of the others" if milliseconds > slice_ms else "about the rest of one turn"


def judge(scenario, is_well, wanted):
    with open("figures.json", encoding="utf-8") as file:
        own = json.load(file)[scenario]
    if not is_well(own):
        lines = [f"expected: {wanted} (simulated time)"] + table(scenario, own)
        if own["response"] is not None and wanted.startswith("a response"):
            lines.insert(1, f"found: {own['response']:.1f} ms, {how_long(own['response'], 20)}")
        alike.not_alike("\n".join(lines))


PLUGIN = {
    "response": lambda: judge("response", lambda f: f["response"] is not None and f["response"] <= 4, "a response of at most 4 ms"),
    "fairness": lambda: judge("response", lambda f: f["fairness"] >= 0.99, "a fairness of at least 0.990 among those that compute"),
    "busy": lambda: judge("busy", lambda f: f["computes"][0] >= 250, "at least 250 ms of work for the one that computes"),
    "greedy": lambda: judge("greedy", lambda f: min(f["computes"]) >= 360, "at least 360 ms of work for each that computes"),
    "overhead": lambda: judge("response", lambda f: f["overhead"] <= 13, "an overhead of at most 13 %"),
}

# ---- The control program in C ----

ONES = [f"{name}={WORKER}" for name in ("ONE", "TWO", "THREE")]
GROUPS = {
    "response": [f"USER={WORKER}:3F4=00000001:3F8=00000017"] + ONES,
    "busy": [f"BUSY{i}={WORKER}:3F4=00000008:3F8=00000001" for i in range(1, 5)] + ONES[:1],
    "greedy": [f"GREEDY={WORKER}:3F4=00000190:3F8=00000001"] + ONES[:2],
}
ALONE = 24000  # steps of work that one could do in two seconds, if nobody else were there


def program():
    class Options:
        replace = ["dispatch.c"]
        optimize = "-O2"
        guests = GROUPS["response"]
        together = [GROUPS["busy"], GROUPS["greedy"]]
    alike.run(Options, compare=False)
    for _, guests in GROUPS.items():
        found = alike.what_was_found(guests[0].split("=")[0])
        if found["why"]:
            alike.not_alike(found["why"])


def of_guest(found, name):
    match = re.fullmatch(r"DONE (\d+) LATE (\d+) WORST (\d+)", found["guests"].get(name, [""])[0])
    if not match:
        alike.not_alike(f"{name} has not told what it could do.")
    return {"done": int(match[1]), "late": int(match[2]) / 1000, "worst": int(match[3]) / 1000}


def judge_program(group, is_well, wanted):
    names = [guest.split("=")[0] for guest in GROUPS[group]]
    groups = json.load(open("run/found.json", encoding="utf-8"))
    found = next(one for one in groups if names[0] in one["alone"] and names[-1] in one["alone"] and len(one["alone"]) == len(names))
    told = {name: of_guest(found, name) for name in names}
    traps = {name: int(next(re.findall(r"TRAPS (\d+)", l)[0] for l in found["console"] if l.startswith(f"*{name} RAN"))) for name in names}
    if not is_well(told, traps):
        lines = [f"expected: {wanted}", "guest     work done  mean lateness  traps"]
        lines += [f"{n:<10}{told[n]['done']:>9}{told[n]['late']:>12.1f} ms{traps[n]:>7}" for n in names]
        if wanted.startswith("USER"):
            lines.insert(1, f"found: {told['USER']['late']:.1f} ms, {how_long(told['USER']['late'], 10)}")
        alike.not_alike("\n".join(lines))


def spread(told):
    work = [told[name]["done"] for name in ("ONE", "TWO", "THREE")]
    return min(work) / max(work)


PROGRAM = {
    "cp-response": lambda: judge_program("response", lambda t, _: t["USER"]["late"] <= 3, "USER wakes up at most 3 ms late, in the mean"),
    "cp-fairness": lambda: judge_program("response", lambda t, _: spread(t) >= 0.9, "ONE, TWO and THREE can do as much, within 10 %"),
    "cp-busy": lambda: judge_program("busy", lambda t, _: t["ONE"]["done"] >= ALONE // 5, f"ONE can do at least {ALONE // 5}: a fifth of what it could alone"),
    "cp-greedy": lambda: judge_program("greedy", lambda t, _: min(t["ONE"]["done"], t["TWO"]["done"]) >= ALONE // 4, f"ONE and TWO can do at least {ALONE // 4}: a quarter of what they could alone"),
    "cp-overhead": lambda: judge_program("response", lambda _, traps: traps["ONE"] <= 160, "ONE is interrupted at most 160 times in two seconds"),
}

if __name__ == "__main__":
    {"build": build, "plugin": plugin, "program": program, **PLUGIN, **PROGRAM}[sys.argv[1]]()
