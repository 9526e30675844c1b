#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Plants faults into copies of the interpreter, and sees that tests find them.

Each fault has a name, what is changed in which file, and the test that is to
find it: interp-confine, the same with --blind, interp-promises,
interp-speculation, or clamps.py. "blind" is no fault: an interpreter whose checks
never refuse, as they seem to a processor that guesses wrongly; what is planted
for interp-confine --blind comes on top. All attempts are made: a part of them, as
in the suite "confine", does not find each.

    planted.py                 all of them, and the copy without a fault
    planted.py --list
    planted.py NAME...

Needs no kernel. Prints KTAP. A fault that only interp-speculation can show is
skipped where the machine does not show it; then that test says nothing there.
"""

import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../.."))
PLACE = os.path.join(TOP, "build/planted")
HANG_GUARD_S = 900

# (file, what is there, what is to be there instead)
BLIND = [
    ("interp/translate.h",
     "\t\tif (unlikely(outside))\t\t\t\t\t\\\n\t\t\tTAIL(bad, pc);\t\t\t\t\t\\\n",
     "\t\t(void)outside;\t\t\t\t\t\t\\\n"),
    ("interp/memory.h", "\tif (unlikely(!mask))\n\t\treturn NULL;\n", ""),
    ("interp/threaded_map.c",
     "return mask && map->calls & INTERP_MAP_LOOKUP ? map : NULL;",
     "return map;"),
    ("interp/threaded_map.c", "map->key_size > -offset || ", ""),
]

# name: (test, changes)
FAULTS = {
    "load-from-frame": ("confine", [
        ("interp/threaded_memory.c",
         "const type *from = interp_in_frame(vm, pc->off);",
         "const type *from = (void *)(vm->frame_base + pc->off);")]),
    "store-to-frame": ("confine", [
        ("interp/threaded_memory.c",
         "#define STORE_FRAME_K(name, type)\t\t\t\t\t\\\n"
         "\tHANDLER(name)\t\t\t\t\t\t\t\\\n"
         "\t{\t\t\t\t\t\t\t\t\\\n"
         "\t\ttype *to = interp_in_frame(vm, pc->off);",
         "#define STORE_FRAME_K(name, type)\t\t\t\t\t\\\n"
         "\tHANDLER(name)\t\t\t\t\t\t\t\\\n"
         "\t{\t\t\t\t\t\t\t\t\\\n"
         "\t\ttype *to = (void *)(vm->frame_base + pc->off);")]),
    "two-loads-from-frame": ("confine", [
        ("interp/threaded_load.c",
         "#define FRAME(type)\t((type *)interp_in_frame(vm, pc->off))",
         "#define FRAME(type)\t((type *)(vm->frame_base + pc->off))")]),
    "key-in-frame": ("confine", [
        ("interp/threaded_map.c", "interp_in_frame(vm, offset)",
         "vm->frame_base + offset")]),
    "jump": ("confine", [
        ("interp/threaded.h", "ARRIVE(interp_target(vm, pc));",
         "ARRIVE(vm->insns + interp_target_index(pc));")]),
    "jump-back": ("confine", [
        ("interp/threaded.h", "start = interp_target(vm, pc);",
         "start = vm->insns + interp_target_index(pc);")]),
    "return": ("confine", [
        ("interp/threaded.c", "ARRIVE(interp_insn_at(vm, frame->back));",
         "ARRIVE(vm->insns + frame->back);")]),
    "helper": ("confine", [
        ("interp/threaded.c",
         "interp_helpers[INTERP_HELPER_SLOT(pc->imm)]",
         "interp_helpers[pc->imm]")]),
    "register": ("confine", [
        ("interp/threaded.h",
         "\t\tswitch (REG_SLOT(number)) {\t\t\t\t\\\n"
         "\t\tcase BPF_REG_0: value_ = r0; break;\t\t\t\\\n",
         "\t\tswitch (number) {\t\t\t\t\t\\\n"
         "\t\tcase BPF_REG_0: value_ = r0; break;\t\t\t\\\n"
         "\t\tdefault: value_ = vm->regs[number]; break;\t\t\\\n")]),
    "switch-jump": ("confine", [
        ("interp/switch.c",
         "\t\tARRIVE(interp_target(state, insn))\t\t\t\\\n",
         "\t\tARRIVE(state->insns + interp_target_index(insn))\t\\\n")]),
    "switch-return": ("confine", [
        ("interp/frame.c", "return interp_insn_at(state, frame->back);",
         "return state->insns + frame->back;")]),
    "switch-helper": ("confine", [
        ("interp/switch.c",
         "interp_helpers[INTERP_HELPER_SLOT(insn->imm)]",
         "interp_helpers[insn->imm]")]),
    "switch-source": ("confine", [
        ("interp/switch.c", "#define SRC\tregs[INTERP_REG(insn->src)]",
         "#define SRC\tregs[insn->src]")]),
    "switch-destination": ("confine", [
        ("interp/switch.c", "#define DST\tregs[INTERP_REG(insn->dst)]",
         "#define DST\tregs[insn->dst]")]),
    "masked-without-masks": ("confine", [
        ("interp/variant.h", "((number) & (mask))", "(number)")]),
    "frame-without-masks": ("confine", [
        ("interp/variant.h", "((number) | -(size))", "(number)")]),
    "engine-without-masks": ("confine", [
        ("interp/engine.c", "INTERP_ENGINE(threaded, \"threaded\");",
         "#define interp_threaded interp_threaded_unmasked\n"
         "INTERP_ENGINE(threaded, \"threaded\");\n"
         "#undef interp_threaded")]),
    "portable-engine-without-masks": ("confine", [
        ("interp/engine.c", "INTERP_ENGINE(switch, \"switch\");",
         "#define interp_switch interp_switch_unmasked\n"
         "INTERP_ENGINE(switch, \"switch\");\n"
         "#undef interp_switch")]),
    "parameter-the-other-way-round": ("confine", [
        ("interp/engine.c",
         "return has_masks ? choice->masked : choice->unmasked;",
         "return has_masks ? choice->unmasked : choice->masked;")]),
    "callx-function": ("blind", [
        ("interp/frame.c", "\tif (index >= image->count)\n\t\treturn NULL;\n",
         ""),
        ("interp/frame.c",
         "\tindex &= interp_mask(index, image->count);\n", "")]),
    # Right before the table there may be something that can be called.
    "callx-helper": ("blind", [
        ("interp/frame.c", "&interp_helpers[INTERP_HELPER_SLOT(index)];",
         "&interp_helpers[index < 0 ? index * 1000000L : index];"),
        ("interp/frame.c", "\tif (index < 0) {\n"
         "\t\tinterp_fault(state, BPFSCHED_FAULT_CALL, id);\n"
         "\t\treturn NULL;\n\t}\n", "")]),
    "mask-of-a-handler": ("blind", [
        ("interp/translate.h", "(distance & mask)", "distance")]),
    "mask-of-an-access": ("blind", [
        ("interp/memory.h", "(address + region->delta) & mask;",
         "(address + region->delta) | (mask & 0);")]),
    "start-of-a-region": ("blind", [
        ("interp/translate.h",
         "(void *)vm->nothing + (distance & mask);",
         "(void *)region->base + (offset & mask);")]),
    "map-index": ("blind", [
        ("interp/threaded_map.c", "*number = index & mask;",
         "*number = index | (mask & 0);")]),
    "stack-not-cleared": ("promises", [
        ("interp/run.c",
         "memset(state->stack, 0, (used + 1) * INTERP_FRAME_SIZE);",
         "memset(state->stack, 0, INTERP_FRAME_SIZE);")]),
    "text-not-cleared": ("promises", [
        ("interp/run.c", "\tif (state->text_used)\n"
         "\t\tmemset(state->text, 0, sizeof(state->text));\n", "")]),
    "frames-not-cleared": ("promises", [
        ("interp/run.c",
         "\t\tmemset(state->frames, 0, sizeof(state->frames));\n", "")]),
    "windows-not-closed": ("promises", [
        ("interp/run.c", "\tif (state->windows.count)\n"
         "\t\tstate->windows = (struct interp_windows) {};\n", "")]),
    "regions-not-cleared": ("promises", [
        ("interp/run.c", "\tif (state->region_count > count)\n"
         "\t\tmemset(&state->regions[count], 0,\n"
         "\t\t       (state->region_count - count) *\n"
         "\t\t       sizeof(state->regions[0]));\n", "")]),
    "registers-not-cleared": ("promises", [
        ("interp/run.c",
         "\tmemset(state->regs, 0, sizeof(state->regs));\n", "")]),
    "options-not-counted": ("promises", [
        ("interp/host.c", "\tinterp_work(state, size);\n", "")]),
    "submit-counted-at-its-end": ("promises", [
        ("interp/host.c",
         "\tinterp_work(state, SUBMIT_WORK + (u64)len);\n", ""),
        ("interp/host.c", "\treturn state->host->submit(",
         "\tinterp_work(state, SUBMIT_WORK + (u64)len);\n"
         "\treturn state->host->submit(")]),
    "emit-not-counted": ("promises", [
        ("interp/host.c", "\tinterp_work(state, EMIT_WORK + len);\n", "")]),
    "key-not-counted": ("promises", [
        ("interp/map.c", "return CALL_WORK + map->key_size;",
         "return CALL_WORK;")]),
    "value-not-counted": ("promises", [
        ("interp/map_helpers.c",
         "\tinterp_work(state, map->update_work);\n", "")]),
    "other-cpus-not-counted": ("promises", [
        ("interp/map.c",
         "copied = round_up(copied, 8) * num_possible_cpus();",
         "copied = round_up(copied, 8);")]),
    "long-value-copied": ("promises", [
        ("interp/map_helpers.c",
         "\tif (map->update_work > INTERP_COPY_MAX)\n\t\treturn -E2BIG;\n",
         "")]),
    "string-not-counted": ("promises", [
        ("interp/format.c",
         "\t\tinterp_work(format->state, INTERP_WORK_BYTE);\n", "")]),
    "format-not-counted": ("promises", [
        ("interp/format.c",
         "\t\tinterp_work(state, INTERP_WORK_BYTE);\n", "")]),
    "comparison-not-counted": ("promises", [
        ("interp/text.c", "\t\tinterp_work(state, INTERP_WORK_BYTE);\n",
         "")]),
    "clock-not-counted": ("promises", [
        ("interp/helpers.c", "\tinterp_work(state, INTERP_WORK_CLOCK);\n"
         "\treturn ktime_get_boot_fast_ns();",
         "\treturn ktime_get_boot_fast_ns();")]),
    "early-random-number-not-counted": ("promises", [
        ("interp/helpers.c",
         "rng_is_initialized() ? INTERP_WORK_CLOCK :\n"
         "\t\t\t\t\t\t  EARLY_RANDOM_WORK);",
         "INTERP_WORK_CLOCK);")]),
    "buckets-not-counted": ("promises", [
        ("interp/walk.c",
         "\tinterp_work(state, roundup_pow_of_two(map->max_entries));\n",
         "")]),
    "piece-not-counted": ("promises", [
        ("interp/walk.c",
         "\t\tinterp_work(state, 3 * map->lookup_work);\n", "")]),
    "piece-without-an-end": ("promises", [
        ("interp/walk.c",
         "(keys < KEYS_AT_ONCE || state->work <= INTERP_WORK_MAX)", "keys + 1")]),
    "freeing-not-counted": ("promises", [
        ("interp/walk.c", "\t\tinterp_work(state, FREE_WORK);\n", "")]),
    "element-not-counted": ("promises", [
        ("interp/walk.c", "\t\tinterp_work(state, map->lookup_work);\n",
         "")]),
    "callback-not-counted": ("promises", [
        ("interp/walk.c", "\tinterp_work(state, SHOW_WORK);\n", "")]),
    "last-key-not-looked-at": ("promises", [
        ("interp/walk.c", "!walk->key || peek(map, walk->key);", "true;")]),
    "walk-not-begun-anew": ("promises", [
        ("interp/walk.c", "\t\tbegin_anew(walk);\n\t\treturn 1;\n",
         "\t\t(void)begin_anew;\n\t\treturn 1;\n")]),
    "deleted-key-not-left-out": ("promises", [
        ("interp/walk.c", "\twhile (!walk->value) {\n",
         "\tif (!walk->value) {\n")]),
    "walk-that-is-ready": ("promises", [
        ("interp/walk.c", "if (!walk || walk->is_ready)", "if (!walk)")]),
    "room-for-keys-not-freed": ("promises", [
        ("interp/walk.c", "\t\tkfree(state->hash_keys[i]);\n"
         "\t\tstate->hash_keys[i] = NULL;\n", "\t\tcontinue;\n")]),
    "walk-not-ended": ("promises", [
        ("interp/run.c", "\twhile (state->walks)\n"
         "\t\tinterp_walk_end(state);\n", "")]),
    "update-without-a-right": ("promises", [
        ("interp/map.c", "{ INTERP_MAP_UPDATE, false, true }",
         "{ INTERP_MAP_UPDATE, false, false }")]),
    "delete-without-a-right": ("promises", [
        ("interp/map.c", "{ INTERP_MAP_DELETE, false, true }",
         "{ INTERP_MAP_DELETE, true, false }")]),
    "push-without-a-right": ("promises", [
        ("interp/map.c", "{ INTERP_MAP_PUSH, false, true }",
         "{ INTERP_MAP_PUSH, false, false }")]),
    "pop-without-a-right": ("promises", [
        ("interp/map.c", "{ INTERP_MAP_POP, true, true }",
         "{ INTERP_MAP_POP, false, true }")]),
    "peek-without-a-right": ("promises", [
        ("interp/map.c", "{ INTERP_MAP_PEEK, true, false }",
         "{ INTERP_MAP_PEEK, false, false }")]),
    "walk-without-a-right": ("promises", [
        ("interp/map.c", "{ INTERP_MAP_FOR_EACH, true, false }",
         "{ INTERP_MAP_FOR_EACH, false, false }")]),
    "rights-of-the-map": ("promises", [
        ("interp/map.c", "from->readable && "
         "!(from->map->map_flags & BPF_F_WRONLY_PROG)", "from->readable")]),
    "fetch-without-a-right-to-read": ("promises", [
        ("interp/atomic.h", "INTERP_WRITES : INTERP_READS | INTERP_WRITES)",
         "INTERP_WRITES : INTERP_WRITES)")]),
    "followup-index": ("clamps", [
        ("sched_core/host.c",
         "\tindex = array_index_nospec(index, prog->followup_count);\n",
         "")]),
    "frame-of-a-walk": ("clamps", [
        ("interp/walk.c",
         "(frame - state->frames) & (INTERP_FRAMES - 1);",
         "frame - state->frames;")]),
    "room-for-a-key": ("clamps", [
        ("interp/walk.c", "state->depth & (INTERP_FRAMES - 1)",
         "state->depth")]),
    "map-of-a-walk": ("clamps", [
        ("interp/walk.c",
         "array_index_nospec(place->index, BPFSCHED_MAPS_MAX)",
         "place->index")]),
    "type-of-a-map": ("clamps", [
        ("interp/map.c",
         "\tnumber = array_index_nospec(number, ARRAY_SIZE(map_types));\n",
         "")]),
    "cpu-of-a-look-up": ("clamps", [
        ("interp/map_helpers.c",
         "*cpu = array_index_nospec(number, nr_cpu_ids);",
         "*cpu = number;")]),
    "fetch-without-a-right": ("blind", [
        ("interp/atomic.h", "INTERP_WRITES : INTERP_READS | INTERP_WRITES)",
         "INTERP_WRITES : INTERP_WRITES)")]),
    "offset-in-a-jump": ("speculation", [
        ("interp/threaded_memory.c",
         "const type *from = interp_in_frame(vm, pc->off);",
         "const type *from = (void *)(vm->frame_base + pc->off);")]),
    "address-in-a-jump": ("speculation", [
        ("interp/decode.c", "out->imm = target | "
         "(target <= from ? INTERP_BACKWARD : 0);",
         "out->imm = (u64)(unsigned long)(out - from + target);"),
        ("interp/memory.h",
         "\treturn interp_insn_at(state, interp_target_index(insn));",
         "\treturn (const struct interp_insn *)insn->imm;"),
        ("interp/threaded.h", "\treturn insn->imm & INTERP_BACKWARD;",
         "\treturn insn->imm <= (unsigned long)insn;")]),
}


def change(folder, changes):
    """Returns what is wrong, None if nothing is"""
    for name, before, after in changes:
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(before) != 1:
            return f"{name} has {text.count(before)} times {before!r}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(before, after))
    return None


def copy(name, built="interp"):
    """A copy of all that it takes, with what was built of it, in which folder"""
    folder = os.path.join(PLACE, name)
    shutil.rmtree(folder, ignore_errors=True)
    for part in ["interp", "include", "sched_core", "tools/interp",
                 "build/" + built]:
        shutil.copytree(os.path.join(TOP, part), os.path.join(folder, part),
                        symlinks=True,
                        ignore=shutil.ignore_patterns("corpus"))
    # What depends on which header is said with the place of the original.
    for base, _, files in os.walk(os.path.join(folder, "build")):
        for file in files:
            if not file.endswith(".d"):
                continue
            path = os.path.join(base, file)
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
            status = os.stat(path)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text.replace(TOP + "/", folder + "/"))
            os.utime(path, (status.st_atime, status.st_mtime))
    return folder


def keep_unmasked(folder):
    """Leaves the dispatchers without masks as they are: no fault is in them alone,
    and it takes minutes to build them anew"""
    for base, _, files in os.walk(os.path.join(folder, "build")):
        for file in files:
            if file.endswith("_unmasked.o"):
                later = time.time() + 24 * 3600
                os.utime(os.path.join(base, file), (later, later))


def make(folder, targets=("confine", "promises", "speculation"), more=()):
    """Returns what is wrong, None if nothing is"""
    done = subprocess.run(["make", "-s", "-j2", "-C",
                           os.path.join(folder, "tools/interp"), *more,
                           *targets],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.stdout if done.returncode else None


def run(folder, test):
    """Returns whether the test is content, and what it has said"""
    if test == "clamps":
        command = [os.path.join(HERE, "clamps.py"), folder]
    else:
        command = [os.path.join(folder, "build/interp/interp-" +
                                ("confine" if test == "blind" else test))]
    if test == "blind":
        command.append("--blind")
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              check=False, timeout=HANG_GUARD_S)
    except subprocess.TimeoutExpired:
        return False, "it hangs"
    return done.returncode == 0, done.stdout


def outcome(name, test, changes, finds):
    """(result, details) of one copy"""
    folder = copy(name)
    problem = change(folder, (BLIND if test == "blind" else []) + changes)
    if not problem and test != "clamps":
        keep_unmasked(folder)
        problem = make(folder, ["confine" if test == "blind" else test])
    if problem:
        return "not ok", problem
    content, said = run(folder, test)
    shutil.rmtree(folder, ignore_errors=True)
    if content != finds:
        return "ok", said
    if finds and test == "speculation":
        return "ok # SKIP this machine does not show it", said
    return "not ok", said


def main():
    if "--list" in sys.argv[1:]:
        for name, (test, _) in FAULTS.items():
            print(f"{name:32}{test}")
        return 0
    names = sys.argv[1:] or list(FAULTS)
    jobs = [(name, *FAULTS[name], True) for name in names]
    if not sys.argv[1:]:
        jobs = [("none-" + test, test, [], False)
                for test in ["confine", "blind", "promises", "speculation",
                             "clamps"]] + jobs
    print(f"KTAP version 1\n1..{len(jobs)}", flush=True)
    problem = make(TOP)
    failed = 0
    for number, job in enumerate(jobs, 1):
        result, said = ("not ok", problem) if problem else outcome(*job)
        failed += result == "not ok"
        if result != "ok":
            print("\n".join("# " + line for line in said.splitlines()[-20:]))
        words = result.split(" # ", 1)
        print(f"{words[0]} {number} planted.{job[0]}" +
              (f" # {words[1]}" if words[1:] else ""), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
