"""From a loop body to machine code: the loop around it, LLVM's passes, and the object code kept on disk.

Every column is its own `noalias` argument of the loop, so LLVM vectorises without alias checks; a small
function in front takes them from an array. Object code is kept under a digest of the IR text itself (which
follows from rulebook, rules, proven ranges and mode), the CPU and the LLVM version.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache as once

import llvmlite
import llvmlite.binding as llvm

from gangmu import cache

Runner = Callable[[int, int, int, int, int, int], None]
MOST = 2_000  # pieces of object code kept
_PROTOTYPE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)


@dataclass(frozen=True, slots=True)
class Loop:
    """The text of a loop body and what it needs: how many columns, parameters, outputs."""

    lines: Sequence[str]
    declares: Sequence[str]
    columns: int
    parameters: int
    outputs: int
    indexed: bool
    plain: bool = True  # no integer wider than a word, so that vectors pay
    adds: bool = False  # whether it adds to its outputs, in place of writing them


@dataclass(frozen=True, slots=True)
class Machine:
    """Compiled code; `engine` keeps it alive."""

    run: Runner
    engine: object
    from_cache: bool


def text_of(loop: Loop) -> str:
    """The module."""
    columns = [f"ptr noalias readonly %c{n}" for n in range(loop.columns)]
    kind = "ptr noalias" if loop.adds else "ptr noalias writeonly"
    outputs = [f"{kind} %o{n}" for n in range(loop.outputs)]
    last = ["ptr noalias readonly %idx", "ptr noalias readonly %params", "i64 %start", "i64 %stop"]
    head = f"define internal void @body({', '.join([*columns, *outputs, *last])}) noinline nounwind {{"
    loads = [
        line
        for n in range(loop.parameters)
        for line in (
            f"  %pp{n} = getelementptr i64, ptr %params, i64 {n}",
            f"  %par{n} = load i64, ptr %pp{n}, align 8",
        )
    ]
    row = (
        ["  %ip = getelementptr i32, ptr %idx, i64 %j", "  %i32 = load i32, ptr %ip, align 4",
         "  %row = zext i32 %i32 to i64"]
        if loop.indexed
        else ["  %row = add i64 %j, 0"]
    )  # fmt: skip
    return "\n".join(
        [*sorted(loop.declares), head, "entry:", *loads, "  %any = icmp slt i64 %start, %stop",
         "  br i1 %any, label %loop, label %exit", "loop:",
         "  %j = phi i64 [ %start, %entry ], [ %next, %loop ]", *row, *loop.lines,
         "  %next = add nuw nsw i64 %j, 1", "  %more = icmp slt i64 %next, %stop",
         "  br i1 %more, label %loop, label %exit", "exit:", "  ret void", "}",
         *_front(loop), ""]
    )  # fmt: skip


def _front(loop: Loop) -> list[str]:
    lines = [
        "define void @run(ptr %cols, ptr %outs, ptr %params, ptr %idx, i64 %start, i64 %stop) nounwind {"
    ]
    for name, array, count in (("c", "cols", loop.columns), ("o", "outs", loop.outputs)):
        for n in range(count):
            lines.append(f"  %{name}p{n} = getelementptr ptr, ptr %{array}, i64 {n}")
            lines.append(f"  %{name}{n} = load ptr, ptr %{name}p{n}, align 8")
    given = [f"ptr %c{n}" for n in range(loop.columns)] + [f"ptr %o{n}" for n in range(loop.outputs)]
    given += ["ptr %idx", "ptr %params", "i64 %start", "i64 %stop"]
    return [*lines, f"  call void @body({', '.join(given)})", "  ret void", "}"]


@once
def _ready() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _target(level: int) -> llvm.TargetMachine:
    """A target of its own for every engine: an engine takes it along when it goes."""
    _ready()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=min(level + 1, 3) if level else 0
    )


def build(loop: Loop, *, level: int = 2) -> Machine:
    """Compile, or take the object code that an earlier process left."""
    target, text = _target(level), text_of(loop)
    features = llvm.get_host_cpu_features().flatten()
    seed = "|".join((llvmlite.__version__, llvm.get_host_cpu_name(), features, str(level), text))
    place = cache.folder("kernel") / f"{hashlib.sha256(seed.encode()).hexdigest()}.o"
    kept = cache.read(place)
    module = llvm.parse_assembly(text)
    module.name = "kernel"
    if kept is None and level:
        _optimise(module, target, level, vector=loop.plain)
    engine = llvm.create_mcjit_compiler(module, target)
    engine.set_object_cache(lambda _, code: cache.write(place, code, MOST), lambda _: kept)
    engine.finalize_object()
    return Machine(_PROTOTYPE(engine.get_function_address("run")), engine, kept is not None)


def _optimise(module: llvm.ModuleRef, target: llvm.TargetMachine, level: int, *, vector: bool) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = vector
    options.slp_vectorization = False
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
